"""Access tokens: JWTs of RFC 9068 that hold a grant for ten minutes.

Signed with Ed25519 under the name `EdDSA` (RFC 8037). RFC 9864 prefers the name `Ed25519` for the same signature, but most
verifiers in use know only the older name, and skip keys with the newer one.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, Any

from joserfc import jws, jwt
from joserfc.errors import (
    BadSignatureError,
    ClaimError,
    ExpiredTokenError,
    InvalidHeaderValueError,
    InvalidKeyIdError,
    JoseError,
    UnsupportedAlgorithmError,
)
from joserfc.jwk import KeySet, OKPKey
from joserfc.jws import JWSRegistry
from joserfc.registry import HeaderParameter, in_choices
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from auth.addresses import resources
from auth.grant import Grant
from auth.scopes import Scope
from hub.foundation.database import new_id
from hub.foundation.encryption import Keys
from hub.foundation.errors import HubError
from hub.foundation.settings import Settings

ALGORITHM = "EdDSA"
LEEWAY_SECONDS = 30
"""How far the clocks of two hub processes may differ (RFC 7519 section 4.1.4)."""

_TYPES = ["at+jwt", "application/at+jwt"]
_REQUIRED = ("iss", "aud", "exp", "iat", "jti", "sub", "client_id", "scope", "agency", "regions", "purposes")
_SCOPES = {scope.value: scope for scope in Scope}


class TokenMissing(HubError):
    """The request carries no access token; send `Authorization: Bearer …` with one from /oauth/token.
    请求未携带访问令牌,请从 /oauth/token 取得令牌并以 `Authorization: Bearer …` 发送。
    """


class TokenInvalid(HubError):
    """The access token cannot be used: {reason}. Get a new one from /oauth/token.
    访问令牌不可用:{reason_zh}。请从 /oauth/token 重新取得。
    """


class TokenExpired(HubError):
    """The access token has expired; get a new one from /oauth/token.
    访问令牌已过期,请从 /oauth/token 重新取得。
    """


class TokenNotYetValid(HubError):
    """By this hub's clock the access token is not valid yet (its {claim} lies in the future); compare the clocks of the machines.
    按本平台的时钟,该访问令牌尚未生效(其“{claim}”在将来),请核对各服务器的时钟。
    """


class PurposeNotAllowed(HubError):
    """Your client is not registered for this purpose; Hub-Purpose may be: {purposes}.
    您的客户端未登记该用途;Hub-Purpose 可以是:{purposes}。
    """

    @property
    def extensions(self) -> dict[str, object]:
        """The usual extensions, and the client's own purposes as a list."""
        return {**super().extensions, "purposes": str(self.details["purposes"]).split(", ")}


class _Signatures(JWSRegistry):
    """Accepts `EdDSA` only, without joserfc's warning about the name at every use (the module says why this name)."""

    def __init__(self, types: Sequence[str] = _TYPES) -> None:
        super().__init__(
            header_registry={
                "kid": HeaderParameter("Key ID", "str", required=True),
                "typ": HeaderParameter("Type", in_choices(list(types)), required=True),
            }
        )

    def get_alg(self, name: str) -> Any:
        """The algorithm; raises UnsupportedAlgorithmError for any other name, including `none`."""
        if name != ALGORITHM:
            raise UnsupportedAlgorithmError(name)
        return self.algorithms[name]


class _ClaimsRegistry(jwt.JWTClaimsRegistry):
    """The rules of JWTs. A token from the future has its own code: the clock is wrong, not the content."""

    def validate_iat(self, value: object) -> None:
        """Checks the time of issue; raises TokenNotYetValid, and InvalidClaimError for a value that is no instant."""
        self._refuse_the_future("iat", value)
        super().validate_iat(value)

    def validate_nbf(self, value: object) -> None:
        """Checks the start of validity; raises TokenNotYetValid, and InvalidClaimError for a value that is no instant."""
        self._refuse_the_future("nbf", value)
        super().validate_nbf(value)

    def _refuse_the_future(self, claim: str, value: object) -> None:
        if isinstance(value, int | float) and value > self.now + self.leeway:
            raise TokenNotYetValid(claim=claim)


