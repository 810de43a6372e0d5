"""A name beside an identity number is compared with the registered one, only for callers who may read names (46-2.2, 46-4.2)."""

from collections.abc import Callable
from typing import Any

import pytest

from auth.scopes import Scope
from tests.schema.desk import NAME, STREET, Desk, document, errors_in, registered
from tests.schema.inputs_that_are_kept import SCHOOLS, aid, fact

Write = tuple[str, Callable[[Desk, dict[str, str], str], dict[str, Any]]]
HEALTH = "health@410105"


def aid_of(desk: Desk, person: dict[str, str], name: str) -> dict[str, Any]:
    return aid(desk, "education", subject=person, name=name)


def report_of(desk: Desk, person: dict[str, str], name: str) -> dict[str, Any]:
    (report,) = fact("HARDSHIP_STUDENT", educationStage="PRIMARY", school="文化路小学")(desk)["reports"]
    return {"reports": [report | {"subject": person, "name": name}]}


WRITES: list[Write] = [
    ("recordAid", aid_of),
    ("recordAids", lambda desk, person, name: {"outcomes": [aid_of(desk, person, name)]}),
    ("reportCircumstances", report_of),
]


def codes(desk: Desk, agency: str, mutation: str, given: dict[str, Any], **how: Any) -> list[str]:
    """The codes with which a mutation is refused."""
    reply = desk.served.ask(agency, document(mutation), {"input": given}, **how)
    return [error["code"] for error in errors_in(reply.body["data"][mutation])]


@pytest.mark.parametrize(("mutation", "make"), WRITES)
def test_a_name_of_somebody_else_is_refused_and_the_right_one_is_kept(
    desk: Desk, mutation: str, make: Callable[..., dict[str, Any]]
) -> None:
    person = desk.person()
    wrong = desk.send(SCHOOLS, mutation, make(desk, person, "赵六")).data[mutation]
    (error,) = errors_in(wrong)
    assert (error["code"], error["path"][-1]) == ("NAME_MISMATCH", "name")
    assert errors_in(desk.send(SCHOOLS, mutation, make(desk, person, f" {NAME} ")).data[mutation]) == []


@pytest.mark.parametrize(("mutation", "make"), WRITES)
def test_who_may_not_read_names_learns_none_by_comparing(
    desk: Desk, mutation: str, make: Callable[..., dict[str, Any]]
) -> None:
    person = desk.person()
    answers = [
        codes(
            desk,
            SCHOOLS,
            mutation,
            make(desk, person, name),
            scopes=desk.served.grant(SCHOOLS).scopes - {Scope.PERSON_READ},
        )
        for name in (NAME, "赵六")
    ]
    assert answers == [["FORBIDDEN_WRITE"], ["FORBIDDEN_WRITE"]]


@pytest.mark.parametrize(("mutation", "make"), WRITES)
def test_who_is_out_of_sight_is_not_found_whatever_the_name(
    desk: Desk, mutation: str, make: Callable[..., dict[str, Any]]
) -> None:
    person = desk.person()
    answers = [codes(desk, "education@410102", mutation, make(desk, person, name)) for name in (NAME, "赵六")]
    assert answers == [["NOT_FOUND"], ["NOT_FOUND"]]


def test_a_name_goes_with_a_person_and_not_with_a_household(desk: Desk) -> None:
    given = aid(desk, "education", name=NAME)
    assert codes(desk, SCHOOLS, "recordAid", given) == ["INVALID_INPUT"]


def upserted(desk: Desk, given: dict[str, Any]) -> list[tuple[str, list[Any]]]:
    """Code of each refusal, and its path within the household."""
    payload = desk.send(STREET, "upsertHouseholds", {"households": [given]}).data["upsertHouseholds"]
    return [(error["code"], error["path"][3:]) for error in errors_in(payload)]


def test_a_household_code_is_held_against_the_head_that_the_request_names(desk: Desk) -> None:
    whole = registered(desk)
    assert upserted(desk, whole | {"head": "赵六"}) == [
        ("HEAD_NAME_MISMATCH", ["head"]),
    ]
    assert upserted(desk, whole | {"head": NAME}) == []
    child = registered(desk)["members"][0] | {"relation": "CHILD"}
    only = {"code": whole["code"], "members": [child]}
    assert upserted(desk, only | {"head": "赵六"}) == [("HEAD_NAME_MISMATCH", ["head"])]
    assert upserted(desk, only | {"head": NAME}) == []


def test_members_who_come_with_another_head_do_not_come_into_the_household(desk: Desk) -> None:
    whole, other = registered(desk), registered(desk)
    assert upserted(desk, whole) == []
    child = registered(desk)["members"][0] | {"relation": "CHILD"}
    assert upserted(desk, other | {"code": whole["code"], "members": [*other["members"], child]}) == [
        ("DUPLICATE_HEAD", ["members", "0", "relation"]),
        ("HEAD_REFUSED", ["members", "1", "relation"]),
    ]


def test_a_name_that_changes_is_told(desk: Desk) -> None:
    whole = registered(desk)
    assert upserted(desk, whole) == []
    (head,) = whole["members"]
    asked = "mutation ($input: UpsertHouseholdsInput!) { upsertHouseholds(input: $input) { outcomes { warnings { code } } } }"
    given = {"households": [whole | {"members": [head | {"name": "王舞"}]}]}
    (outcome,) = desk.served.ask(STREET, asked, {"input": given}).data["upsertHouseholds"]["outcomes"]
    assert "NAME_CHANGED" in [warning["code"] for warning in outcome["warnings"]]


def test_names_that_move_are_refused_and_of_an_old_version_nothing_but_that_is_said(desk: Desk) -> None:
    households = [registered(desk), registered(desk)]
    names = ("王甲", "王乙")
    for whole, name in zip(households, names, strict=True):
        whole["members"][0]["name"] = name
        assert upserted(desk, whole) == []
    swapped = [
        whole | {"members": [whole["members"][0] | {"name": name}]}
        for whole, name in zip(households, reversed(names), strict=True)
    ]

    def refused(given: list[dict[str, Any]]) -> list[str]:
        payload = desk.send(STREET, "upsertHouseholds", {"households": given}).data["upsertHouseholds"]
        return [error["code"] for error in errors_in(payload)]

    assert refused(swapped) == ["NAMES_SHIFTED", "NAMES_SHIFTED"]
    assert refused([whole | {"expectedVersion": 9} for whole in swapped]) == [
        "STALE_VERSION",
        "STALE_VERSION",
    ]
