"""Every table that a grant can read shows exactly the rows that plain Python (`sight`) allows.

The rows are made by hand (`staged`); tests/schema/fuzz checks the same on the furnished sample.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import sqlalchemy as sa

from auth.departments import DEPARTMENTS, scope_of
from auth.grant import Grant
from auth.scopes import Scope
from hub.foundation.database import Database
from hub.foundation.settings import Settings
from hub.model.every_table import metadata
from hub.model.ledger import EventType
from hub.policy.permissions.row_policies import RULES, visible
from tests.conftest import TestCluster
from tests.hub.policy.permissions.events import EVENTS
from tests.hub.policy.permissions.reading import Reading
from tests.hub.policy.permissions.sight import (
    MADE_OF_OTHER_ROWS,
    MAY_SEE,
    PUBLIC,
    SEEN_WITH_THEIR_HOUSEHOLD,
    Everything,
    in_sight,
    the_household,
)
from tests.hub.policy.permissions.staged import HOME, reckon, stage

TABLES = sorted(RULES.keys() - {*MADE_OF_OTHER_ROWS, *PUBLIC})


def grant_of(agency: str, *regions: str, but: str = "", scopes: frozenset[Scope] | None = None) -> Grant:
    """A grant of an agency, by default with its department's scopes and its own region."""
    department, _, region = agency.partition("@")
    whole = DEPARTMENTS[department].scopes if scopes is None else scopes
    return Grant(agency, "test", whole - set(but.split()), regions or (region,), "test")


EVERY_SCOPE = frozenset(Scope)
PLAIN = EVERY_SCOPE - {Scope.AUDIT_READ, Scope.OVERLAP_WRITE, Scope.CONFERENCE_WRITE}
"""All scopes except those that open other agencies' rows (`audit:read`, and the decisions and conferences of civil affairs)."""
GOVERNING = (
    "audit:read", "overlap:write", "conference:write", "statistics:read", "disclosure:read", "alert:read",
    "certification.near_relative:read", "liability:read",
    "circumstance.education:read", "circumstance.health:read", "aid.education:read",
    "aid.temporary:read", "person.health:read", "household:read", "household.address:read",
    "household.finance:read", "person:read", "person.identity:read", "person.education:read",
    "person.disability:read", "circumstance.civil_affairs:read",
)  # fmt: skip
"""The scopes that decide about rows; each is missing in one grant, and each of the first ones is alone in another."""
THIRD = (
    "education@410103", "human_resources@410122", "health@410181", "disabled_federation@410106", "emergency_management@410106",
    "civil_affairs@410103", "charity@410106", "health@410108", "agriculture@410184", "housing_security@410184",
    "civil_affairs@410108", "charity@410182", "health@410182", "finance@410105",
)  # fmt: skip
"""Agencies of the third parties of the stage, and agencies that have nothing there."""
AGENCIES = [
    *(
        grant_of(f"{department}@{region}")
        for department, region in (
            ("civil_affairs", "4101"), ("civil_affairs", "410105"), ("civil_affairs", HOME), ("civil_affairs", "410105002"),
            ("education", "410105"), ("human_resources", "410105"), ("health", "410105"), ("audit", "410105"),
            ("audit", "4101"), ("education", "4102"), ("finance", "4101"),
        )
    ),
    *(grant_of(agency, scopes=PLAIN) for agency in THIRD),
    grant_of("medical_insurance@410182", "410182", "410105001", scopes=PLAIN),
    grant_of("education@410106"),
    grant_of("education@4102", scopes=EVERY_SCOPE),
    grant_of("civil_affairs@410105", scopes=frozenset()),
]  # fmt: skip
OFFICE = "development_reform@410105"
GRANTS = [
    *AGENCIES,
    *(grant_of(agency, scopes=EVERY_SCOPE) for agency in (OFFICE, "health@410182", "civil_affairs@410108")),
    *(grant_of(OFFICE, scopes=EVERY_SCOPE, but=one) for one in GOVERNING[:3]),
    *(grant_of(OFFICE, scopes=PLAIN, but=one) for one in GOVERNING[3:]),
    *(grant_of(OFFICE, scopes=frozenset({scope_of(one)})) for one in GOVERNING[:10]),
]
"""Many grants of one agency with the same number of different scopes, so that a statement for another grant would be found
out."""


FOR_EVENTS = [
    grant_of("development_reform@410105", scopes=frozenset(scopes))
    for one in (
        "aid:read", "alert:read", "certification:read", "certification.near_relative:read", "circumstance.health:read",
        "conference:read", "disclosure:read", "liability:read", "overlap:read", "overlap:write", "referral:read", "visit:read",
    )
    for word in [scope_of(one)]
    for scopes in (PLAIN - {word}, {Scope.HOUSEHOLD_READ, word})
]  # fmt: skip
"""For each scope that events need: a grant without it, and a grant with little else."""


