"""Access tokens of RFC 9068: their content, and the tokens that are refused."""

import base64
import json
import warnings
from dataclasses import replace
from typing import Any

import pytest
from joserfc import jws, jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import KeySet, OKPKey

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from auth.scopes import Scope
from auth.tokens import (
    PurposeNotAllowed,
    TokenExpired,
    TokenInvalid,
    TokenNotYetValid,
    Tokens,
    select_purpose,
)
from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from tests.auth.conftest import Clock

GRANT = Grant(
    agency="education@410105",
    client="education-410105-3f9a",
    scopes=DEPARTMENTS["education"].scopes,
    regions=("410105",),
    purpose="education-aid",
    purposes=("education-aid", "monitoring"),
)

ODD_HEADERS: list[object] = [
    [],
    ["alg"],
    5,
    None,
    "x",
    {},
    {"alg": []},
    {"alg": "EdDSA", "kid": "x", "typ": "at+jwt", "crit": 5},
    {"alg": "EdDSA", "kid": ["x"], "typ": "at+jwt"},
    {"alg": "EdDSA", "kid": "x", "typ": {}},
    {"alg": "EdDSA", "kid": "x", "typ": ["JWT"]},
]


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, without verification."""
    signed = jws.extract_compact(token.encode())
    return dict(signed.headers()), json.loads(signed.payload)


def signed(keys: Keys, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """A token with a valid signature of the hub's key, and any header and claims."""
    key = OKPKey.import_key({name: part for name, part in keys.signing[0].items() if name != "alg"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        return jwt.encode(header, claims, key, algorithms=["EdDSA", "Ed25519"], default_type=None)


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_token_carries_the_claims_of_rfc_9068(tokens: Tokens, keys: Keys, settings: Settings) -> None:
    header, claims = parts(tokens.issue(GRANT))
    assert header == {"typ": "at+jwt", "alg": "EdDSA", "kid": keys.signing[0]["kid"]}
    jti = claims.pop("jti")
    assert jti != parts(tokens.issue(GRANT))[1]["jti"]
    assert claims == {
        "iss": settings.issuer,
        "aud": settings.audience,
        "sub": "education-410105-3f9a",
        "client_id": "education-410105-3f9a",
        "iat": 1_800_000_000,
        "exp": 1_800_000_000 + settings.token_seconds,
        "scope": " ".join(sorted(GRANT.scopes)),
        "agency": "education@410105",
        "regions": ["410105"],
        "purposes": ["education-aid", "monitoring"],
        "reject_forbidden": False,
        "trusted_documents_only": False,
    }


@pytest.mark.parametrize(
    "changes", [{}, {"person": "a-person"}, {"reject_forbidden": True}, {"trusted_documents_only": True}]
)
def test_a_verified_token_is_the_grant_it_was_issued_for(tokens: Tokens, changes: dict[str, Any]) -> None:
    grant = replace(GRANT, **changes)
    token = tokens.issue(grant)
    assert tokens.verify(token) == grant
    assert tokens.verify(token).token_id == parts(token)[1]["jti"]


def test_a_scope_that_this_version_does_not_know_opens_nothing(tokens: Tokens, keys: Keys) -> None:
    header, claims = parts(tokens.issue(GRANT))
    token = signed(keys, header, {**claims, "scope": "person:read person.soul:read"})
    assert tokens.verify(token).scopes == {Scope.PERSON_READ}


def test_an_expired_token_is_refused(tokens: Tokens, clock: Clock) -> None:
    token = tokens.issue(GRANT)
    clock.seconds += 631
    with pytest.raises(TokenExpired):
        tokens.verify(token)


def test_a_remembered_token_is_refused_once_it_has_expired(tokens: Tokens, clock: Clock) -> None:
    token = tokens.issue(GRANT)
    first = tokens.verify(token)
    clock.seconds += 629
    assert tokens.verify(token) is first
    clock.seconds += 1
    for _ in range(2):
        with pytest.raises(TokenExpired):
            tokens.verify(token)


def test_no_more_tokens_are_remembered_than_said_and_the_last_used_stay(
    keys: Keys, settings: Settings, clock: Clock
) -> None:
    tokens = Tokens(keys, settings, clock, remember=2)
    one, two, three = (tokens.issue(GRANT) for _ in range(3))
    first, second = tokens.verify(one), tokens.verify(two)
    assert tokens.verify(one) is first
    tokens.verify(three)
    assert tokens.verify(one) is first
    assert tokens.verify(two) is not second


def test_clocks_of_two_processes_may_be_30_seconds_apart(tokens: Tokens, clock: Clock) -> None:
    token = tokens.issue(GRANT)
    clock.seconds -= 30
    assert tokens.verify(token).agency == GRANT.agency
    clock.seconds += 659
    assert tokens.verify(token).agency == GRANT.agency


@pytest.mark.parametrize("claim", ["iat", "nbf"])
def test_a_token_from_the_future_is_refused_for_its_time(
    tokens: Tokens, keys: Keys, clock: Clock, claim: str
) -> None:
    header, claims = parts(tokens.issue(GRANT))
    late = signed(keys, header, {**claims, claim: int(clock()) + 31})
    with pytest.raises(TokenNotYetValid, match=f"not valid yet .its {claim} "):
        tokens.verify(late)
    clock.seconds += 1
    assert tokens.verify(late).agency == GRANT.agency


def test_a_changed_claim_breaks_the_signature(tokens: Tokens) -> None:
    header, claims = parts(token := tokens.issue(GRANT))
    forged = f"{encoded(header)}.{encoded({**claims, 'scope': 'hub:admin'})}.{token.rpartition('.')[2]}"
    with pytest.raises(TokenInvalid, match="signature does not verify"):
        tokens.verify(forged)


def test_another_hubs_key_is_not_accepted_even_under_this_hubs_key_id(
    tokens: Tokens, keys: Keys, settings: Settings, clock: Clock
) -> None:
    theirs = Keys.create()
    with pytest.raises(TokenInvalid, match="a key that is not this hub's"):
        tokens.verify(Tokens(theirs, settings, clock).issue(GRANT))
    posing = replace(theirs, signing=({**theirs.signing[0], "kid": keys.signing[0]["kid"]},))
    with pytest.raises(TokenInvalid, match="signature does not verify"):
        tokens.verify(Tokens(posing, settings, clock).issue(GRANT))


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "Ed25519", "ES256"])
def test_no_other_algorithm_is_accepted(tokens: Tokens, keys: Keys, algorithm: str) -> None:
    header, claims = parts(token := tokens.issue(GRANT))
    for signature in ("", token.rpartition(".")[2]):
        with pytest.raises(TokenInvalid, match="algorithm is not EdDSA"):
            tokens.verify(f"{encoded({**header, 'alg': algorithm})}.{encoded(claims)}.{signature}")


