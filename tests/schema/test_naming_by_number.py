"""Writes do not reveal whose an identity number is. A caller who may not read numbers cannot name a person by one. An
external id that the agency has already used gets the same response, whichever other person it names (46-2.1)."""

from typing import Any

import pytest

from auth.scopes import Scope
from hub.persons.identity_number import check_digit
from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody
from tests.journeys.outcomes import RECORD_AID, grant_of_a_pupil

EDUCATION = "education@410105"
NOBODY = "41010520050101003"


def nobody() -> str:
    """A valid number that no person has."""
    return NOBODY + check_digit(NOBODY)


def errors_of(served: Served, given: dict[str, Any], scopes: frozenset[Scope] | None = None) -> Any:
    reply = served.ask(EDUCATION, RECORD_AID, {"input": given}, scopes=scopes)
    return reply.body["data"]["recordAid"]["errors"]


@pytest.mark.parametrize("registered", [True, False])
@pytest.mark.parametrize("written_before", [True, False])
def test_who_does_not_read_numbers_names_nobody_by_one(
    writable_hub: Served, of_jinshui: list[Somebody], registered: bool, written_before: bool
) -> None:
    first, other = of_jinshui[:2]
    number = other.id_number if registered else nobody()
    if written_before:
        assert errors_of(writable_hub, grant_of_a_pupil({"personId": first.person_id})) == []
    scopes = writable_hub.grant(EDUCATION).scopes - {Scope.PERSON_IDENTITY_READ}
    (error,) = errors_of(writable_hub, grant_of_a_pupil({"idNumber": number}), scopes)
    assert (error["code"], error["path"]) == ("FORBIDDEN_WRITE", ["input", "subject", "idNumber"])
    assert Scope.PERSON_IDENTITY_READ.value in error["message"]


def test_a_number_of_ones_own_is_a_conflict_whomever_else_it_names(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    first, other = of_jinshui[:2]
    given = grant_of_a_pupil({"personId": first.person_id})
    assert errors_of(writable_hub, given) == []
    by_number = grant_of_a_pupil({"idNumber": first.id_number})
    assert errors_of(writable_hub, by_number) == [], "the same person by another name is the same outcome"
    told = [
        errors_of(writable_hub, grant_of_a_pupil({"idNumber": number}))
        for number in (other.id_number, nobody())
    ]
    assert told[0] == told[1]
    assert [error["code"] for error in told[0]] == ["CONFLICT"]