@pytest.fixture(scope="module")
def staged_url(cluster: TestCluster, template: str, settings: Settings) -> Iterator[str]:
    """The URL of a database with the rows made by hand, and the sight that follows from them."""
    name = f"{template}_staged"
    url = cluster.create(name, template)
    stage(url)
    asyncio.run(reckon(url, settings))
    yield url
    cluster.drop(name)


@pytest.fixture(scope="module")
def everything(staged_url: str) -> Everything:
    """The same rows, dumped."""
    return Everything.of(staged_url)


@pytest.fixture
async def staged(staged_url: str, settings: Settings) -> AsyncIterator[Database]:
    """The pools on this database."""
    opened = Database(staged_url, settings)
    yield opened
    await opened.close()


def test_every_table_with_a_row_rule_has_an_expectation() -> None:
    """A new table that can be read needs a line in `sight.MAY_SEE`, and a row on the stage."""
    assert RULES.keys() & metadata.tables.keys() == MAY_SEE.keys()
    assert RULES.keys() - metadata.tables.keys() == set(MADE_OF_OTHER_ROWS)


def test_every_type_of_event_has_an_expectation_and_stands_on_the_stage(everything: Everything) -> None:
    """A new type of event needs a line in `events.EVENTS`."""
    assert EVENTS.keys() == {one.value for one in EventType}
    for type_ in EVENTS:
        of_type = {
            (one["household_id"], one["number"])
            for one in everything.tables["chain_event"]
            if one["type"] == type_
        }
        seen = {frozenset(everything.seen("chain_event", grant) & of_type) for grant in GRANTS + FOR_EVENTS}
        assert len(seen) > 1, type_


def test_the_stage_tells_agencies_apart_in_every_table(everything: Everything) -> None:
    for table in MAY_SEE:
        assert everything.tables[table], table
        seen = {frozenset(everything.seen(table, grant)) for grant in GRANTS}
        assert len(seen) > 1 or table in PUBLIC, f"{table}: all grants see the same"
        assert frozenset() in seen or table in PUBLIC, f"{table}: nobody sees nothing"


@pytest.mark.anyio
@pytest.mark.parametrize("table", TABLES)
async def test_a_grant_sees_the_rows_that_the_permissions_words_give_it_and_no_other(
    staged: Database, everything: Everything, table: str
) -> None:
    by_sight_alone = MAY_SEE[table] in (in_sight, the_household)
    await Reading(staged, everything, table).compare(AGENCIES if by_sight_alone else GRANTS)


@pytest.mark.anyio
async def test_an_event_is_there_for_those_who_read_what_its_type_is_about(
    staged: Database, everything: Everything
) -> None:
    await Reading(staged, everything, "chain_event").compare(FOR_EVENTS)


@pytest.mark.anyio
@pytest.mark.parametrize("table", PUBLIC)
async def test_everybody_sees_all_of_what_is_public(
    staged: Database, everything: Everything, table: str
) -> None:
    await Reading(staged, everything, table).compare(AGENCIES[-2:])


@pytest.mark.anyio
async def test_who_looked_at_a_household_is_told_in_its_own_region_to_who_may_tell_it(
    staged: Database, everything: Everything
) -> None:
    """个人信息保护法 44, 45: civil affairs at home may give this information; agencies to whom the household is only shown
    may not."""
    household = metadata.tables["household"]
    made = sa.select(household.c.id.label("household_id"), household.c.region).subquery("made")
    scope = Scope.HOUSEHOLD_ACCESS_READ
    beyond = 0
    async with staged.read() as connection:
        for grant in (*AGENCIES, grant_of(OFFICE, scopes=EVERY_SCOPE - {scope})):
            seen = set(
                await connection.scalars(
                    sa.select(made.c.household_id).where(visible(made, grant, name="access_notice"))
                )
            )
            at_home = {
                one["id"] for one in everything.tables["household"] if one["region"].startswith(grant.regions)
            }
            assert seen == (at_home if scope in grant.scopes else set()), grant.agency
            beyond += len(everything.households_of(grant) - seen)
    assert beyond


@pytest.mark.anyio
@pytest.mark.parametrize("name", SEEN_WITH_THEIR_HOUSEHOLD)
async def test_what_is_made_of_other_rows_is_seen_with_its_household(
    staged: Database, everything: Everything, name: str
) -> None:
    household = metadata.tables["household"]
    made = sa.select(household.c.id.label("household_id"), household.c.region).subquery("made")
    async with staged.read() as connection:
        for grant in AGENCIES:
            seen = await connection.scalars(sa.select(made).where(visible(made, grant, name=name)))
            assert sorted(seen) == sorted(everything.households_of(grant))