@pytest.mark.parametrize("kind", ["JWT", "jwt", "id_token+jwt", "seal+jws", ""])
def test_what_the_hubs_key_signed_for_another_use_is_no_access_token(
    tokens: Tokens, keys: Keys, kind: str
) -> None:
    header, claims = parts(tokens.issue(GRANT))
    with pytest.raises(TokenInvalid, match="header is not that of an access token"):
        tokens.verify(signed(keys, {**header, "typ": kind}, claims))


def test_a_token_must_say_its_type(tokens: Tokens, keys: Keys) -> None:
    header, claims = parts(tokens.issue(GRANT))
    with pytest.raises(TokenInvalid, match="not a signed JWT of type at"):
        tokens.verify(signed(keys, {"alg": "EdDSA", "kid": header["kid"]}, claims))


def test_a_token_must_name_its_key(tokens: Tokens, keys: Keys) -> None:
    _, claims = parts(tokens.issue(GRANT))
    with pytest.raises(TokenInvalid, match="not a signed JWT of type at"):
        tokens.verify(signed(keys, {"alg": "EdDSA", "typ": "at+jwt"}, claims))


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("aud", "another-service"),
        ("aud", ["another-service"]),
        ("aud", 7),
        ("iss", "https://hub.example.org"),
        ("exp", "1900000000"),
        ("exp", None),
        ("iat", None),
        ("jti", None),
        ("sub", None),
        ("client_id", None),
        ("scope", None),
        ("agency", None),
        ("regions", None),
        ("regions", []),
        ("purposes", []),
    ],
)
def test_a_claim_that_is_wrong_or_missing_is_refused(
    tokens: Tokens, keys: Keys, claim: str, value: object
) -> None:
    header, claims = parts(tokens.issue(GRANT))
    claims = {name: said for name, said in {**claims, claim: value}.items() if said is not None}
    with pytest.raises(TokenInvalid, match=f"claim {claim} "):
        tokens.verify(signed(keys, header, claims))


