"""The smallest scope sets: all of them, each without a superfluous scope."""

from collections.abc import Callable
from itertools import chain, combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.grant import ScopeSets, covers
from auth.scopes import Scope
from schema.engine.compile.scope_sets import TooManyScopeSets, smallest_sets

A, B, C, D, E, *_ = sorted(Scope)
FEW = (A, B, C, D, E)
sets = st.frozensets(st.sampled_from(FEW), min_size=1, max_size=3)
required: st.SearchStrategy[list[ScopeSets]] = st.lists(st.lists(sets, max_size=3).map(tuple), max_size=6)


def test_nothing_required_needs_no_scope() -> None:
    assert smallest_sets([]) == smallest_sets([(), ()]) == ()


def test_what_one_requirement_brings_settles_another() -> None:
    one_of = (frozenset({A}), frozenset({B}))
    assert smallest_sets([one_of]) == one_of
    assert smallest_sets([one_of, (frozenset({B, C}),)]) == (frozenset({B, C}),)
    assert smallest_sets([one_of, (frozenset({C}),)]) == (frozenset({A, C}), frozenset({B, C}))


def holds(scopes: frozenset[Scope]) -> Callable[[list[ScopeSets]], bool]:
    return lambda wanted: all(covers(scopes, one) for one in wanted)


@given(required)
def test_they_are_exactly_the_sets_that_hold_and_of_which_no_part_holds(wanted: list[ScopeSets]) -> None:
    every = [frozenset(some) for some in chain.from_iterable(combinations(FEW, n) for n in range(6))]
    holding = [one for one in every if holds(one)(wanted)]
    smallest = {one for one in holding if not any(other < one for other in holding)}
    assert set(smallest_sets(wanted) or (frozenset(),)) == smallest


def test_too_many_are_refused_rather_than_counted() -> None:
    scopes = list(Scope)
    pairs = [
        (frozenset({scope}), frozenset({other}))
        for scope, other in zip(scopes[::2], scopes[1::2], strict=False)
    ]
    assert len(smallest_sets(pairs[:6])) == 64
    with pytest.raises(TooManyScopeSets):
        smallest_sets(pairs)


@pytest.mark.parametrize(("count", "counted"), [(99, True), (100, True), (101, False)])
def test_a_hundred_sets_are_counted_and_no_more(count: int, counted: bool) -> None:
    pairs = tuple(frozenset(pair) for pair in combinations(list(Scope), 2))[:count]
    assert len(pairs) == count
    if counted:
        assert set(smallest_sets([pairs])) == set(pairs)
    else:
        with pytest.raises(TooManyScopeSets):
            smallest_sets([pairs])
