"""The ranked visit list of 46-2.3 as one Core subquery, which both executors read like a table.

A household is listed if it has a reason that the grant may read. It is ranked by its first reason in the policy's order,
then by the number of its reasons. A condition on the region is passed down to the households, so a query for a township
reads only its rows.
"""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Subquery
from sqlalchemy.dialects import postgresql as pg

from auth.grant import Grant
from hub.evaluation.visits.rules import VISIT_RULES, VisitReason
from hub.foundation.database import CODE, table_of, words
from hub.model.households import HouseholdRow

_household = table_of(HouseholdRow)
_APART = 10
"""A number above the number of reasons, so that the count of reasons never outweighs the first reason."""

TO_VISIT = sa.Table(
    "household_to_visit",
    sa.MetaData(),
    sa.Column("household_id", sa.Uuid, nullable=False),
    sa.Column("region", CODE, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("reasons", sa.ARRAY(words(VisitReason)), nullable=False),
)
"""The columns of `to_visit`. A smaller rank comes first."""


def _everywhere(_household: sa.FromClause) -> sa.ColumnElement[bool]:
    return sa.true()


def to_visit(
    grant: Grant, within: Callable[[sa.FromClause], sa.ColumnElement[bool]] = _everywhere
) -> Subquery:
    """The households to visit first, by the reasons that the grant may read, in the columns of `TO_VISIT`. `within` limits the
    households by a condition on their own table.

    The result has the rows of all households. The caller applies the row policies.
    """
    household = _household.alias()
    shown: list[sa.ColumnElement[Any]] = []
    for reason, rule in VISIT_RULES.items():
        known = [fact.holds(household, grant) for fact in rule.facts if grant.covers(fact.needs)]
        if known:
            shown.append(sa.case((sa.or_(*known), _word(reason)), else_=sa.cast(sa.null(), sa.Text)))
    listed = sa.func.array_remove(_texts(shown), sa.null(), type_=pg.ARRAY(sa.Text))
    # OFFSET 0 prevents merging: each reason is then evaluated once, not again for the rank and for the condition.
    ranked = sa.select(listed.label("reasons")).offset(sa.literal_column("0")).correlate(household).lateral()
    places = [_word(reason) for reason in VisitReason]
    place = sa.func.array_position(_texts(places), ranked.c.reasons[1], type_=sa.Integer)
    rank = place * _number(_APART) - sa.func.cardinality(ranked.c.reasons)
    return (
        sa.select(
            household.c.id.label("household_id"),
            household.c.region.label("region"),
            rank.label("rank"),
            sa.type_coerce(ranked.c.reasons, sa.ARRAY(words(VisitReason))).label("reasons"),
        )
        .select_from(household.join(ranked, sa.true()))
        .where(within(household), sa.func.cardinality(ranked.c.reasons) > _number(0))
        .subquery()
    )


def _texts(values: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[Any]:
    return sa.cast(pg.array(values), pg.ARRAY(sa.Text))


def _word(reason: VisitReason) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{reason.value}'", sa.Text)


def _number(value: int) -> sa.ColumnElement[int]:
    return sa.literal_column(str(value), sa.Integer)
