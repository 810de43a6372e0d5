"""Each filter of the further lists keeps the rows that plain Python keeps of those in sight.

Both executors share the filters, so what is wrong there is wrong in both.
"""

from typing import Any

import pytest

from auth.grant import Grant
from auth.scopes import Scope
from hub.foundation.calendar import today
from tests.hub.policy.permissions.sight import Everything, Row
from tests.schema.fuzz.conftest import Both
from tests.schema.fuzz.further.conftest import GRANTS
from tests.schema.fuzz.further.lists import LISTS, Listed
from tests.schema.fuzz.further.values import REGIONS, Sight
from tests.schema.fuzz.operations import Operation

LARGEST_PAGE = 1000


def found(executor: Both, connection: str, listed: Listed, name: str, value: Any, grant: Grant) -> Any:
    """A page of a list with one filter."""
    query = (
        f"query ($filter: {listed.word}Filter) {{ {connection}(first: {LARGEST_PAGE}, filter: $filter)"
        f" {{ totalCount nodes {{ {listed.node} }} }} }}"
    )
    answer = executor.ask(Operation(query, {"filter": {name: value}}), grant, reference=False)
    assert "errors" not in answer, (name, value, answer)
    return answer["data"][connection]


@pytest.mark.parametrize("connection", [name for name, listed in LISTS.items() if listed.filters])
def test_a_filter_of_a_further_list_keeps_the_rows_in_sight_that_it_says(
    executor: Both, everything: Everything, connection: str
) -> None:
    listed = LISTS[connection]
    kept_in_part: set[str] = set()
    for grant in GRANTS.values():
        sight = Sight(everything, grant, listed.table, today())
        in_sight = sight.rows
        if connection == "accessRecords" and Scope.AUDIT_READ not in grant.scopes:
            assert not in_sight
            continue
        assert len(in_sight) > 1
        for name, values in listed.filters.items():
            for value, keeps in values(sight):
                kept: list[Row] = [row for row in in_sight if keeps(row)]
                page = found(executor, connection, listed, name, value, grant)
                assert page["totalCount"] == len(kept), (name, value)
                answered = [listed.of_node(one) for one in page["nodes"]]
                expected = {listed.of_row(listed, row) for row in kept}
                assert len(set(answered)) == len(answered) == min(len(kept), LARGEST_PAGE)
                assert expected.issuperset(answered), (name, value)
                kept_in_part |= {name} if 0 < len(kept) < len(in_sight) else set()
    assert kept_in_part == listed.filters.keys(), "a filter that always keeps all or nothing is not tried"


@pytest.mark.parametrize("region", REGIONS)
def test_the_list_of_visits_has_the_households_that_live_inside_a_region_alone(
    executor: Both, everything: Everything, region: str
) -> None:
    grant = GRANTS["no audit in the city"]
    lives_in = {one["code"]: one["region"] for one in everything.tables["household"]}

    def codes(arguments: str) -> list[str]:
        asked = f"{{ visitList(first: 1000{arguments}) {{ totalCount nodes {{ household {{ code }} }} }} }}"
        page = executor.ask(Operation(asked, {}), grant, reference=False)["data"]["visitList"]
        assert page["totalCount"] == len(page["nodes"]) < LARGEST_PAGE
        return [one["household"]["code"] for one in page["nodes"]]

    whole = codes("")
    assert codes(f', filter: {{region: "{region}"}}') == [
        one for one in whole if lives_in[one].startswith(region)
    ]
    assert region != "410105" or 0 < len(codes(', filter: {region: "410105"}')) < len(whole)


MISSING = ("BASIC_LIVING", "MEDICAL", "EDUCATION", "HOUSING", "EMPLOYMENT", "TEMPORARY", "SERVICE", "OTHER")


@pytest.mark.parametrize("kinds", [*([one] for one in MISSING), ["MEDICAL", "EDUCATION"]], ids=", ".join)
@pytest.mark.parametrize("grant", ["all scopes in a county", "no audit in the city"])
def test_households_that_miss_aid_are_those_with_a_missing_line_that_the_facts_decide(
    executor: Both, kinds: list[str], grant: str
) -> None:
    lines = "entitlements { aidKind status toCheck }"
    asked = f"""query ($kinds: [AidKind!]) {{
      missing: households(first: 1000, filter: {{region: "410105", missing: $kinds}}) {{ nodes {{ code }} }}
      all: households(first: 1000, filter: {{region: "410105"}}) {{ nodes {{ code {lines} }} }} }}"""
    data = executor.ask(Operation(asked, {"kinds": kinds}), GRANTS[grant], reference=False)["data"]
    assert [one["code"] for one in data["missing"]["nodes"]] == [
        one["code"]
        for one in data["all"]["nodes"]
        if any(
            line["status"] == "MISSING" and line["toCheck"] is None and line["aidKind"] in kinds
            for line in one["entitlements"]
        )
    ]
