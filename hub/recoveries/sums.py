"""The repaid amount, the amount still owed and the status of a recovery, as SQL over its row."""

from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant
from hub.foundation.database import YUAN, table_of
from hub.model.recoveries import RecoveryStatus, RepaymentRow
from hub.policy.permissions.row_policies import visible

_repayment = table_of(RepaymentRow)


def repaid(recovery: FromClause, grant: Grant) -> ColumnElement[Decimal]:
    """The repaid amount, in yuan."""
    row = _repayment.alias()
    return (
        sa.select(sa.cast(sa.func.coalesce(sa.func.sum(row.c.amount), 0), YUAN))
        .where(
            row.c.household_id == recovery.c.household_id,
            row.c.recovery_id == recovery.c.id,
            visible(row, grant, household_seen=True),
        )
        .correlate_except(row)
        .scalar_subquery()
    )


def outstanding(recovery: FromClause, grant: Grant) -> ColumnElement[Decimal]:
    """The amount still owed, in yuan: neither repaid nor waived."""
    waived = sa.func.coalesce(recovery.c.waived, 0)
    return sa.cast(recovery.c.amount - waived - repaid(recovery, grant), YUAN)


def status(recovery: FromClause, grant: Grant) -> ColumnElement[str]:
    """The status as a code of `RecoveryStatus`."""
    came = repaid(recovery, grant)
    return sa.case(
        (recovery.c.waived.is_not(None), RecoveryStatus.WAIVED.value),
        (came >= recovery.c.amount, RecoveryStatus.REPAID.value),
        (came > 0, RecoveryStatus.PARTLY_REPAID.value),
        else_=RecoveryStatus.OPEN.value,
    )