class Tokens:
    """Issues and verifies the access tokens of one hub. For one event loop; not thread-safe.

    It caches the last `remember` verified tokens by digest until they expire, so that using one again costs one look-up.
    `clock` returns seconds since 1970.
    """

    def __init__(
        self, keys: Keys, settings: Settings, clock: Callable[[], float] = time.time, remember: int = 4096
    ) -> None:
        # The file's `alg` is dropped: joserfc restricts a key to it, and it may be either name of the signature.
        self._keys = KeySet(
            [
                OKPKey.import_key({name: part for name, part in key.items() if name != "alg"})
                for key in keys.signing
            ]
        )
        self._signatures = _Signatures()
        self._settings = settings
        self._clock = clock
        self._remember = remember
        required: dict[str, jwt.ClaimsOption] = {name: {"essential": True} for name in _REQUIRED}
        required["iss"]["value"] = settings.issuer
        required["aud"]["values"] = [settings.audience, *resources(settings)]
        self._claims = _ClaimsRegistry(lambda: int(clock()), LEEWAY_SECONDS, **required)
        self._verified: OrderedDict[bytes, tuple[Grant, float]] = OrderedDict()

    @property
    def seconds(self) -> int:
        """The lifetime of a token in seconds."""
        return self._settings.token_seconds

    def issue(self, grant: Grant, resource: str | None = None) -> str:
        """The grant as a signed token (RFC 9068 section 2.2). Its purpose is selected at each request.

        `resource`: the requested resource, which becomes the audience (RFC 9068 section 3).
        """
        issued_at = int(self._clock())
        claims = {
            "iss": self._settings.issuer,
            "aud": resource or self._settings.audience,
            "sub": grant.person or grant.client,
            "client_id": grant.client,
            "iat": issued_at,
            "exp": issued_at + self.seconds,
            "jti": str(new_id()),
            "scope": " ".join(sorted(grant.scopes)),
            "agency": grant.agency,
            "regions": list(grant.regions),
            "purposes": list(grant.purposes),
            "reject_forbidden": grant.reject_forbidden,
            "trusted_documents_only": grant.trusted_documents_only,
        }
        key = self._keys.keys[0]
        header = {"alg": ALGORITHM, "typ": _TYPES[0], "kid": key.kid}
        return jwt.encode(header, claims, key, registry=self._signatures)

    def verify(self, token: str) -> Grant:
        """The grant of a token, with the client's first purpose; raises TokenInvalid, TokenExpired, TokenNotYetValid."""
        digest = hashlib.sha256(token.encode(errors="surrogatepass")).digest()
        if remembered := self._verified.get(digest):
            grant, expires_at = remembered
            if expires_at + LEEWAY_SECONDS <= int(self._clock()):
                del self._verified[digest]
                raise TokenExpired
            self._verified.move_to_end(digest)
            return grant
        claims = self._verified_claims(token)
        grant = _grant_of(claims)
        self._verified[digest] = (grant, claims.exp)
        if len(self._verified) > self._remember:
            self._verified.popitem(last=False)
        return grant

    def sign(self, document: bytes, kind: str) -> str:
        """Sign a document as a compact JWS (RFC 7515), which `jwks` verifies. `kind` is the header's `typ`. It is no type of
        a token, so no document can be used as a token."""
        key = self._keys.keys[0]
        header = {"alg": ALGORITHM, "typ": kind, "kid": key.kid}
        return jws.serialize_compact(header, document, key, registry=_Signatures([kind]))

    def jwks(self) -> dict[str, Any]:
        """The public keys that verify the tokens (RFC 7517)."""
        return {
            "keys": [{**key.as_dict(private=False), "use": "sig", "alg": ALGORITHM} for key in self._keys]
        }

    def _verified_claims(self, token: str) -> "_Claims":
        try:
            claims = jwt.decode(token, self._keys, registry=self._signatures).claims
            self._claims.validate(claims)
            return _Claims.model_validate(claims)
        except ExpiredTokenError:
            raise TokenExpired from None
        except (
            JoseError,
            TypeError,
            ValueError,
            OverflowError,
        ) as error:  # the others come from a wrong JSON type
            reason, reason_zh = _reason(error)
            raise TokenInvalid(reason=reason, reason_zh=reason_zh) from error


def _reason(error: Exception) -> tuple[str, str]:
    """The reason for the caller. A token of a test hub that is sent to the real hub should be recognised as such."""
    match error:
        case ClaimError():
            return (
                f"its claim {error.claim} is missing or not for this hub",
                f"声明 {error.claim} 缺失或不属于本平台",
            )
        case ValidationError():
            claim = error.errors()[0]["loc"][0]
            return f"its claim {claim} is not of its form", f"声明 {claim} 的格式不正确"
        case BadSignatureError():
            return "its signature does not verify", "签名验证失败"
        case InvalidKeyIdError():
            return "it was signed with a key that is not this hub's", "签名密钥不属于本平台"
        case UnsupportedAlgorithmError():
            return f"its algorithm is not {ALGORITHM}", f"签名算法不是 {ALGORITHM}"
        case InvalidHeaderValueError():
            return "its header is not that of an access token", "不是访问令牌的头部"
        case _:
            return "it is not a signed JWT of type at+jwt", "不是类型为 at+jwt 的签名令牌"


class _Claims(BaseModel):
    """The claims of a token that this hub's key signed (RFC 9068 section 2.2), with their types; other claims are ignored."""

    model_config = ConfigDict(strict=True)

    client_id: str = Field(min_length=1)
    sub: str = Field(min_length=1)
    jti: str = Field(min_length=1)
    exp: int
    scope: str
    agency: str = Field(pattern=r"^[a-z_]+@\d{2,12}$")
    regions: list[Annotated[str, Field(pattern=r"^\d{2,12}$")]]
    purposes: list[Annotated[str, Field(min_length=1)]] = Field(min_length=1)
    reject_forbidden: bool = False
    trusted_documents_only: bool = False


def _grant_of(claims: _Claims) -> Grant:
    """The grant of verified claims. Scopes that this version does not know are left out."""
    return Grant(
        agency=claims.agency,
        client=claims.client_id,
        scopes=frozenset(_SCOPES[word] for word in claims.scope.split() if word in _SCOPES),
        regions=tuple(claims.regions),
        purpose=claims.purposes[0],
        purposes=tuple(claims.purposes),
        person=None if claims.sub == claims.client_id else claims.sub,
        reject_forbidden=claims.reject_forbidden,
        trusted_documents_only=claims.trusted_documents_only,
        token_id=claims.jti,
        expires_at=claims.exp,
    )


def select_purpose(grant: Grant, header: str | None) -> Grant:
    """The grant for the purpose that the header `Hub-Purpose` names, else for the client's first.

    Raises PurposeNotAllowed.
    """
    if header is None or header == grant.purpose:
        return grant
    if header not in grant.purposes:
        raise PurposeNotAllowed(purposes=", ".join(grant.purposes))
    return replace(grant, purpose=header)
