"""A write reveals nothing about people out of sight. Faults of the input are reported before anybody is looked up, and no
writer waits for a person that it cannot see (46-2.1, 46-4.2). Drawn writes:
`fuzz/test_what_is_outside_the_grant_changes_no_write.py`."""

from copy import deepcopy
from typing import Any

import psycopg
import pytest

from auth.scopes import Scope
from tests.fixtures.days import this_month
from tests.schema.desk import OFFICE, STREET, ArgumentValue, Desk, answered, document, errors_in, registered
from tests.schema.fuzz.drawn_writes import NOBODY
from tests.schema.inputs_that_are_kept import SCHOOLS, aid, fact, published

ELSEWHERE = "civil_affairs@410102"
TOWNSHIP_ELSEWHERE = "civil_affairs@410102001"
LOCKED = "select id from household where code = %s for update"


def told(desk: Desk, agency: str, mutation: str, given: ArgumentValue) -> list[tuple[str, list[str]]]:
    """Code and path of each error of a write."""
    payload = answered(desk, agency, mutation, given)
    return [(error["code"], error["path"]) for error in errors_in(payload)]


def number_of_somebody(desk: Desk) -> str:
    """The identity number of a person who was just registered in 410105001."""
    given = registered(desk)
    assert told(desk, STREET, "upsertHouseholds", {"households": [given]}) == []
    return str(given["members"][0]["idNumber"])


def register_twice(desk: Desk, code: str, other: str) -> None:
    """Make the member of one household a member of another one too."""
    with psycopg.connect(desk.served.database_url) as connection:
        connection.execute(
            "update person set id_number_index = (select p.id_number_index from person p"
            " join household h on h.id = p.household_id where h.code = %s)"
            " where household_id = (select id from household where code = %s)",
            [code, other],
        )


def urgent(desk: Desk, number: str, form: str = "PAY_FIRST", **changes: Any) -> ArgumentValue:
    """Urgent aid for the person with a number, at the place of the trouble."""
    detail = {"form": form, "trouble": "火灾", "happenedAtRegion": "410102001"}
    return aid(desk, "temporary", detail, subject={"idNumber": number}) | changes


def said_of(desk: Desk, agency: str, mutation: str, make: Any) -> list[Any]:
    """The errors for a person out of sight, and for a number that no person has."""
    return [told(desk, agency, mutation, make(number)) for number in (number_of_somebody(desk), NOBODY)]


def test_urgent_aid_above_the_limit_tells_nobody_who_is_registered(desk: Desk) -> None:
    of_both = said_of(
        desk, TOWNSHIP_ELSEWHERE, "recordAid", lambda number: urgent(desk, number, amount="99999.00")
    )
    assert of_both == [[("PAY_FIRST_LIMIT_EXCEEDED", ["input", "amount"])]] * 2


def test_urgent_aid_of_an_unknown_place_or_of_tomorrow_tells_nobody_who_is_registered(desk: Desk) -> None:
    def nowhere(number: str) -> ArgumentValue:
        given = urgent(desk, number)
        given["detail"]["temporary"]["happenedAtRegion"] = "999999"
        return given

    first, second = said_of(desk, TOWNSHIP_ELSEWHERE, "recordAid", nowhere)
    assert first == second != []


def test_urgent_aid_that_a_conference_decided_is_of_a_household_in_sight(desk: Desk) -> None:
    def conferred(number: str) -> ArgumentValue:
        given = urgent(desk, number, "CASE_CONFERENCE")
        given["detail"]["temporary"]["conference"] = "CONF-9"
        return given

    of_both = said_of(desk, ELSEWHERE, "recordAid", conferred)
    assert of_both == [[("NOT_FOUND", ["input", "subject"])]] * 2


def test_no_mediation_tells_who_is_registered(desk: Desk) -> None:
    of_both = said_of(
        desk, ELSEWHERE, "mediateOverlap", lambda number: {"outcome": urgent(desk, number), "said": "请核实"}
    )
    assert of_both == [[("NOT_FOUND", ["input", "outcome", "subject"])]] * 2


def test_urgent_aid_tells_not_how_often_somebody_is_registered_elsewhere(desk: Desk) -> None:
    first, other = registered(desk), registered(desk)
    assert told(desk, STREET, "upsertHouseholds", {"households": [first, other]}) == []
    register_twice(desk, first["code"], other["code"])
    number = str(first["members"][0]["idNumber"])
    assert told(desk, TOWNSHIP_ELSEWHERE, "recordAid", urgent(desk, number, amount="100.00")) == []


