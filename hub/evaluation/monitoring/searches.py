"""The statements of a run: the facts of findings in a part of the households, compared with the open alerts.

Most findings have a statement each. Findings whose facts come from the entitlements share one statement, so that the
entitlements are evaluated once.
"""

from collections.abc import Iterable
from functools import cache

import sqlalchemy as sa

from hub.agencies.nearest import nearest_agency
from hub.evaluation.monitoring.household_part import DAY, HOUSEHOLD, in_part
from hub.evaluation.monitoring.rules import CONDITIONS
from hub.foundation.database import table_of
from hub.foundation.prepared_sql import PreparedSql, render
from hub.model.agencies import Department
from hub.model.alerts import AlertRow, Finding
from hub.policy.facts.alerts import not_closed, refuted

_alert = table_of(AlertRow)

Search = tuple[Finding, ...]
"""The findings of one statement."""


def searches(findings: Iterable[Finding]) -> list[Search]:
    """The findings, grouped by statement, in the order of the first finding of each statement."""
    searched = [finding for finding in findings if finding in CONDITIONS]
    together = tuple(finding for finding in searched if CONDITIONS[finding].by_entitlements)
    each: list[Search] = []
    for finding in searched:
        if finding not in together:
            each.append((finding,))
        elif finding is together[0]:
            each.append(together)
    return each


@cache
def differences(search: Search) -> PreparedSql:
    """The facts without an alert, the alerts without a fact, and the number of facts, each with its finding.

    Columns: finding, id (of the alert; null for a new fact), household_id and person_id (null for a number), evidence,
    to_agency, found. The parameters are those of a `Part`.
    """
    fact = _facts(search)
    alert = _alert.alias()
    subject = sa.func.coalesce(fact.c.person_id, fact.c.household_id)
    same = sa.and_(
        alert.c.household_id == fact.c.household_id,
        sa.func.coalesce(alert.c.person_id, alert.c.household_id) == subject,
        alert.c.finding == fact.c.finding,
        alert.c.evidence == fact.c.evidence,
    )
    of_search = sa.and_(alert.c.finding.in_(search), in_part(alert.c.household_id))
    open_alert = sa.and_(of_search, not_closed(alert))
    denied = sa.exists().where(of_search, refuted(alert, DAY), same).correlate_except(alert)
    there = sa.or_(sa.exists().where(open_alert, same).correlate_except(alert), denied)
    to = nearest_agency(Department.CIVIL_AFFAIRS, HOUSEHOLD.c.region)
    nobody, nothing, none = (
        sa.cast(sa.null(), sa.Uuid),
        sa.cast(sa.null(), sa.Text),
        sa.cast(0, sa.BigInteger),
    )
    new = (
        sa.select(
            fact.c.finding,
            nobody.label("id"),
            fact.c.household_id,
            fact.c.person_id,
            fact.c.evidence,
            to.label("to_agency"),
            none.label("found"),
        )
        .join_from(fact, HOUSEHOLD, HOUSEHOLD.c.id == fact.c.household_id)
        .where(sa.not_(there))
    )
    gone = sa.select(
        sa.cast(alert.c.finding, sa.Text),
        alert.c.id,
        alert.c.household_id,
        alert.c.person_id,
        alert.c.evidence,
        nothing,
        none,
    ).where(open_alert, sa.not_(sa.exists().where(same).correlate_except(fact)))
    count = sa.select(
        fact.c.finding, nobody, nobody, nobody, nothing, nothing, sa.func.count().label("found")
    ).group_by(fact.c.finding)
    return render(sa.union_all(new, gone, count))


def _facts(search: Search) -> sa.CTE:
    """The facts of several findings as one table."""
    each = []
    for finding in search:
        fact = CONDITIONS[finding].facts().subquery()
        each.append(
            sa.select(
                sa.literal(finding.value, sa.Text).label("finding"),
                fact.c.household_id,
                fact.c.person_id,
                fact.c.evidence,
            )
        )
    return sa.union_all(*each).cte("fact")
