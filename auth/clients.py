"""OAuth clients: registering, finding, listing and revoking them.

A client belongs to one agency. It holds at most what `departments.toml` allows the agency's department today: a scope or
purpose that the file no longer has is missing from the client's next token. The hub does not look tokens up when they are
used, so a token of a revoked client works until it expires, after `HUB_TOKEN_SECONDS` (ten minutes) at most.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from authlib.oauth2.rfc6749 import ClientMixin
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from auth.departments import DEPARTMENTS, DepartmentPermissions
from auth.grant import Grant
from auth.scopes import Scope
from auth.tables import OAuthClientRow
from hub.foundation.database import now, table_of
from hub.foundation.errors import HubError, InvalidInput, NotFound

_client = table_of(OAuthClientRow)
_agency = sa.table(
    "agency", sa.column("id", sa.Text), sa.column("department", sa.Text), sa.column("region", sa.Text)
)


class UnknownAgency(HubError):
    """There is no agency {agency}; an agency is written department@region, as in education@410105.
    没有单位“{agency}”;单位写作 部门@区划,例如“education@410105”。
    """


class ScopeNotOfDepartment(HubError):
    """A client of {department} cannot be given: {scopes}.
    {department} 的客户端不能被授予:{scopes}。
    """


class PurposeNotOfDepartment(HubError):
    """A client of {department} may claim only these purposes: {purposes}.
    {department} 的客户端只能申明以下用途:{purposes}。
    """


@dataclass(frozen=True, slots=True)
class RegisteredClient(ClientMixin):
    """A registered client; `scopes` and `purposes` are those that its department still has."""

    client_id: str
    name: str
    agency_id: str
    region: str
    scopes: frozenset[Scope]
    purposes: tuple[str, ...]
    reject_forbidden: bool
    trusted_documents_only: bool
    created_at: datetime
    revoked_at: datetime | None
    secret_hash: bytes = field(repr=False)

    def get_client_id(self) -> str:
        """The id (Authlib's name for it)."""
        return self.client_id

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether the client may use a grant type (Authlib's name for it): client credentials only."""
        return grant_type == "client_credentials"

    def check_client_secret(self, client_secret: str) -> bool:
        """Compares with the stored digest, in constant time."""
        return hmac.compare_digest(secret_digest(client_secret), self.secret_hash)

    def grant(self, scopes: Collection[Scope]) -> Grant:
        """The grant of a token with these scopes."""
        return Grant(
            agency=self.agency_id,
            client=self.client_id,
            scopes=frozenset(scopes),
            regions=(self.region,),
            purpose=self.purposes[0],
            purposes=self.purposes,
            reject_forbidden=self.reject_forbidden,
            trusted_documents_only=self.trusted_documents_only,
        )


@dataclass(frozen=True, slots=True)
class NewClient:
    """A new client. Its secret is stored nowhere else: show it once."""

    client_id: str
    client_secret: str = field(repr=False)
    agency_id: str
    scopes: frozenset[Scope]
    purposes: tuple[str, ...]


def secret_digest(client_secret: str) -> bytes:
    """The stored digest of a secret, SHA-256. A slow password hash would add nothing: an attacker must guess 256 random bits."""
    return hashlib.sha256(client_secret.encode()).digest()


async def require_agency(session: AsyncSession, agency_id: str) -> sa.RowMapping:
    """The agency's id, department and region; raises UnknownAgency."""
    found = await session.execute(sa.select(_agency).where(_agency.c.id == agency_id))
    agency = found.mappings().one_or_none()
    if agency is None:
        raise UnknownAgency(agency=agency_id)
    return agency


async def create_client(
    session: AsyncSession,
    agency_id: str,
    *,
    name: str,
    scopes: Collection[str] | None = None,
    purposes: Collection[str] | None = None,
    reject_forbidden: bool = False,
    trusted_documents_only: bool = False,
) -> NewClient:
    """Register a client of an agency, with a readable id (`education-410105-3f9a`) and a fresh secret.

    None for scopes or purposes means all that the department has. `trusted_documents_only`: it may send registered documents
    only (`auth.documents`). Raises UnknownAgency, ScopeNotOfDepartment, PurposeNotOfDepartment, InvalidInput.
    """
    if not name.strip() or len(name) > 100 or not name.isprintable():
        raise InvalidInput(
            field="name", reason="1 to 100 printable characters", reason_zh="须为 1 至 100 个可见字符"
        )
    agency = await require_agency(session, agency_id)
    permissions = DEPARTMENTS[agency["department"]]
    given = _scopes_within(permissions, scopes)
    claimed = _purposes_within(permissions, purposes)
    secret = secrets.token_urlsafe(32)
    registered: str | None = None
    while registered is None:
        values = {
            "client_id": f"{agency['department']}-{agency['region']}-{secrets.token_hex(2)}",
            "client_name": name.strip(),
            "secret_hash": secret_digest(secret),
            "agency_id": agency_id,
            "scopes": sorted(given),
            "purposes": list(claimed),
            "reject_forbidden": reject_forbidden,
            "trusted_documents_only": trusted_documents_only,
            "created_at": now(),
        }
        insert = pg.insert(_client).values(values).on_conflict_do_nothing().returning(_client.c.client_id)
        registered = (await session.execute(insert)).scalar_one_or_none()
    return NewClient(registered, secret, agency_id, given, claimed)


def _scopes_within(permissions: DepartmentPermissions, asked: Collection[str] | None) -> frozenset[Scope]:
    if asked is None:
        return permissions.scopes
    if not asked:
        raise InvalidInput(field="scopes", reason="a client needs one at least", reason_zh="至少需要一项权限")
    if beyond := sorted(set(asked) - permissions.scopes):
        raise ScopeNotOfDepartment(department=permissions.department, scopes=", ".join(beyond))
    return frozenset(scope for scope in permissions.scopes if scope in asked)


def _purposes_within(permissions: DepartmentPermissions, asked: Collection[str] | None) -> tuple[str, ...]:
    """The purposes in the caller's order; the first is the client's default."""
    claimed = permissions.purposes if asked is None else tuple(dict.fromkeys(asked))
    if not claimed or not set(claimed) <= set(permissions.purposes):
        raise PurposeNotOfDepartment(
            department=permissions.department, purposes=", ".join(permissions.purposes)
        )
    return claimed


_registered = sa.select(_client, _agency.c.department, _agency.c.region).join(
    _agency, _agency.c.id == _client.c.agency_id
)


def _read(row: sa.RowMapping) -> RegisteredClient:
    permissions = DEPARTMENTS[row["department"]]
    return RegisteredClient(
        client_id=row["client_id"],
        name=row["client_name"],
        agency_id=row["agency_id"],
        region=row["region"],
        scopes=frozenset(scope for scope in permissions.scopes if scope.value in row["scopes"]),
        purposes=tuple(purpose for purpose in row["purposes"] if purpose in permissions.purposes),
        reject_forbidden=row["reject_forbidden"],
        trusted_documents_only=row["trusted_documents_only"],
        created_at=row["created_at"],
        revoked_at=row["revoked_at"],
        secret_hash=row["secret_hash"],
    )


async def find_client(session: AsyncSession | AsyncConnection, client_id: str) -> RegisteredClient | None:
    """The client of an id, revoked or not; None if there is no such client."""
    if "\x00" in client_id:  # PostgreSQL's text cannot hold it, so no id has it
        return None
    row = (await session.execute(_registered.where(_client.c.client_id == client_id))).mappings()
    found = row.one_or_none()
    return None if found is None else _read(found)


async def agency_of_client(session: AsyncSession, client_id: str) -> str:
    """The agency of a client, revoked or not; raises NotFound."""
    found = await find_client(session, client_id)
    if found is None:
        raise NotFound(noun="client", noun_zh="客户端")
    return found.agency_id


async def list_clients(
    session: AsyncSession | AsyncConnection, agency_id: str | None = None
) -> list[RegisteredClient]:
    """All clients, or those of one agency, revoked ones included, ordered by agency, then by age."""
    query = _registered.order_by(_client.c.agency_id, _client.c.created_at, _client.c.client_id)
    if agency_id is not None:
        query = query.where(_client.c.agency_id == agency_id)
    return [_read(row) for row in (await session.execute(query)).mappings()]


async def revoke_client(session: AsyncSession, client_id: str) -> None:
    """Issue no more tokens to the client; revoking it again keeps the first instant. Raises NotFound."""
    revoked = await session.execute(
        sa.update(_client)
        .where(_client.c.client_id == client_id)
        .values(revoked_at=sa.func.coalesce(_client.c.revoked_at, now()))
        .returning(_client.c.client_id)
    )
    if revoked.scalar_one_or_none() is None:
        raise NotFound(noun="client", noun_zh="客户端")
