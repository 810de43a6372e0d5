"""Lines of each county: the monthly standard of subsistence allowance and the income lines of the other categories."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_24_lines"
down_revision: str | None = "2026_11_24_alerts"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

_CODE = sa.Text(collation="C")
_RESIDENCES = "'URBAN', 'RURAL'"
_CATEGORIES = (
    "'EXTREME_HARDSHIP', 'SUBSISTENCE_ALLOWANCE', 'POVERTY_RELAPSE_MONITORED', 'SUBSISTENCE_MARGIN',"
    " 'RIGID_EXPENDITURE', 'OTHER_HARDSHIP'"
)


def upgrade() -> None:
    """The table, which the hub fills with the lines it comes with; imports of lines are runs like others."""
    op.create_table(
        "poverty_line",
        sa.Column(
            "county", _CODE, sa.ForeignKey("region.code", name=op.f("fk_poverty_line_county")), nullable=False
        ),
        sa.Column("residence", sa.String(40), nullable=False),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("from_month", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("yuan", sa.Numeric(12, 2), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("recorded_by", _CODE, sa.ForeignKey("agency.id", name=op.f("fk_poverty_line_recorded_by"))),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.TIMESTAMP(timezone=True)),
        sa.PrimaryKeyConstraint(
            "county", "residence", "category", "from_month", "version", name=op.f("pk_poverty_line")
        ),
        sa.CheckConstraint(f"residence in ({_RESIDENCES})", name=op.f("ck_poverty_line_residence")),
        sa.CheckConstraint(f"category in ({_CATEGORIES})", name=op.f("ck_poverty_line_category")),
        sa.CheckConstraint("yuan > 0", name=op.f("ck_poverty_line_yuan")),
        sa.CheckConstraint("extract(day from from_month) = 1", name=op.f("ck_poverty_line_from_month")),
    )
    op.create_index(
        "ix_poverty_line_current",
        "poverty_line",
        ["county", "residence", "category", sa.text("from_month desc")],
        unique=True,
        postgresql_where=sa.text("superseded_at is null"),
    )
    op.execute("grant select on poverty_line to hub_reader, hub_writer")
    op.execute("grant insert, update on poverty_line to hub_writer")
    _imports("HOUSEHOLDS", "MONITORED", "AID", "LINES")


def downgrade() -> None:
    """Forget the lines and that they were imported."""
    op.execute("delete from import_run where kind = 'LINES'")
    _imports("HOUSEHOLDS", "MONITORED", "AID")
    op.drop_table("poverty_line")


def _imports(*kinds: str) -> None:
    """What a file can hold."""
    op.drop_constraint(op.f("ck_import_run_importkind"), "import_run", type_="check")
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("ck_import_run_importkind"), "import_run", f"kind in ({listed})")
