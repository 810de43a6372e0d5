"""An agency that is shown a household of another jurisdiction sees one household, and no path leads on from it."""

from collections.abc import Iterator
from typing import Any

import pytest

from hub.sample.planted import Planted, planted_codes
from tests.fixtures.served import Served
from tests.hub.policy.permissions.reasons import ON_DUTY
from tests.journeys.conftest import Somebody, in_region
from tests.journeys.outcomes import CREATE_REFERRAL, RECORD_AID, need, urgent_payment

HERE, ELSEWHERE = "410105", "410103"
HOME = "household { id code members { id } }"
EVERY_WAY = f"""
query {{
  households(first: 100) {{ nodes {{
    code members {{ id {HOME} }} aidRecords(first: 2) {{ nodes {{ {HOME} person {{ id }} }} }}
  }} }}
  aidRecords(first: 300) {{ nodes {{ {HOME} person {{ id {HOME} }} }} }}
  referrals(first: 100) {{ nodes {{ {HOME} person {{ id {HOME} }} aidRecords {{ {HOME} }} }} }}
  chainEvents(first: 300) {{ nodes {{ {HOME} person {{ id {HOME} }} aidRecord {{ {HOME} }} referral {{ {HOME} }} }} }}
}}
"""


def leaves(value: Any, name: str) -> Iterator[Any]:
    """Every value under a key, at any depth."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == name and isinstance(item, str):
                yield item
            yield from leaves(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item, name)


def in_sight(served: Served, agency: str) -> set[str]:
    """The codes of the households that an agency of a county may see."""
    region = agency.partition("@")[2]
    return {
        code
        for (code,) in served.rows(
            "select code from household h where region like %s or exists"
            f" (select from {ON_DUTY} s where s.household_id = h.id and s.agency_id = %s)",
            f"{region}%",
            agency,
        )
    }


def households_reached(served: Served, agency: str) -> set[str]:
    """The codes of all households that can be reached by any path."""
    known = {code for (code,) in served.rows("select code from household")}
    return known & set(leaves(served.ask(agency, EVERY_WAY).body["data"], "code"))


@pytest.mark.parametrize("agency", [f"education@{HERE}", f"civil_affairs@{ELSEWHERE}", "charity@410122"])
def test_no_way_through_persons_aid_referrals_or_the_chain_leads_to_a_household_out_of_sight(
    hub: Served, agency: str
) -> None:
    seen = in_sight(hub, agency)
    reached = households_reached(hub, agency)
    assert reached
    assert reached <= seen
    ((everything,),) = hub.rows("select count(*) from household")
    assert len(seen) < everything


def test_names_reached_by_any_way_are_those_of_persons_in_sight(hub: Served) -> None:
    agency = f"education@{HERE}"
    reached = {str(one) for one in leaves(hub.ask(agency, EVERY_WAY).body["data"], "id")}
    query = "query ($c: String!) { household(code: $c) { id members { id } } }"
    hidden = in_region(hub, ELSEWHERE)
    assert len(hidden) > 3
    for somebody in hidden:
        if somebody.household_code not in in_sight(hub, agency):
            whole = hub.ask("civil_affairs@4101", query, {"c": somebody.household_code}).data["household"]
            assert not reached & {whole["id"], *(member["id"] for member in whole["members"])}


def by_referral(served: Served, somebody: Somebody) -> str:
    """Civil affairs of the household's county pushes a need to an office of another county."""
    agency = f"education@{HERE}"
    given = need({"personId": somebody.person_id}, agency)
    payload = served.ask(f"civil_affairs@{ELSEWHERE}", CREATE_REFERRAL, {"input": given}).data[
        "createReferral"
    ]
    assert payload["errors"] == []
    return agency


def by_aid(served: Served, somebody: Somebody) -> str:
    """An office pays urgent aid where the trouble happened (46-3.3)."""
    agency = f"civil_affairs@{HERE}"
    given = urgent_payment({"idNumber": somebody.id_number}, region=f"{HERE}001")
    payload = served.ask(agency, RECORD_AID, {"input": given}).data["recordAid"]
    assert payload["errors"] == []
    return agency


@pytest.mark.parametrize(("shown_by", "shows"), [(by_referral, True), (by_aid, False)])
def test_a_referral_shows_its_one_household_to_that_one_agency_and_a_record_shows_none(
    writable_hub: Served, of_erqi: list[Somebody], shown_by: Any, shows: bool
) -> None:
    agencies = [f"{department}@{HERE}" for department in ("education", "civil_affairs", "health", "charity")]
    before = {agency: in_sight(writable_hub, agency) for agency in agencies}
    somebody = next(one for one in of_erqi if not any(one.household_code in seen for seen in before.values()))
    to = shown_by(writable_hub, somebody)
    for agency in agencies:
        added = {somebody.household_code} if agency == to and shows else set()
        assert households_reached(writable_hub, agency) <= before[agency] | added
        query = "query ($c: String!) { household(code: $c) { code } }"
        found = writable_hub.ask(agency, query, {"c": somebody.household_code}).data["household"]
        assert found == ({"code": somebody.household_code} if added else None)


def test_a_person_registered_twice_is_found_where_seen_and_the_other_is_not_told_of(hub: Served) -> None:
    here, there = planted_codes()[Planted.PERSON_IN_TWO_HOUSEHOLDS]
    members = "query ($c: String!) { household(code: $c) { members { idNumber } } }"
    numbers = [
        {
            member["idNumber"]
            for member in hub.ask("civil_affairs@4101", members, {"c": code}).data["household"]["members"]
        }
        for code in (here, there)
    ]
    (number,) = numbers[0] & numbers[1]
    query = "query ($n: String!) { person(idNumber: $n) { household { code } } }"
    assert hub.ask("health@410105", query, {"n": number}).data == {"person": {"household": {"code": here}}}
    assert hub.ask("health@410184", query, {"n": number}).data == {"person": {"household": {"code": there}}}
    assert hub.ask("health@410103", query, {"n": number}).data == {"person": None}
