"""Sight outside an agency's jurisdiction: its reasons as data (`sight.toml`), and the predicate for households that are shown
now.

The row rules of tables (`row_policies`) use this. `hub/policy/facts/shown.py` computes which households are shown to which
agency.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant
from hub.foundation.bare_tables import bare_table_of
from hub.foundation.database import CODE
from hub.model.agencies import ShownBecause, ShownHouseholdRow

_shown = bare_table_of(ShownHouseholdRow)
_ANY = "ANY"


class Opens(StrEnum):
    """How much of a household a reason opens."""

    DUTY = "DUTY"
    """Everything that the department's scopes open (46-4.2)."""
    OWN_RECORDS = "OWN_RECORDS"
    """Only what the agency itself wrote."""


@dataclass(frozen=True, slots=True)
class SightReason:
    """Why a household is shown. `days_after`: the number of days after the last act when sight ends, by the status of the
    record that gives the sight. With another status sight does not end, or ends `days_after_any` days after the last act, if
    that is set."""

    clause: str
    opens: Opens
    days_after: Mapping[str, int]
    days_after_any: int | None


def _reason(table: Mapping[str, Any]) -> SightReason:
    days: dict[str, int] = dict(table["days_after"])
    always = days.pop(_ANY, None)
    return SightReason(table["clause"], Opens(table["opens"]), MappingProxyType(days), always)


def _read() -> Mapping[ShownBecause, SightReason]:
    read = tomllib.loads(files(__package__).joinpath("sight.toml").read_text("utf-8"))
    found = {ShownBecause(name): _reason(table) for name, table in read.items()}
    return MappingProxyType({because: found[because] for because in ShownBecause})


REASONS: Mapping[ShownBecause, SightReason] = _read()
"""Every reason; raises KeyError at the start if one has no line."""
ON_DUTY = tuple(because for because, reason in REASONS.items() if reason.opens is Opens.DUTY)
"""The reasons that open the whole household."""


def shown_now(
    household_id: ColumnElement[Any], grant: Grant, reasons: Iterable[ShownBecause]
) -> ColumnElement[bool]:
    """Whether a household is shown to the grant's agency for one of these reasons, and the sight has not ended."""
    return sa.exists().where(_shown.c.household_id == household_id, is_shown(_shown, grant, reasons))


def is_shown(shown: FromClause, grant: Grant, reasons: Iterable[ShownBecause]) -> ColumnElement[bool]:
    """Whether a row shows its household to the grant's agency for one of these reasons, and the sight has not ended."""
    return sa.and_(
        shown.c.agency_id == agency_of(grant),
        shown.c.because.in_([reason.value for reason in reasons]),
        lasting(shown),
    )


def lasting(shown: FromClause) -> ColumnElement[bool]:
    """Whether sight has not ended."""
    return sa.or_(shown.c.until.is_(None), shown.c.until > sa.func.statement_timestamp())


def lasts(until: datetime | None, at: datetime) -> bool:
    """The same for one row in Python, at an instant."""
    return until is None or until > at


def shown_for(because: ShownBecause, grant: Grant) -> tuple[FromClause, ColumnElement[bool]]:
    """The rows that show households to the grant's agency for a reason now: the table, and the condition on its rows."""
    shown = _shown.alias()
    return shown, sa.and_(
        shown.c.agency_id == agency_of(grant), shown.c.because == because.value, lasting(shown)
    )


def agency_of(grant: Grant) -> ColumnElement[str]:
    """The parameter with the grant's agency."""
    return sa.bindparam("grant_agency", grant.agency, type_=CODE)
