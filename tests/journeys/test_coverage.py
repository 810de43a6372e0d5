"""Coverage of a region in numbers (46-2.1): exact for callers who may read the households; for others numbers under five are
withheld."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import anyio
import psycopg
import pytest

from auth.departments import DEPARTMENTS
from auth.scopes import Scope
from hub.evaluation.coverage.refreshing import refresh_coverage
from hub.foundation.database import Database
from hub.foundation.months import month_of
from hub.foundation.settings import Settings
from tests.fixtures.served import Served

NUMBERS = """
  region { code } month day asOf
  byCategory { category households persons suppressed }
  byKind { category aidKind entitled received referred missing duplicated suppressed }
"""
COVERAGE = f"""
query ($region: String!, $month: String) {{
  coverage(region: $region, month: $month) {{ {NUMBERS} byRegion {{ {NUMBERS} byRegion {{ {NUMBERS} }} }} }}
}}
"""
HOUSEHOLDS = """
query ($region: String!, $after: String) {
  households(filter: {region: $region}, first: 100, after: $after) {
    nodes { category entitlements { aidKind toCheck status } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
COUNTS = ("entitled", "received", "referred", "missing", "duplicated")
STATISTICS_ALONE = frozenset({Scope.STATISTICS_READ})


def covered(served: Served, agency: str, region: str, month: str | None = None, **options: Any) -> Any:
    """The coverage that an agency reads."""
    return served.ask(agency, COVERAGE, {"region": region, "month": month}, **options).data["coverage"]


def tree(one: Any) -> Iterator[Any]:
    """A coverage and those of the regions inside it."""
    yield one
    for inner in one.get("byRegion", ()):
        yield from tree(inner)


def test_46_2_1_the_numbers_are_those_of_the_households_asked_one_by_one(hub: Served) -> None:
    told = covered(hub, "civil_affairs@4101", "410105")
    expected: Counter[tuple[str, str, str]] = Counter()
    households: Counter[str] = Counter()
    after = None
    while True:
        page = hub.ask("civil_affairs@4101", HOUSEHOLDS, {"region": "410105", "after": after}).data[
            "households"
        ]
        for node in page["nodes"]:
            if node["category"] is not None:
                households[node["category"]] += 1
                expected.update(
                    (node["category"], entitlement["aidKind"], entitlement["status"].lower())
                    for entitlement in node["entitlements"]
                    if entitlement["toCheck"] is None or entitlement["status"] != "MISSING"
                )
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert {
        one["category"]: one["households"] for one in told["byCategory"] if one["households"]
    } == households
    counted = {
        (certification["category"], certification["aidKind"], status): certification[status]
        for certification in told["byKind"]
        for status in COUNTS[1:]
        if certification[status]
    }
    assert counted == expected
    assert sum(expected.values()) > 50
    assert not any(one["suppressed"] for one in (*told["byCategory"], *told["byKind"]))


def test_a_region_is_the_sum_of_the_regions_inside_it(hub: Served) -> None:
    city = covered(hub, "civil_affairs@4101", "4101")
    for region in tree(city):
        for place, mine in enumerate(region["byKind"]):
            assert mine["entitled"] == sum(mine[status] for status in COUNTS[1:])
            if region.get("byRegion"):
                for name in COUNTS:
                    assert mine[name] == sum(inner["byKind"][place][name] for inner in region["byRegion"])
    assert len(city["byRegion"]) == 15


def test_who_reads_statistics_alone_is_told_no_number_under_five(hub: Served) -> None:
    exact = list(tree(covered(hub, "civil_affairs@4101", "4101")))
    told = list(tree(covered(hub, "civil_affairs@4101", "4101", scopes=STATISTICS_ALONE)))
    numbers, withheld = 0, 0
    for mine, theirs in zip(told, exact, strict=True):
        for rows, names in (("byCategory", ("households", "persons")), ("byKind", COUNTS)):
            for one, other in zip(mine[rows], theirs[rows], strict=True):
                values = [one[name] for name in names]
                assert one["suppressed"] == (None in values)
                assert all(value is None or value >= 5 for value in values)
                assert all(one[name] in (None, other[name]) for name in names)
                numbers += sum(value is not None for value in values)
                withheld += values.count(None)
    assert numbers > 50
    assert withheld > 50


def test_a_number_is_exact_only_where_every_fact_behind_it_is_open(hub: Served) -> None:
    """Finance reads households and certifications. It reads no illness, school, work or disability, and no form of housing
    aid, which decides whether a rental fulfils the entitlement of a rural house. For the kinds that rest on these it sees the
    same numbers as everybody."""
    exact = covered(hub, "civil_affairs@4101", "410185")
    alone = covered(hub, "civil_affairs@4101", "410185", scopes=STATISTICS_ALONE)
    finance = covered(hub, "finance@4101", "410185")
    assert finance["byCategory"] == exact["byCategory"]
    for entitlement, mine, theirs in zip(finance["byKind"], exact["byKind"], alone["byKind"], strict=True):
        assert entitlement == (
            mine if entitlement["aidKind"] in {"CHARITY", "RELAPSE_PREVENTION"} else theirs
        ), entitlement["aidKind"]
    civil = DEPARTMENTS["civil_affairs"].scopes
    without_illness = covered(
        hub, "civil_affairs@4101", "410185", scopes=civil - {Scope.CIRCUMSTANCE_HEALTH_READ}
    )
    for entitlement, mine, theirs in zip(
        without_illness["byKind"], exact["byKind"], alone["byKind"], strict=True
    ):
        closed = entitlement["aidKind"] in {"MEDICAL", "BASIC_LIVING"}
        assert entitlement == (theirs if closed else mine), entitlement["aidKind"]


def test_what_is_withheld_changes_nothing_of_what_is_told(writable_hub: Served) -> None:
    before = covered(writable_hub, "civil_affairs@4101", "4101", scopes=STATISTICS_ALONE)
    with psycopg.connect(writable_hub.database_url) as connection:
        for name in COUNTS:
            connection.execute(
                f"update coverage_kind set {name} = {name} + 1 where not '{name}' = any(told)".encode()
            )
        connection.execute(
            "update coverage_category set households = households + 1, persons = persons + 2 where not told"
        )
    assert covered(writable_hub, "civil_affairs@4101", "4101", scopes=STATISTICS_ALONE) == before
    assert covered(writable_hub, "civil_affairs@4101", "4101") != before


@pytest.mark.parametrize("scopes", [None, STATISTICS_ALONE])
def test_a_region_outside_answers_nothing_and_one_that_does_not_exist_is_refused(
    hub: Served, scopes: frozenset[Scope] | None
) -> None:
    """It is public which regions exist (GB/T 2260). The numbers of a region are not."""
    for region in ("410105", "4101", "41"):
        assert covered(hub, "civil_affairs@410102", region, scopes=scopes) is None
    for region in ("999999", "41010", "410102001999"):
        refused = hub.ask("civil_affairs@410102", COVERAGE, {"region": region}, scopes=scopes)
        (error,) = refused.body["errors"]
        assert (error["extensions"]["code"], error["extensions"]["path"]) == ("INVALID_INPUT", ["region"])
    own = covered(hub, "civil_affairs@410102", "410102", scopes=scopes)
    assert own["region"] == {"code": "410102"}
    assert covered(hub, "civil_affairs@410102", "410102", "2020-01", scopes=scopes) is None


def test_statistics_need_their_scope_and_a_month_is_a_month(hub: Served) -> None:
    refused = hub.ask("education@4101", COVERAGE, {"region": "4101"})
    assert refused.body["data"] == {"coverage": None}
    assert refused.codes == ["FORBIDDEN_FIELD"]
    for month in ("2026-13", "2026", "november", "2026-11-02"):
        wrong = hub.ask("civil_affairs@4101", COVERAGE, {"region": "4101", "month": month})
        assert wrong.codes == ["INVALID_INPUT"], month


def test_the_households_behind_a_number_are_those_that_miss(hub: Served) -> None:
    query = """
    query ($kinds: [AidKind!]) {
      households(filter: {missing: $kinds}, first: 100) { totalCount nodes { entitlements { aidKind status toCheck } } }
    }
    """
    for kind in ("EDUCATION", "EMPLOYMENT", "OTHER"):
        found = hub.ask("civil_affairs@4101", query, {"kinds": [kind]}).data["households"]
        assert found["totalCount"] == len(found["nodes"]) > 0
        for node in found["nodes"]:
            assert any(
                (entitlement["aidKind"], entitlement["status"], entitlement["toCheck"])
                == (kind, "MISSING", None)
                for entitlement in node["entitlements"]
            )
    assert hub.ask("civil_affairs@4101", query, {"kinds": []}).codes == ["INVALID_INPUT"]


class Cut(Exception):
    """The process ends at this point."""


def test_a_month_is_counted_once_and_a_run_that_was_cut_goes_on(
    sample_copy_url: str, settings: Settings
) -> None:
    seen: list[int] = []

    def cut(done: int, _total: int) -> None:
        seen.append(done)
        if done == 6:
            raise Cut

    async def run() -> tuple[int, int, int]:
        database = Database(sample_copy_url, settings)
        last_month = (month_of(None) - timedelta(days=1)).replace(day=1)
        with pytest.raises(Cut):
            await refresh_coverage(database, last_month, cut)
        resumed = await refresh_coverage(database, last_month, lambda _done, _total: None)
        nothing = await refresh_coverage(database, last_month, lambda _done, _total: None)
        again = await refresh_coverage(database, last_month, lambda _done, _total: None, fresh=timedelta(0))
        await database.close()
        return resumed, nothing, again

    assert anyio.run(run) == (15 - 6, 0, 15)
    assert seen == [1, 2, 3, 4, 5, 6]


def test_a_county_that_is_being_counted_tells_nothing_until_all_is_summed_up(
    sample_copy_url: str, settings: Settings
) -> None:
    def cut(done: int, _total: int) -> None:
        if done == 3:
            raise Cut

    async def half() -> None:
        database = Database(sample_copy_url, settings)
        with pytest.raises(Cut):
            await refresh_coverage(database, month_of(None), cut, fresh=timedelta(0))
        await database.close()

    anyio.run(half)
    with psycopg.connect(sample_copy_url) as connection:
        told = connection.execute(
            "select count(*) from coverage_kind where length(region) = 9 and left(region, 6) in"
            " (select code from region where level = 'COUNTY' order by code limit 3) and told <> '{}'"
        ).fetchone()
    assert told == (0,)
