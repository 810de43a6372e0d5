"""46-2.3, 46-4.2: a hidden fact is unknown, not false. The visit list names every reason that it may omit."""

from typing import Any
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from auth.grant import Grant
from auth.scopes import Scope
from hub.evaluation.visits.ranking import to_visit
from hub.evaluation.visits.rules import reasons_withheld
from hub.foundation.calendar import today
from tests.hub.evaluation.entitlements.drawn import write_families

READS = frozenset(scope for scope in Scope if scope.endswith(":read")) - {Scope.AUDIT_READ}
IN_POLICY_ORDER = ["DISABILITY_OUTSIDE", "PARTLY_COVERED", "LITTLE_LABOUR", "ILLNESS", "URGENT_TROUBLE"]
"""The reasons in the order of the policy (46-2.3), after the disabled:
非“整户保”家庭、无劳动力或弱劳动力家庭、有重病患者或慢性病人的家庭、遇到急难事项或意外事故的家庭."""


def reader(*but: str) -> Grant:
    """Civil affairs of the city, with all scopes to read except some."""
    return Grant("civil_affairs@4101", "test", READS - set(but), ("4101",), "test")


def listed(connection: psycopg.Connection[Any], grant: Grant) -> set[tuple[UUID, str]]:
    """Each household with each of its reasons, as far as a grant sees them."""
    rows = to_visit(grant)
    query = sa.select(rows.c.household_id, rows.c.reasons)
    text = str(query.compile(dialect=pg.dialect(), compile_kwargs={"literal_binds": True}))  # type: ignore[no-untyped-call]
    return {
        (household, why)
        for household, reasons in connection.execute(text.replace("%%", "%"))
        for why in reasons
    }


@pytest.mark.parametrize(
    ("hidden", "withheld"),
    [
        ("", []),
        ("aid.temporary:read", []),
        ("aid.temporary:read household.finance:read", ["URGENT_TROUBLE"]),
        ("aid.disaster:read", []),
        ("aid.disaster:read certification:read", ["DISABILITY_OUTSIDE", "PARTLY_COVERED", "URGENT_TROUBLE"]),
        ("aid:read", ["URGENT_TROUBLE"]),
        ("alert:read", ["URGENT_TROUBLE"]),
        ("circumstance.medical_insurance:read", ["ILLNESS"]),
        ("person.employment:read", ["LITTLE_LABOUR"]),
        ("certification:read", ["DISABILITY_OUTSIDE", "PARTLY_COVERED"]),
        ("person:read", ["DISABILITY_OUTSIDE", "PARTLY_COVERED", "LITTLE_LABOUR", "ILLNESS"]),
    ],
)
def test_who_lacks_a_scope_is_told_which_reasons_may_be_left_out(hidden: str, withheld: list[str]) -> None:
    """A caller who may read every fact by which a kind of aid is granted may also read that aid."""
    assert reasons_withheld(reader(*hidden.split())) == withheld


def test_no_reason_is_left_out_that_is_not_named(database_url: str) -> None:
    left_out: set[str] = set()
    with psycopg.connect(database_url) as connection:
        write_families(connection, 5, today(), 120)
        connection.execute(
            "update certification c set person_id = (select min(id::text)::uuid from person p"
            " where p.household_id = c.household_id and p.left_on is null) where category = 'SUBSISTENCE_ALLOWANCE'"
        )
        whole = listed(connection, reader())
        assert {why for _, why in whole} == {*IN_POLICY_ORDER}
        for one in sorted(READS):
            for hidden in ({one}, {one, "certification:read"}, {one, "household.finance:read"}):
                shown = listed(connection, reader(*hidden))
                named = set(reasons_withheld(reader(*hidden)))
                lost = {why for _, why in whole ^ shown}
                assert lost <= named, hidden
                left_out |= lost
        connection.rollback()
    assert left_out == {*IN_POLICY_ORDER}
