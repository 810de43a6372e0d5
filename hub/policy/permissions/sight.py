"""Sight beyond one's jurisdiction: its reasons as data (`sight.toml`), and the predicate of what is shown for them now.

The rules of tables (`row_policies`) stand on this; who is shown what is reckoned in `hub/policy/facts/shown.py`.
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
    """Everything of it that the department's scopes carry (46-4.2)."""
    OWN_RECORDS = "OWN_RECORDS"
    """What the agency itself wrote of it."""


@dataclass(frozen=True, slots=True)
class SightReason:
    """Why a household is shown. `days_after`: by the state of what gave the sight, how many days after the last act it ends;
    a state that is not named does not end it, unless `days_after_any` says when it does."""

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
"""Every reason; a KeyError at the start where one has no line."""
ON_DUTY = tuple(one for one, reason in REASONS.items() if reason.opens is Opens.DUTY)
"""The reasons that open a household."""


def shown_now(
    household_id: ColumnElement[Any], grant: Grant, reasons: Iterable[ShownBecause]
) -> ColumnElement[bool]:
    """Whether a household is shown to the grant's agency for one of some reasons, and the sight has not ended."""
    return sa.exists().where(_shown.c.household_id == household_id, is_shown(_shown, grant, reasons))


def is_shown(shown: FromClause, grant: Grant, reasons: Iterable[ShownBecause]) -> ColumnElement[bool]:
    """Whether a line shows its household to the grant's agency for one of some reasons, and the sight has not ended."""
    return sa.and_(
        shown.c.agency_id == agency_of(grant),
        shown.c.because.in_([one.value for one in reasons]),
        lasting(shown),
    )


def lasting(shown: FromClause) -> ColumnElement[bool]:
    """Whether sight has not ended."""
    return sa.or_(shown.c.until.is_(None), shown.c.until > sa.func.statement_timestamp())


def lasts(until: datetime | None, at: datetime) -> bool:
    """The same for one line in Python, at an instant."""
    return until is None or until > at


def shown_for(because: ShownBecause, grant: Grant) -> tuple[FromClause, ColumnElement[bool]]:
    """The lines of what is shown to the grant's agency for a reason now: the table, and which of its rows."""
    shown = _shown.alias()
    return shown, sa.and_(
        shown.c.agency_id == agency_of(grant), shown.c.because == because.value, lasting(shown)
    )


def agency_of(grant: Grant) -> ColumnElement[str]:
    """The parameter that holds the grant's agency."""
    return sa.bindparam("grant_agency", grant.agency, type_=CODE)
