"""A household with a version that is sent again: its saved parts are recognised, and its refused parts stay refused."""

from typing import Any

from tests.schema.desk import STREET, ArgumentValue, Desk, answered, contents, differing, registered

SPOUSE = {"idNumber": "123", "name": "赵六", "relation": "SPOUSE"}


def sent(desk: Desk, given: ArgumentValue) -> dict[str, Any]:
    """The result of one household."""
    (outcome,) = answered(desk, STREET, "upsertHouseholds", {"households": [given]})["outcomes"]
    assert isinstance(outcome, dict)
    return outcome


def codes(outcome: dict[str, Any]) -> list[tuple[str, str]]:
    """Its errors: code and path."""
    return [(error["code"], "/".join(error["path"][3:])) for error in outcome["errors"]]


def changed(given: ArgumentValue, phone: str, *more: ArgumentValue, version: int = 1) -> ArgumentValue:
    """An input with another telephone number of the head, and more members."""
    (head,) = given["members"]
    return {"code": given["code"], "expectedVersion": version, "members": [head | {"phone": phone}, *more]}


def standing(desk: Desk) -> ArgumentValue:
    """A registered household."""
    given = registered(desk)
    assert sent(desk, given)["errors"] == []
    return given


def test_a_household_that_is_refused_in_part_is_answered_again_as_it_was(desk: Desk) -> None:
    given = standing(desk)
    said = changed(given, "13900000001", SPOUSE)
    first = sent(desk, said)
    assert codes(first) == [("INVALID_IDENTITY_NUMBER", "members/1/idNumber")]
    assert first["household"] is not None
    before = contents(desk)
    assert sent(desk, said) == first
    assert differing(before, contents(desk)) == {}
    assert codes(sent(desk, changed(given, "13900000002", version=2))) == []
    before = contents(desk)
    assert sent(desk, said) == first, "another change came since"
    assert ("STALE_VERSION", "expectedVersion") in codes(sent(desk, said | {"expectedVersion": 2})), (
        "of another version"
    )
    assert differing(before, contents(desk)) == {}


def test_a_household_that_came_new_in_part_is_answered_again_as_it_was(desk: Desk) -> None:
    given = registered(desk)
    said = given | {"expectedVersion": 0, "members": [*given["members"], SPOUSE]}
    first = sent(desk, said)
    assert codes(first) == [("INVALID_IDENTITY_NUMBER", "members/1/idNumber")]
    assert codes(sent(desk, changed(given, "13900000002"))) == []
    before = contents(desk)
    assert sent(desk, said) == first
    assert differing(before, contents(desk)) == {}


def test_what_was_refused_and_has_become_possible_wants_the_new_version(desk: Desk) -> None:
    given, other = standing(desk), standing(desk)
    moving = other["members"][0] | {"relation": "OTHER"}
    said = changed(given, "13900000001", moving)
    first = sent(desk, said)
    assert codes(first) == [("PERSON_IN_ANOTHER_HOUSEHOLD", "members/1/idNumber")]
    assert sent(desk, said) == first
    left = "update person set left_on = current_date where household_id = (select id from household where code = %s) returning 1"
    assert desk.served.rows(left, other["code"]) == [(1,)]
    before = contents(desk)
    again = sent(desk, said)
    assert (again["household"], codes(again)) == (first["household"], [("STALE_VERSION", "expectedVersion")])
    assert differing(before, contents(desk)) == {}
    renewed = said | {"expectedVersion": 2}
    assert codes(sent(desk, renewed)) == []
    assert codes(sent(desk, said)) == [("STALE_VERSION", "expectedVersion")]


def test_a_member_that_was_kept_and_lives_elsewhere_by_now_does_not_refuse_what_is_sent_again(
    desk: Desk,
) -> None:
    given = standing(desk)
    other = registered(desk)
    joins = other["members"][0] | {"relation": "OTHER"}
    said = changed(given, "13900000001", joins, SPOUSE)
    first = sent(desk, said)
    assert codes(first) == [("INVALID_IDENTITY_NUMBER", "members/2/idNumber")]
    left = (
        "update person set left_on = current_date where household_id = (select id from household where code = %s)"
        " and relation = 'OTHER' returning 1"
    )
    assert desk.served.rows(left, given["code"]) == [(1,)]
    assert sent(desk, other)["errors"] == []
    before = contents(desk)
    assert sent(desk, said) == first
    assert differing(before, contents(desk)) == {}


def test_a_household_that_says_what_stands_is_answered_whatever_came_after(desk: Desk) -> None:
    given = standing(desk)
    said = given | {"expectedVersion": 1}
    first = sent(desk, said)
    assert first["errors"] == []
    assert codes(sent(desk, changed(given, "13900000001"))) == []
    before = contents(desk)
    assert sent(desk, said) == first
    assert differing(before, contents(desk)) == {}


def test_a_household_is_refused_once_whatever_the_number_of_its_members(desk: Desk) -> None:
    given, more = standing(desk), registered(desk)["members"][0] | {"relation": "OTHER"}
    assert codes(sent(desk, changed(given, "13900000001", more, version=7))) == [
        ("STALE_VERSION", "expectedVersion")
    ]
    twice = {"households": [given, given | {"members": [*given["members"], more]}]}
    _, second = answered(desk, STREET, "upsertHouseholds", twice)["outcomes"]
    assert codes(second) == [("DUPLICATE_HOUSEHOLD", "code")]