ODD_VALUES: list[object] = [
    7, -1, 10**400, 1.5, True, "", " ", "\x00", "全部", {}, {"a": 1}, [], [7], [[]], [""], ["4101", None], ["4101%"], ["4"],
]  # fmt: skip


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf", "jti", "sub", "client_id", "scope", "agency", "regions", "purposes",
                                   "reject_forbidden", "trusted_documents_only", "iss", "aud"])  # fmt: skip
def test_a_claim_of_another_form_under_the_hubs_own_key_is_refused_and_not_a_failure_of_the_hub(
    tokens: Tokens, keys: Keys, claim: str
) -> None:
    header, claims = parts(tokens.issue(GRANT))
    for value in ODD_VALUES:
        try:
            grant = tokens.verify(signed(keys, header, {**claims, claim: value}))
        except (TokenInvalid, TokenExpired, TokenNotYetValid):
            continue
        assert grant.regions == GRANT.regions, (claim, value)
        assert grant.agency == GRANT.agency, (claim, value)


def test_one_of_several_audiences_is_enough(tokens: Tokens, keys: Keys, settings: Settings) -> None:
    header, claims = parts(tokens.issue(GRANT))
    assert tokens.verify(signed(keys, header, {**claims, "aud": ["other", settings.audience]})) == GRANT


@pytest.mark.parametrize(
    "junk",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "\x00",
        "\ud800",
        "\xff.\xff.\xff",
        "令牌",
        *(f"{encoded(header)}.e30.AAAA" for header in ODD_HEADERS),
        "x" * 200_000,
    ],
)
def test_junk_is_refused_and_not_a_failure_of_the_hub(tokens: Tokens, junk: str) -> None:
    with pytest.raises(TokenInvalid):
        tokens.verify(junk)


def test_an_older_key_still_verifies_and_the_first_signs(
    keys: Keys, settings: Settings, clock: Clock, tokens: Tokens
) -> None:
    rotated = replace(keys, signing=(*Keys.create().signing, *keys.signing))
    after = Tokens(rotated, settings, clock)
    assert after.verify(tokens.issue(GRANT)) == GRANT
    assert parts(after.issue(GRANT))[0]["kid"] == rotated.signing[0]["kid"]
    assert [key["kid"] for key in after.jwks()["keys"]] == [key["kid"] for key in rotated.signing]


def test_the_published_keys_hold_no_private_part(tokens: Tokens, keys: Keys) -> None:
    (published,) = tokens.jwks()["keys"]
    assert set(published) == {"kty", "crv", "x", "kid", "use", "alg"}
    assert keys.signing[0]["d"] not in json.dumps(tokens.jwks())


def test_a_client_verifies_a_token_with_the_published_keys(tokens: Tokens, settings: Settings) -> None:
    published = KeySet.import_key_set(json.loads(json.dumps(tokens.jwks())))
    with pytest.warns(SecurityWarning, match="RFC 9864"):
        claims = jwt.decode(tokens.issue(GRANT), published, algorithms=["EdDSA"]).claims
    assert claims["iss"] == settings.issuer


def test_issuing_and_verifying_warn_of_nothing(tokens: Tokens) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tokens.verify(tokens.issue(GRANT))


def test_a_purpose_is_the_one_named_or_else_the_first() -> None:
    assert select_purpose(GRANT, None) is GRANT
    assert select_purpose(GRANT, "education-aid") is GRANT
    assert select_purpose(GRANT, "monitoring") == replace(GRANT, purpose="monitoring")


@pytest.mark.parametrize("header", ["", "audit", "Monitoring", "monitoring ", "education-aid, monitoring"])
def test_a_purpose_that_is_not_the_clients_is_refused_with_those_that_are(header: str) -> None:
    with pytest.raises(PurposeNotAllowed, match="education-aid, monitoring") as refusal:
        select_purpose(GRANT, header)
    assert refusal.value.code == "PURPOSE_NOT_ALLOWED"
