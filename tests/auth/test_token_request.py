"""Credentials and forms at the token endpoint, in every valid and invalid spelling of their headers (RFC 6749, RFC 7617, RFC
9110)."""

import base64
import gzip

import httpx
import pytest

from auth.clients import NewClient

FORM = "application/x-www-form-urlencoded"
ASKING = b"grant_type=client_credentials"
pytestmark = pytest.mark.anyio


def basic(client: NewClient) -> str:
    return base64.b64encode(f"{client.client_id}:{client.client_secret}".encode()).decode()


@pytest.mark.parametrize(
    "media", [FORM, f"{FORM.upper()}", f"{FORM}; charset=UTF-8", f'{FORM} ; charset="utf-8"', f"{FORM};"]
)
@pytest.mark.parametrize("scheme", ["Basic ", "basic ", "BASIC   "])
async def test_the_form_and_the_scheme_are_read_in_any_case_and_with_parameters(
    hub: httpx.AsyncClient, education: NewClient, media: str, scheme: str
) -> None:
    headers = {"content-type": media, "authorization": scheme + basic(education)}
    assert (await hub.post("/oauth/token", content=ASKING, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "media", [f"{FORM}, {FORM}", f"text/plain; {FORM}", f"{FORM}x", "multipart/form-data", ""]
)
async def test_another_form_is_refused(hub: httpx.AsyncClient, education: NewClient, media: str) -> None:
    headers = {"content-type": media, "authorization": f"Basic {basic(education)}"}
    answered = await hub.post("/oauth/token", content=ASKING, headers=headers)
    assert (answered.status_code, answered.json()["error"]) == (400, "invalid_request")


async def test_a_compressed_form_is_refused(hub: httpx.AsyncClient, education: NewClient) -> None:
    headers = {"content-type": FORM, "content-encoding": "gzip", "authorization": f"Basic {basic(education)}"}
    answered = await hub.post("/oauth/token", content=gzip.compress(ASKING), headers=headers)
    assert (answered.status_code, answered.json()["error"]) == (415, "invalid_request")


async def test_credentials_that_come_twice_are_refused(hub: httpx.AsyncClient, education: NewClient) -> None:
    line = ("authorization", f"Basic {basic(education)}")
    answered = await hub.post("/oauth/token", content=ASKING, headers=[("content-type", FORM), line, line])
    assert (answered.status_code, answered.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("given", ["a\x00:b", "a%00:b", "a:b\x00", "a\n:b", ":", "密:钥", "a"])
async def test_credentials_that_no_client_can_have_are_refused_as_wrong_ones(
    hub: httpx.AsyncClient, given: str
) -> None:
    coded = base64.b64encode(given.encode()).decode()
    headers = {"content-type": FORM, "authorization": f"Basic {coded}"}
    answered = await hub.post("/oauth/token", content=ASKING, headers=headers)
    assert (answered.status_code, answered.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(("size", "status"), [(16_383, 200), (16_384, 200), (16_385, 413)])
async def test_a_form_has_at_most_16_kib(
    hub: httpx.AsyncClient, education: NewClient, size: int, status: int
) -> None:
    headers = {"content-type": FORM, "authorization": f"Basic {basic(education)}"}
    form = (ASKING + b"&padding=").ljust(size, b"x")
    assert (await hub.post("/oauth/token", content=form, headers=headers)).status_code == status


@pytest.mark.parametrize(("many", "status"), [(19, 200), (20, 200), (21, 400)])
async def test_a_form_has_at_most_twenty_parameters(
    hub: httpx.AsyncClient, education: NewClient, many: int, status: int
) -> None:
    headers = {"content-type": FORM, "authorization": f"Basic {basic(education)}"}
    form = ASKING + b"".join(b"&p%d=x" % number for number in range(many - 1))
    assert (await hub.post("/oauth/token", content=form, headers=headers)).status_code == status
