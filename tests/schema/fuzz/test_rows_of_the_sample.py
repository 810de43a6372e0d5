"""The rows of the fuzz tests' data that each grant sees, table by table, are the same as in plain Python (tests/hub/sight).

These data have many rows of every kind; tests/hub/test_rows_of_every_table has cases made by hand.
"""

from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest

from auth.grant import Grant
from auth.scopes import Scope
from hub.foundation.database import Database
from hub.foundation.settings import Settings
from tests.conftest import TestCluster
from tests.hub.policy.permissions.reading import Reading
from tests.hub.policy.permissions.reasons import LASTING
from tests.hub.policy.permissions.sight import MAY_SEE, PUBLIC, Everything, in_sight, the_household
from tests.schema.fuzz.outside import GRANTS


def _without(agency: str, *missing: Scope) -> Grant:
    """All scopes except some, and except those that open the data of other agencies."""
    scopes = frozenset(Scope) - {Scope.AUDIT_READ, Scope.OVERLAP_WRITE, Scope.CONFERENCE_WRITE, *missing}
    return Grant(agency, "fuzz", scopes, (agency.partition("@")[2],), "test")


BY_SCOPES = [
    *GRANTS.values(),
    *(_without(agency) for agency in ("health@410105", "charity@410105", "education@410181")),
    _without("health@4101", Scope.CIRCUMSTANCE_EDUCATION_READ),
    _without("health@4101", Scope.AID_TEMPORARY_READ),
    _without("health@4101", Scope.PERSON_EMPLOYMENT_READ),
    _without("health@4102"),
]
"""The grants of the other tests, third parties, and grants of equal size that differ in one scope or in the city."""
BY_SIGHT = [*GRANTS.values(), BY_SCOPES[-1]]


@pytest.fixture(scope="module")
def furnished_url(cluster: TestCluster, furnished_template: str) -> Iterator[str]:
    """A copy of the data that does not change."""
    name = f"{furnished_template}_rows"
    yield cluster.create(name, furnished_template)
    cluster.drop(name)


@pytest.fixture(scope="module")
def everything(furnished_url: str) -> Everything:
    """All of the data, dumped."""
    return Everything.of(furnished_url)


@pytest.fixture
async def furnished(furnished_url: str, settings: Settings) -> AsyncIterator[Database]:
    """The connection pools for the data."""
    opened = Database(furnished_url, settings)
    yield opened
    await opened.close()


@pytest.mark.anyio
@pytest.mark.parametrize("table", sorted(MAY_SEE.keys() - {*PUBLIC}))
async def test_a_grant_sees_the_rows_that_the_permissions_words_give_it_and_no_other(
    furnished: Database, everything: Everything, table: str
) -> None:
    by_sight_alone = MAY_SEE[table] in (in_sight, the_household)
    await Reading(furnished, everything, table).compare(BY_SIGHT if by_sight_alone else BY_SCOPES)


def test_the_sample_tells_third_parties_apart(everything: Everything) -> None:
    """Otherwise a rule that shows too many rows would pass."""
    for table in MAY_SEE.keys() - {*PUBLIC}:
        sizes = {len(everything.seen(table, grant)) for grant in BY_SCOPES}
        assert len(sizes) > 1, (table, sizes)
    of_county = everything.households_of(third := _without("health@410105"))
    in_county = [one for one in everything.tables["overlap_case"] if one["household_id"] in of_county]
    assert len(everything.seen("overlap_case", third)) < len(in_county)
    assert any(one["household_id"] != one["first_household_id"] for one in everything.tables["overlap_case"])
    of_parties = {
        one["household_id"] for one in everything.tables["overlap_case"] if third.agency in one.values()
    }
    assert of_parties - of_county, "no case of an agency whose household it does not see"


def test_some_alerts_of_one_household_are_closed_and_others_are_open_and_each_has_its_referral(
    everything: Everything,
) -> None:
    grant = _without("health@4101", Scope.CIRCUMSTANCE_EDUCATION_READ)
    seen = everything.seen("alert", grant)
    linked = {(one["household_id"], one["alert_id"]) for one in everything.tables["alert_referral"]}
    assert {household for household, _ in linked & seen} & {household for household, _ in linked - seen}


def test_what_is_shown_is_what_the_facts_show(everything: Everything, furnished_url: str) -> None:
    """Exactly those agencies are shown a household that recently sent or got a referral, gave aid, took part in a conference
    or were told of it."""
    with psycopg.connect(furnished_url) as connection:
        query = f"select agency_id, household_id, because from shown_household where {LASTING}"
        shown = set(connection.execute(query.encode()).fetchall())
    assert shown == everything.sights
