"""A caller may neither compare nor overwrite what it may not read. Each code of a mutation that reveals stored data has a
line in the list, and a caller who may not read that data is refused before anything is looked up (46-4.2)."""

from collections import Counter

import pytest

from hub.policy.clauses import CLAUSES
from schema.user_errors import user_errors
from tests.schema.desk import Desk, document, errors_in
from tests.schema.inputs_that_are_kept import KEPT
from tests.schema.refusals_in_reach import codes_in_reach
from tests.schema.state_dependent_codes import (
    ACCEPTED_BITS,
    BY_INPUT,
    DEPENDENCIES,
    OF_ONES_OWN,
    ONLY_WARNED,
    lines_of,
    needed,
)

WITHOUT_A_LINE = BY_INPUT | OF_ONES_OWN.keys() | ONLY_WARNED


@pytest.mark.parametrize("mutation", sorted(codes_in_reach()))
def test_every_code_of_a_mutation_that_tells_of_what_stands_has_a_line(mutation: str) -> None:
    reached, lines = codes_in_reach()[mutation], lines_of(mutation)
    assert sorted(reached - WITHOUT_A_LINE - lines) == [], "a code without a line"
    assert sorted(lines - reached) == [], "a line without a code"


def test_the_lines_are_of_codes_and_clauses_that_there_are() -> None:
    codes = user_errors().keys()
    assert codes >= WITHOUT_A_LINE - ONLY_WARNED
    assert {one.clause for one in ACCEPTED_BITS} <= CLAUSES.keys()
    twice = Counter((*line, one.of) for one in DEPENDENCIES for line in one.lines)
    assert [line for line, times in twice.items() if times > 1] == []
    reached = frozenset().union(*codes_in_reach().values())
    assert sorted(WITHOUT_A_LINE - reached) == [], "a code that no mutation has"


def test_every_line_is_tried_by_an_input_that_is_kept() -> None:
    mutations = {mutation for mutation, _, _ in KEPT}
    assert {name for one in DEPENDENCIES for name in one.mutations.split()} <= mutations


@pytest.mark.parametrize("place", range(len(KEPT)), ids=lambda place: f"{KEPT[place][0]}-{place}")
def test_who_may_not_read_what_a_refusal_tells_is_refused_before_it_is_looked_up(
    desk: Desk, place: int
) -> None:
    mutation, agency, make = KEPT[place]
    given = make(desk)
    whole = desk.served.grant(agency).scopes
    told = needed(mutation, given)
    closing = {scope for scopes in told for one in scopes for scope in one & whole}
    answers = {}
    for scope in sorted(closing):
        held = whole - {scope}
        if all(any(one <= held for one in scopes) for scopes in told):
            continue
        reply = desk.served.ask(agency, document(mutation), {"input": given}, scopes=held)
        payload = reply.body["data"][mutation]
        answers[scope] = (
            {error["extensions"]["code"] for error in reply.body["errors"]}
            if payload is None
            else {error["code"] for error in errors_in(payload)}
        )
    assert {
        scope: codes
        for scope, codes in answers.items()
        if not codes <= {"FORBIDDEN_FIELD", "FORBIDDEN_WRITE"} or not codes
    } == {}
    kept = desk.send(agency, mutation, given).data[mutation]
    assert errors_in(kept) == []
