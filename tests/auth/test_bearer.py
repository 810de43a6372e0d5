"""Bearer tokens in requests and the challenge in refusals (RFC 6750, RFC 9728)."""

import pytest

from auth.bearer import bearer_token, challenge
from auth.tokens import TokenExpired, TokenInvalid, TokenMissing
from hub.foundation.settings import Settings


@pytest.mark.parametrize("header", ["Bearer abc.def", "bearer abc.def", "BEARER   abc.def "])
def test_the_token_is_read_from_the_header(header: str) -> None:
    assert bearer_token([header]) == "abc.def"


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic abc", "abc.def", "Bearerabc"])
def test_a_header_without_a_token_is_refused(header: str | None) -> None:
    with pytest.raises(TokenMissing):
        bearer_token([] if header is None else [header])


def test_a_request_with_two_tokens_is_refused() -> None:
    with pytest.raises(TokenInvalid):
        bearer_token(["Bearer abc.def", "Bearer abc.def"])


@pytest.mark.parametrize(
    ("issuer", "metadata"),
    [
        ("https://hub.example.org", "https://hub.example.org/.well-known/oauth-protected-resource/graphql"),
        ("https://hub.example.org/", "https://hub.example.org/.well-known/oauth-protected-resource/graphql"),
        ("https://gov.cn/hub", "https://gov.cn/.well-known/oauth-protected-resource/hub/graphql"),
        ("https://gov.cn:8443/a/b/", "https://gov.cn:8443/.well-known/oauth-protected-resource/a/b/graphql"),
    ],
)
def test_the_challenge_names_the_metadata_and_an_error_only_where_a_token_was_sent(
    issuer: str, metadata: str
) -> None:
    settings, named = Settings(issuer=issuer), f'resource_metadata="{metadata}"'
    assert challenge(TokenMissing(), settings) == f"Bearer {named}"
    assert challenge(TokenExpired(), settings) == f'Bearer error="invalid_token", {named}'
