"""Alerts, and the numbers of monitoring runs, need the scopes of every fact that they imply: a category, income, aid."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision: str = "2026_11_30_implied_facts"
down_revision: str | None = "2026_11_30_key_checks"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

_FURTHER: Mapping[str, Sequence[str]] = {
    "ILLNESS_OUTSIDE": ("certification:read",),
    "SEVERE_DISABILITY_OUTSIDE": ("certification:read",),
    "PARTLY_COVERED": ("certification:read",),
    "PREMIUM_NOT_IN_FULL": ("certification:read", "aid.medical:read"),
    "SUPPLEMENT_MISSING": ("certification:read", "aid.basic_living:read"),
    "ALLOWANCE_LATE": ("certification:read", "aid.basic_living:read"),
    "DUPLICATE_AID": ("overlap:read",),
    "REFERRAL_OVERDUE": ("referral:read",),
    "INCOME_ABOVE_LINE": ("certification:read", "household.finance:read", "household:read"),
}
"""By finding, what is needed besides what was. Events of the chain stay as they were hashed: they are there with their alert."""


_TABLES = ("alert", "monitoring_result")


def upgrade() -> None:
    """Add what is needed to what stands."""
    for name in _TABLES:
        for table, further in _needed(name):
            op.execute(table.values(needs=sa.func.array_cat(sa.column("needs"), further)))


def downgrade() -> None:
    """Take it away."""
    one = sa.func.unnest(sa.column("needs", pg.ARRAY(sa.Text))).column_valued("one")
    for name in _TABLES:
        for table, further in _needed(name):
            others = sa.select(one).where(one != sa.all_(further)).scalar_subquery()
            op.execute(table.values(needs=sa.func.array(others)))


def _needed(name: str) -> Iterator[tuple[sa.Update, Any]]:
    """An update of the rows of each finding, and the scopes that they need besides."""
    table = sa.table(name, sa.column("needs", pg.ARRAY(sa.Text)), sa.column("finding", sa.Text))
    for finding, scopes in _FURTHER.items():
        further = sa.cast(list(scopes), pg.ARRAY(sa.Text))
        yield sa.update(table).where(table.c.finding == finding), further
