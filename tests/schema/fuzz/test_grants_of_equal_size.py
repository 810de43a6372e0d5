"""A plan for one grant is never used for another: one text is sent under several grants of equal size.

The grants have the same number of scopes and of regions, but other ones. Each response is compared with that of an executor
that has planned nothing before.
"""

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auth.grant import Grant
from auth.scopes import Scope
from schema.hub_schema import build
from tests.schema.fuzz.conftest import Both
from tests.schema.fuzz.operations import Operation, Words, operations
from tests.schema.fuzz.test_executors_agree import EXAMPLES, PHASES, said
from tests.schema.fuzz.test_what_is_outside_the_grant_changes_nothing import PAGES, every_field, node_of

REGIONS = ("4101", "4102", "410105", "410181")
MISSING = (
    Scope.CIRCUMSTANCE_EDUCATION_READ,
    Scope.AID_TEMPORARY_READ,
    Scope.HOUSEHOLD_FINANCE_READ,
    Scope.OVERLAP_WRITE,
    Scope.CONFERENCE_WRITE,
)


def lacking(region: str, *missing: Scope) -> Grant:
    """All scopes but some, in one region, for an agency to which no household is shown."""
    return Grant(f"finance@{region}", "fuzz", frozenset(Scope) - {*missing}, (region,), "test")


TWINS = [
    *(lacking("4101", Scope.AUDIT_READ, one) for one in MISSING),
    lacking("4101", Scope.HOUSEHOLD_READ, Scope.OVERLAP_WRITE),
    *(lacking(region, Scope.AUDIT_READ, Scope.OVERLAP_WRITE) for region in REGIONS[1:]),
]
"""The same number of scopes and one region, which is in the text of a statement (a city's) or in its parameters (a county's)."""


def compare(both: Both, operation: Operation, grants: Sequence[Grant]) -> None:
    """Send the operation under each grant in sequence, and each time to a new executor without plans too."""
    for grant in grants:
        told = both.ask(operation, grant, reference=False)
        assert said(told) == said(both.anew().ask(operation, grant, reference=False)), grant.regions


@pytest.mark.parametrize("connection", PAGES)
def test_one_text_is_planned_for_each_of_the_grants_of_equal_size(both: Both, connection: str) -> None:
    query = f"{{ {connection}(first: 8) {{ totalCount nodes {every_field(node_of(connection), 0)} }} }}"
    compare(both, Operation(query, {}), TWINS)


@settings(
    max_examples=EXAMPLES // 10, deadline=None, print_blob=True, database=None, phases=PHASES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)  # fmt: skip
@given(data=st.data())
def test_a_drawn_text_is_planned_for_each_of_two_grants_of_equal_size(
    both: Both, words: Words, data: st.DataObject
) -> None:
    operation: Operation = data.draw(operations(build().graphql, words), "operation")
    compare(
        both,
        operation,
        data.draw(st.lists(st.sampled_from(TWINS), min_size=2, max_size=3, unique_by=id), "grants"),
    )
