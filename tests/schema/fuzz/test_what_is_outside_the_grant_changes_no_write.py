"""Write non-interference: data that a grant may not see changes neither the response to a write nor the data that can be read
afterwards.

Two databases differ in everything outside a grant; in one of them another session locks every household out of sight
(`writing.py`). Both get the same mutation. Payload, errors with code, message, path and order, warnings, extensions, the
statements that were run, and everything that the caller reads afterwards are equal. If a rule requires one bit to be
revealed, the responses may differ in that bit only (`told_by_writes.py`).
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.policy.clauses import CLAUSES
from schema.user_errors import user_errors
from tests.schema.fuzz.drawn_writes import ArgumentValue, inputs
from tests.schema.fuzz.test_executors_agree import EXAMPLES, PHASES
from tests.schema.fuzz.told_by_writes import TOLD, WAITS, told_codes
from tests.schema.fuzz.writing import WRITERS, Answered, Writing, writing
from tests.schema.inputs_that_are_kept import KEPT

__all__ = ["writing"]
FEW = EXAMPLES <= 100
"""Whether this is a run of all tests; `make fuzz` draws for all writers, and many times."""
OFTEN = ("a county's schools",)
"""The writers in a run of all tests."""


def parts_of(payload: Any) -> list[Any]:
    """The parts of a payload: the result of each item of a batch, and the payload itself."""
    if payload is None:
        return [None]
    batches = {name for name in ("outcomes", "reports") if name in payload}
    return [one for name in batches for one in payload[name]] + [{**payload, **dict.fromkeys(batches)}]


def errors_of(part: Any, but: frozenset[str]) -> list[Any]:
    """The errors in a part, without those of some codes."""
    return [one for one in (part or {}).get("errors", ()) if one["code"] not in but]


def warnings_of(part: Any, but: frozenset[str]) -> list[Any]:
    """The warnings in a part, without those of some codes."""
    return [one for one in part.get("warnings", ()) if one["code"] not in but]


def codes_of(part: Any) -> set[str]:
    """The codes of a part's errors."""
    return {one["code"] for one in (part or {}).get("errors", ())}


def same(standing: Any, altered: Any, *at: str | int) -> None:
    """Fail at the first place at which two values differ."""
    assert type(standing) is type(altered), (at, standing, altered)
    if isinstance(standing, dict) and standing.keys() == altered.keys():
        for name in standing:
            same(standing[name], altered[name], *at, name)
    elif isinstance(standing, list) and len(standing) == len(altered):
        for place, (one, other) in enumerate(zip(standing, altered, strict=True)):
            same(one, other, *at, place)
    else:
        assert standing == altered, (at, standing, altered)


def differ_in_what_is_told(
    mutation: str, input: ArgumentValue, standing: Answered, altered: Answered
) -> bool:
    """Whether two responses differ, in bits that a rule requires to be revealed. Fails if they differ in anything else."""
    codes, follows, warned = told_codes(mutation, input)
    told = False
    both = parts_of(standing.payload), parts_of(altered.payload)
    assert len(both[0]) == len(both[1])
    for one, other in zip(*both, strict=True):
        bits = (codes_of(one) ^ codes_of(other)) & codes
        if bits:
            same(errors_of(one, codes | follows), errors_of(other, codes | follows), "errors")
            told = True
            continue
        if one is not None and other is not None:
            same(warnings_of(one, warned), warnings_of(other, warned), "warnings")
            told |= one.get("warnings") != other.get("warnings")
            same({**one, "warnings": None}, {**other, "warnings": None}, "payload")
        else:
            same(one, other, "payload")
    if not told:
        same(standing.beside, altered.beside)
        same(standing.statements, altered.statements, "statements")
        same(standing.read, altered.read, "read")
    return told


def check(writing: Writing, mutation: str, name: str, input: ArgumentValue) -> None:
    """Send an input to both databases of a writer, and compare the responses."""
    pair = writing.pair(name)
    standing, altered = (writing.write(side, mutation, input, name) for side in pair)
    waited = mutation in WAITS and any("BUSY" in codes_of(part) for part in parts_of(altered.payload))
    if waited:
        writing.let_go(name)
        altered = writing.write(pair[1], mutation, input, name)
    if differ_in_what_is_told(mutation, input, standing, altered) or waited:
        writing.renew(name)


@contextmanager
def telling(writing: Writing, mutation: str, name: str, input: ArgumentValue) -> Iterator[None]:
    """Add the input to the message of a failed check, and renew the databases, which are no longer equal."""
    try:
        yield
    except BaseException as failure:
        writing.renew(name)
        failure.add_note(f"{mutation} by {name}: {input}")
        raise


def able(agency: str, names: Sequence[str]) -> Sequence[str]:
    """The writers who may send what an agency may send: the agency itself, and others of its department; otherwise all."""
    same = [name for name in names if WRITERS[name].agency == agency]
    akin = [name for name in names if WRITERS[name].agency.partition("@")[0] == agency.partition("@")[0]]
    return [*same * 3, *akin] or names


MUTATIONS = sorted({mutation for mutation, _, _ in KEPT})
SENT_AGAIN = 8
"""After this number of drawn inputs, the good inputs of a mutation are used up."""


def draw_each(writing: Writing, mutation: str) -> None:
    """Send drawn inputs of a mutation."""
    names = OFTEN if FEW else tuple(WRITERS)
    sent = 0

    @settings(
        max_examples=max(2, EXAMPLES // 100),
        deadline=None,
        print_blob=True,
        database=None,
        phases=PHASES,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(data=st.data())
    def each(data: st.DataObject) -> None:
        nonlocal sent
        agency, good = data.draw(st.sampled_from(writing.good[mutation]), "good")
        name = data.draw(st.sampled_from(able(agency, names)), "writer")
        input = data.draw(inputs(mutation, good, writing.known), "input")
        sent += 1
        if sent % SENT_AGAIN == 0:
            writing.renew(name)
        with telling(writing, mutation, name, input):
            check(writing, mutation, name, input)

    each()


@pytest.mark.parametrize("mutations", [MUTATIONS] if FEW else [[one] for one in MUTATIONS])
def test_what_a_writer_does_not_see_changes_nothing_in_what_its_writes_answer_and_leave(
    writing: Writing, mutations: list[str]
) -> None:
    for mutation in mutations:
        draw_each(writing, mutation)


def test_what_writes_may_tell_is_said_of_mutations_and_codes_that_there_are() -> None:
    for one in TOLD:
        assert one.mutations <= set(MUTATIONS), one
        assert one.codes | one.follows <= set(user_errors()), one
        assert one.clause in CLAUSES, one
    assert WAITS.keys() <= set(MUTATIONS)
    assert set(WAITS.values()) <= set(CLAUSES)
