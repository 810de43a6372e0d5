"""Registering, finding, listing and revoking clients, on a real database."""

import base64

import pytest
import sqlalchemy as sa

from auth.clients import (
    NewClient,
    PurposeNotOfDepartment,
    ScopeNotOfDepartment,
    UnknownAgency,
    create_client,
    find_client,
    list_clients,
    revoke_client,
    secret_digest,
)
from auth.departments import DEPARTMENTS
from auth.scopes import Scope
from auth.tables import OAuthClientRow
from hub.foundation.database import Database, table_of
from hub.foundation.errors import HubError, InvalidInput, NotFound

pytestmark = pytest.mark.anyio


async def count(database: Database) -> int:
    async with database.write() as session:
        return len((await session.execute(sa.select(table_of(OAuthClientRow)))).all())


async def test_a_client_has_a_readable_id_and_a_secret_of_256_bits(education: NewClient) -> None:
    department, region, tail = education.client_id.split("-")
    assert (department, region, len(tail)) == ("education", "410105", 4)
    assert len(base64.urlsafe_b64decode(education.client_secret + "=")) == 32
    assert education.scopes == DEPARTMENTS["education"].scopes


async def test_only_a_digest_of_the_secret_is_kept(database: Database, education: NewClient) -> None:
    async with database.write() as session:
        rows = (await session.execute(sa.select(table_of(OAuthClientRow)))).all()
    assert len(rows) == 1
    assert education.client_secret not in repr(rows)
    assert rows[0].secret_hash == secret_digest(education.client_secret)


async def test_a_secret_stands_in_no_representation(database: Database, education: NewClient) -> None:
    async with database.write() as connection:
        found = await find_client(connection, education.client_id)
    assert education.client_secret not in repr(education)
    assert "secret_hash" not in repr(found)


async def test_a_found_client_knows_its_agency_and_region(database: Database, education: NewClient) -> None:
    async with database.write() as connection:
        found = await find_client(connection, education.client_id)
    assert found is not None
    assert (found.agency_id, found.region, found.name) == ("education@410105", "410105", "学籍系统")
    assert (found.scopes, found.purposes) == (education.scopes, ("education-aid", "monitoring"))
    assert found.check_client_secret(education.client_secret)
    assert not found.check_client_secret(education.client_secret[:-1])


@pytest.mark.parametrize("client_id", ["", "education-410105", "nul\x00nul", "教育"])
async def test_an_unknown_id_finds_nobody(database: Database, education: NewClient, client_id: str) -> None:
    async with database.write() as connection:
        assert await find_client(connection, client_id) is None


async def test_a_client_may_hold_less_than_its_department(database: Database) -> None:
    async with database.write() as session:
        client = await create_client(
            session, "education@4101", name="大屏", scopes={Scope.AID_READ}, purposes=["monitoring"]
        )
    async with database.write() as connection:
        found = await find_client(connection, client.client_id)
    assert found is not None
    assert found.scopes == {Scope.AID_READ}
    assert found.grant(found.scopes).purpose == "monitoring"


@pytest.mark.parametrize(
    ("agency", "scopes", "purposes", "error", "said"),
    [
        ("education@999999", None, None, UnknownAgency, "education@999999"),
        ("' or true --", None, None, UnknownAgency, "department@region"),
        (
            "education@410105",
            {"aid.medical:read", "aid:read"},
            None,
            ScopeNotOfDepartment,
            "aid.medical:read",
        ),
        ("education@410105", {"no:such"}, None, ScopeNotOfDepartment, "no:such"),
        ("civil_affairs@4101", {"hub:admin"}, None, ScopeNotOfDepartment, "hub:admin"),
        ("education@410105", set(), None, InvalidInput, "scopes"),
        ("education@410105", None, ["audit"], PurposeNotOfDepartment, "education-aid, monitoring"),
        ("education@410105", None, [], PurposeNotOfDepartment, "education-aid, monitoring"),
    ],
)
async def test_what_the_agency_cannot_have_is_refused_by_name_and_nothing_is_kept(
    database: Database,
    agency: str,
    scopes: set[str] | None,
    purposes: list[str] | None,
    error: type[HubError],
    said: str,
) -> None:
    with pytest.raises(error, match=said):
        async with database.write() as session:
            await create_client(session, agency, name="x", scopes=scopes, purposes=purposes)
    assert await count(database) == 0


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "长" * 101, "nul\x00", "line\nbreak"])
async def test_a_name_must_be_a_line_of_text(database: Database, name: str) -> None:
    with pytest.raises(InvalidInput, match="name"):
        async with database.write() as session:
            await create_client(session, "education@410105", name=name)
    assert await count(database) == 0


@pytest.mark.parametrize("length", [1, 99, 100])
async def test_a_name_has_up_to_a_hundred_characters(database: Database, length: int) -> None:
    async with database.write() as session:
        made = await create_client(session, "education@410105", name="长" * length)
    assert len(made.client_id) > 0
    assert await count(database) == 1


async def test_clients_are_listed_by_agency_the_revoked_too(database: Database) -> None:
    async with database.write() as session:
        second = await create_client(session, "education@410105", name="乙")
        third = await create_client(session, "education@410105", name="丙")
        first = await create_client(session, "audit@4101", name="甲")
        await revoke_client(session, second.client_id)
    async with database.write() as connection:
        everyone = await list_clients(connection)
        schools = await list_clients(connection, "education@410105")
    assert [client.client_id for client in everyone] == [first.client_id, second.client_id, third.client_id]
    assert [client.revoked_at is None for client in everyone] == [True, False, True]
    assert schools == everyone[1:]


async def test_revoking_again_keeps_the_first_instant(database: Database, education: NewClient) -> None:
    instants = []
    for _ in range(2):
        async with database.write() as session:
            await revoke_client(session, education.client_id)
        async with database.write() as connection:
            found = await find_client(connection, education.client_id)
        assert found is not None
        instants.append(found.revoked_at)
    assert instants[0] is not None
    assert instants[0] == instants[1]


async def test_an_unknown_client_cannot_be_revoked(database: Database, education: NewClient) -> None:
    with pytest.raises(NotFound):
        async with database.write() as session:
            await revoke_client(session, "nobody")
    async with database.write() as connection:
        found = await find_client(connection, education.client_id)
    assert found is not None
    assert found.revoked_at is None
