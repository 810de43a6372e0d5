"""A sample in a database: complete, with chains and receipts, and made only where this is allowed."""

from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from hub.foundation.database import Database, table_of
from hub.foundation.encryption import Secrecy, place_of
from hub.ledger.chain import verify_chain
from hub.model.aid import DETAIL_OF, AidKind
from hub.model.certifications import Category
from hub.model.households import HouseholdRow, Residence
from hub.model.installation import InstallationRow
from hub.model.persons import PersonRow
from hub.model.referrals import ReferralStatus
from hub.sample import NotASample, SampleState, begun_households, make_sample, sample_state

pytestmark = pytest.mark.anyio

AS_OF = date(2026, 11, 20)
TOLD = ("household", "person", "certification", "circumstance", "aid_record", "referral", "referral_aid",
        "write_receipt", "shown_household", "monthly_share",
        "share_entry", *(str(table_of(detail).name) for detail in DETAIL_OF.values()))  # fmt: skip


def quiet(_done: int, _total: int) -> None:
    """Shows no progress."""


async def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    async with database.write() as session:  # readers may not read every table
        return [tuple(row) for row in await session.execute(sa.text(query))]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("select distinct category from certification", Category),
        ("select distinct kind from aid_record", AidKind),
        ("select distinct status from referral", ReferralStatus),
        ("select distinct residence from household", Residence),
    ],
)
async def test_every_category_kind_and_status_occurs(sample: Database, query: str, words: Any) -> None:
    assert {word for (word,) in await rows(sample, query)} == {word.value for word in words}


async def test_every_record_has_the_detail_of_its_kind(sample: Database) -> None:
    for kind, detail in DETAIL_OF.items():
        table = table_of(detail).name
        assert (
            await rows(
                sample,
                f"""
            select a.id from aid_record a full join {table} d using (household_id, id, version)
            where (a.kind = '{kind}') is distinct from (d.id is not null)""",
            )
            == []
        )


async def test_every_chain_verifies_and_tells_of_every_record(sample: Database) -> None:
    async with sample.read() as connection:
        for (household,) in await connection.execute(sa.select(table_of(HouseholdRow).c.id)):
            verdict = await verify_chain(connection, household)
            assert verdict.whole, verdict.reason
    for table, first in {
        "household": "HOUSEHOLD_REGISTERED",
        "certification": "CERTIFIED",
        "circumstance": "CIRCUMSTANCE_REPORTED",
        "aid_record": "AID_RECORDED",
        "referral": "REFERRAL_SENT",
    }.items():
        owner = "id" if table == "household" else "household_id"
        assert (
            await rows(
                sample,
                f"""
            select t.id from {table} t full join (select * from chain_event where type = '{first}') e
              on (e.household_id, e.subject_id) = (t.{owner}, t.id)
            where t.id is null or e.subject_id is null""",
            )
            == []
        ), table


async def test_every_record_has_its_receipt(sample: Database) -> None:
    assert (
        await rows(
            sample,
            """
        select external_id from (
            select agency_id, 'AID' kind, external_id, household_id, id from aid_record
            union all select from_agency, 'REFERRAL', external_id, household_id, id from referral
            union all select agency_id, 'CIRCUMSTANCE', external_id, household_id, id from circumstance) written
        full join write_receipt r using (agency_id, kind, external_id)
        where r.record_id is distinct from written.id
           or r.household_id is distinct from written.household_id""",
        )
        == []
    )


async def test_both_sides_of_a_referral_and_helpers_from_outside_see_the_household(sample: Database) -> None:
    assert (
        await rows(
            sample,
            """
        select household_id, agency_id from (
            select household_id, from_agency agency_id from referral
            union select household_id, to_agency from referral
            union select a.household_id, a.agency_id from aid_record a join household h on h.id = a.household_id
            where not starts_with(h.region, split_part(a.agency_id, '@', 2))) helped
        full join shown_household s using (household_id, agency_id)
        where s.household_id is null or helped.household_id is null""",
        )
        == []
    )