@pytest.mark.parametrize("agency", [ELSEWHERE, "agriculture@410102"])
def test_a_household_without_its_head_tells_not_who_is_registered_elsewhere(desk: Desk, agency: str) -> None:
    def headless(number: str) -> ArgumentValue:
        given = registered(desk, region="410102001")
        given["members"] = [{"idNumber": number, "name": "王五", "relation": "SPOUSE"}]
        for name in ("region", "residence", "address", "incomePerCapita"):
            del given[name]
        return {"households": [given]}

    first, second = said_of(desk, agency, "upsertHouseholds", headless)
    assert first == second
    assert [code for code, _ in first] == ["HEAD_MISSING"]


def test_a_household_without_its_head_or_of_another_version_tells_not_whether_its_code_is_taken(
    desk: Desk,
) -> None:
    theirs = registered(desk)
    assert told(desk, STREET, "upsertHouseholds", {"households": [theirs]}) == []
    for changes in ({"relation": "SPOUSE"}, {}):
        said = []
        for code in (theirs["code"], "OF-NOBODY"):
            given = deepcopy(registered(desk, code=code, region="410102001"))
            given["members"][0] |= changes
            if changes:
                given = {"code": code, "members": given["members"]}
            else:
                given["expectedVersion"] = 3
            said.append(told(desk, ELSEWHERE, "upsertHouseholds", {"households": [given]}))
        assert said[0] == said[1] != []


def test_who_reads_no_numbers_registers_nobody(desk: Desk) -> None:
    scopes = desk.served.grant(OFFICE).scopes - {Scope.PERSON_IDENTITY_READ}
    given = {"input": {"households": [registered(desk)]}}
    reply = desk.served.ask(OFFICE, document("upsertHouseholds"), given, scopes=scopes)
    assert reply.forbidden == {"Mutation.upsertHouseholds"}


def test_a_code_that_is_taken_elsewhere_is_refused_while_somebody_holds_that_household(desk: Desk) -> None:
    theirs = registered(desk)
    assert told(desk, STREET, "upsertHouseholds", {"households": [theirs]}) == []
    mine = registered(desk, code=theirs["code"], region="410102001")
    with psycopg.connect(desk.served.database_url) as holder:
        holder.execute(LOCKED, [theirs["code"]])
        of_code = told(desk, ELSEWHERE, "upsertHouseholds", {"households": [mine]})
    assert [code for code, _ in of_code] == ["FOREIGN_HOUSEHOLD"]


def test_aid_does_not_wait_for_who_writes_of_another_household_of_the_same_person(desk: Desk) -> None:
    first, other = registered(desk), registered(desk)
    assert told(desk, STREET, "upsertHouseholds", {"households": [first, other]}) == []
    register_twice(desk, first["code"], other["code"])
    with psycopg.connect(desk.served.database_url) as connection:
        connection.execute("update household set region = '410102001' where code = %s", [other["code"]])
    subject = {"idNumber": first["members"][0]["idNumber"]}
    with psycopg.connect(desk.served.database_url) as holder:
        holder.execute(LOCKED, [other["code"]])
        assert told(desk, SCHOOLS, "recordAid", aid(desk, "education", subject=subject)) == []


def test_an_objection_to_a_line_whose_household_has_moved_away_waits_for_nobody(desk: Desk) -> None:
    id = published(desk)
    with psycopg.connect(desk.served.database_url) as connection:
        connection.execute(
            "update household set region = '410102001' where id = (select household_id from disclosure_entry e"
            " join disclosure d on d.id = e.disclosure_id where d.withdrawn_at is null and e.number = 1)"
        )
    given = {
        "externalId": desk.number(), "disclosureId": id, "number": 1, "ground": "其有商铺出租",
        "objectedOn": str(desk.served.rows("select (published_at at time zone 'Asia/Shanghai')::date from disclosure"
                                           " where withdrawn_at is null")[0][0]),
    }  # fmt: skip
    with psycopg.connect(desk.served.database_url) as holder:
        holder.execute("select id from household where region = '410102001' for update")
        assert told(desk, OFFICE, "objectToDisclosure", given) == [("NOT_FOUND", ["input", "number"])]


def test_a_month_to_come_is_refused_whatever_another_county_shared(desk: Desk) -> None:
    given = fact("HARDSHIP_STUDENT", educationStage="PRIMARY", school="文化路小学")(desk) | {
        "month": this_month(-3)
    }
    with psycopg.connect(desk.served.database_url) as connection:
        connection.execute(
            "insert into monthly_share (source_registry, kind, month, region, rows, agency_id, first_shared_at, shared_at)"
            " values ('education', 'HARDSHIP_STUDENT', %s, '410102', 1, 'education@410102', now(), now())",
            [f"{this_month(-3)}-01"],
        )
    refused = told(desk, SCHOOLS, "reportCircumstances", given)
    assert [code for code, _ in refused] == ["INVALID_INPUT"]
