"""Who has a circumstance, and how much aid of a kind there is, are answered from an index alone; so are pages by residence.

The index of circumstances holds what decides whether one stands and who may know of it, that of aid the household, by which
rows are in sight.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_30_counts_by_index"
down_revision: str | None = "2026_11_30_live_entitlements"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = True

_COLUMNS = {"aid_record": "kind, period_from desc, id desc", "circumstance": "kind, household_id"}
_WHERE = {"aid_record": sa.text("superseded_at is null")}
_INCLUDED = {"aid_record": ["household_id"], "circumstance": ["since", "until", "source_registry"]}


def upgrade() -> None:
    """Each new index is there before the old one goes."""
    op.create_index("ix_household_residence_code", "household", ["residence", "code"])
    for table, included in _INCLUDED.items():
        _replace(table, included)


def downgrade() -> None:
    """The keys alone."""
    for table in _INCLUDED:
        _replace(table, [])
    op.drop_index("ix_household_residence_code", table_name="household")


def _replace(table: str, included: list[str]) -> None:
    name, columns = f"ix_{table}_kind", [sa.text(column) for column in _COLUMNS[table].split(", ")]
    op.execute(f"alter index {name} rename to {name}_before")
    op.create_index(name, table, columns, postgresql_include=included, postgresql_where=_WHERE.get(table))
    op.drop_index(f"{name}_before", table_name=table)