async def test_sealed_values_open_to_what_the_row_says(sample: Database, secrecy: Secrecy) -> None:
    person = table_of(PersonRow)
    async with sample.read() as connection:
        for row in await connection.execute(sa.select(person).limit(50)):
            number = secrecy.open(row.id_number_sealed, place_of("person.id_number", row.id.bytes))
            assert number[6:14] == f"{row.birth_date:%Y%m%d}"
            assert secrecy.blind_index(number) == row.id_number_index
            assert row.id_number_masked == number[:2] + "*" * 16
            if row.phone_sealed:
                phone = secrecy.open(row.phone_sealed, place_of("person.phone", row.id.bytes))
                assert len(phone) == 11
                assert phone.startswith("111")
            if row.account_sealed:
                assert len(secrecy.open(row.account_sealed, place_of("person.account", row.id.bytes))) == 19


async def told(database: Database) -> list[list[tuple[Any, ...]]]:
    """Every row of a sample, without encrypted bytes."""
    return [
        sorted(
            (
                tuple(value for value in row if not isinstance(value, bytes | memoryview))
                for row in await rows(database, f"select * from {table}")
            ),
            key=repr,
        )
        for table in TOLD
    ]


def emptied(database_url: str) -> None:
    """Remove the sample."""
    with psycopg.connect(database_url) as owner:
        owner.execute("truncate household, write_receipt, installation, monthly_share cascade")


async def test_the_same_sample_twice_is_the_same_but_for_sealed_bytes(
    database: Database, database_url: str, secrecy: Secrecy
) -> None:
    await make_sample(database, secrecy, 40, 7, AS_OF, quiet)
    first = await told(database)
    emptied(database_url)
    await make_sample(database, secrecy, 40, 7, AS_OF, quiet)
    assert await told(database) == first
    assert all(first), "every table holds something"


async def test_making_it_again_leaves_it_and_another_size_is_refused(
    database: Database, secrecy: Secrecy
) -> None:
    assert await sample_state(database) is SampleState.EMPTY
    seen: list[tuple[int, int]] = []
    await make_sample(database, secrecy, 20, 7, AS_OF, lambda done, total: seen.append((done, total)))
    assert seen == [(20, 20)]
    assert await sample_state(database) is SampleState.DONE
    assert await rows(database, "select sample, sample_seed, sample_households from installation") == [
        (True, 7, 20)
    ]
    await make_sample(database, secrecy, 20, 7, AS_OF + timedelta(days=1), quiet)
    with pytest.raises(NotASample):
        await make_sample(database, secrecy, 30, 7, AS_OF, quiet)
    assert await rows(database, "select count(*) from household") == [(20,)]


async def test_a_run_that_was_killed_goes_on_another_day_as_if_it_had_not_been(
    database: Database, database_url: str, secrecy: Secrecy, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(Exception):
        """The process ends here."""

    def kill(done: int, _total: int) -> None:
        if done == 14:
            raise Killed

    monkeypatch.setattr("hub.sample.make.HOUSEHOLDS_A_TRANSACTION", 7)
    await make_sample(database, secrecy, 40, 7, AS_OF, quiet)
    whole = await told(database)
    emptied(database_url)
    with pytest.raises(Killed):
        await make_sample(database, secrecy, 40, 7, AS_OF, kill)
    assert await sample_state(database) is SampleState.BEGUN
    assert await begun_households(database) == 40
    with pytest.raises(NotASample):
        await make_sample(database, secrecy, 41, 7, AS_OF, quiet)
    seen: list[int] = []
    tomorrow = AS_OF + timedelta(days=1)
    await make_sample(database, secrecy, 40, 7, tomorrow, lambda done, _total: seen.append(done))
    assert seen == [21, 28, 35, 40]
    assert await sample_state(database) is SampleState.DONE
    assert await told(database) == whole


async def test_real_households_are_never_mixed_with_a_sample(database: Database, secrecy: Secrecy) -> None:
    async with database.write() as session:
        session.add(
            HouseholdRow(
                code="41010500100001",
                region="410105001",
                residence=Residence.URBAN,
                source_agency="civil_affairs@410105001",
            )
        )
    assert await sample_state(database) is SampleState.REAL
    with pytest.raises(NotASample):
        await make_sample(database, secrecy, 20, 7, AS_OF, quiet)
    assert await rows(database, "select count(*) from household") == [(1,)]
    async with database.read() as connection:
        assert not await connection.scalar(sa.select(table_of(InstallationRow).c.sample))
