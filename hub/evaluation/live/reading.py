"""Reads stored results by index. Households whose stored results are out of date are evaluated in the same statement.

So the result is always that of an evaluation, whether or not the job has run. If the grant does not read everything that the
stored results depend on, all is evaluated with the scopes of the grant.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select, Subquery

from auth.grant import Grant
from hub.evaluation.entitlements.entitled import entitled
from hub.evaluation.entitlements.rules import EntitlementRule
from hub.evaluation.live.needs import NEEDS_OF_VISITS, whole
from hub.evaluation.live.refreshing import holds, holds_no_more
from hub.evaluation.visits.ranking import TO_VISIT, to_visit
from hub.foundation.calendar import TODAY
from hub.foundation.database import CODE, table_of
from hub.model.entitlements import EntitlementStatus
from hub.model.households import HouseholdRow
from hub.model.live import LiveEntitlementRow, LiveHouseholdRow
from hub.policy.facts import persons
from hub.policy.facts.sight import Condition, beside
from hub.policy.permissions.row_policies import visible

_household = table_of(HouseholdRow)


def _evaluated() -> tuple[FromClause, ColumnElement[bool]]:
    """The stored results of households, and the condition that they are up to date."""
    live = table_of(LiveHouseholdRow).alias()
    return live, holds(live)


def _in_sight(grant: Grant) -> Condition:
    return lambda household: visible(household, grant)


def _stale_in_sight(grant: Grant) -> Condition:
    """Whether a visible household's stored results are out of date. Other households are not evaluated, so nobody waits for
    them."""
    live = table_of(LiveHouseholdRow).alias()
    stale = sa.select(live.c.household_id).where(holds_no_more(live))
    return lambda household: sa.and_(household.c.id.in_(stale), visible(household, grant))


def missing(rules: Sequence[EntitlementRule], grant: Grant) -> Select[Any]:
    """The ids of the households that have a MISSING entitlement by one of the rules, as far as the grant can know. The outer
    statement checks the households themselves."""
    known = whole(rules, grant)
    of_others = [rule for rule in rules if rule not in known]
    found = [_missing(of_others, grant, _in_sight(grant))]
    if known:
        live, they_hold = _evaluated()
        row = table_of(LiveEntitlementRow).alias()
        stored = (
            sa.select(row.c.household_id)
            .join_from(row, live, live.c.household_id == row.c.household_id)
            .where(
                row.c.rule.in_([rule.code for rule in known]),
                row.c.status == EntitlementStatus.MISSING,
                sa.not_(row.c.to_check),
                they_hold,
            )
        )
        found = [stored, _missing(known, grant, _stale_in_sight(grant)), *(found if of_others else [])]
    every = sa.union_all(*found).subquery()
    return sa.select(every.c.household_id)


def _missing(rules: Sequence[EntitlementRule], grant: Grant, within: Condition) -> Select[Any]:
    claim = entitled(grant, rules=rules, within=within)
    return sa.select(claim.c.household_id).where(
        claim.c.status == EntitlementStatus.MISSING, claim.c.to_check.is_(None)
    )


def partly_covered(grant: Grant) -> Select[Any]:
    """The ids of the partly covered households (非整户保, 46-2.3). The outer statement checks the households themselves. It
    also checks that the grant reads their members and certifications: the result depends on nothing else."""
    live, they_hold = _evaluated()
    household = _household.alias()
    stored = sa.select(live.c.household_id.label("household_id")).where(live.c.partly_covered, they_hold)
    evaluated = sa.select(household.c.id).where(
        _stale_in_sight(grant)(household), persons.partly_covered(household, TODAY, beside(grant))
    )
    every = sa.union_all(stored, evaluated).subquery()
    return sa.select(every.c.household_id)


def visit_list(grant: Grant) -> Subquery:
    """The households to visit first, in the columns of `TO_VISIT`. The caller applies the row policies."""
    if not grant.scopes >= NEEDS_OF_VISITS:
        return to_visit(grant)
    live, they_hold = _evaluated()
    rank = sa.type_coerce(live.c.visit_rank, sa.Integer)  # never null because of the condition below
    # Ordered as the list: PostgreSQL then merges both parts, and reads only a page from the index.
    stored = (
        sa.select(
            live.c.household_id,
            sa.type_coerce(live.c.region, CODE).label("region"),
            rank.label("rank"),
            sa.type_coerce(live.c.visit_reasons, TO_VISIT.c.reasons.type).label("reasons"),
        )
        .where(live.c.visit_rank.is_not(None), they_hold)
        .order_by(rank, live.c.household_id)
        .subquery()
    )
    evaluated = sa.select(*to_visit(grant, within=_stale_in_sight(grant)).c)
    return sa.union_all(sa.select(*stored.c), evaluated).subquery()
