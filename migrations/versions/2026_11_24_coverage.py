"""Coverage: the numbers of regions and months, which a job counts. `hub_writer` brings them up to date."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_24_coverage"
down_revision: str | None = "2026_11_24_aid_rules"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

_CATEGORIES = (
    "EXTREME_HARDSHIP",
    "SUBSISTENCE_ALLOWANCE",
    "POVERTY_RELAPSE_MONITORED",
    "SUBSISTENCE_MARGIN",
    "RIGID_EXPENDITURE",
    "OTHER_HARDSHIP",
)
_KINDS = (
    "BASIC_LIVING", "MEDICAL", "EDUCATION", "HOUSING", "EMPLOYMENT", "DISASTER", "TEMPORARY", "SERVICE", "OTHER",
    "CHARITY",
)  # fmt: skip
_TABLES = "coverage, coverage_category, coverage_kind"
_CODE = sa.Text(collation="C")


def upgrade() -> None:
    """Three tables: the regions of a month, their categories, and the kinds of aid within those."""
    op.create_table(
        "coverage",
        *_key("coverage"),
        sa.Column("parent", _CODE, nullable=True),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("as_of", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region", "month", name=op.f("pk_coverage")),
    )
    op.create_index("ix_coverage_parent", "coverage", ["parent", "month", "region"])
    op.create_table(
        "coverage_category",
        *_key("coverage_category"),
        _word("category"),
        *_numbers("households", "persons"),
        sa.Column("told", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("region", "month", "category", name=op.f("pk_coverage_category")),
        _among("coverage_category", "category", _CATEGORIES),
    )
    op.create_table(
        "coverage_kind",
        *_key("coverage_kind"),
        _word("category"),
        _word("aid_kind"),
        *_numbers("entitled", "received", "referred", "missing", "duplicated"),
        sa.Column("told", sa.ARRAY(sa.Text), nullable=False),
        sa.PrimaryKeyConstraint("region", "month", "category", "aid_kind", name=op.f("pk_coverage_kind")),
        _among("coverage_kind", "category", _CATEGORIES),
        _among("coverage_kind", "aid_kind", _KINDS, "aidkind"),
    )
    op.execute(f"grant select on {_TABLES} to hub_reader, hub_writer")
    op.execute(f"grant insert, update on {_TABLES} to hub_writer")


def downgrade() -> None:
    """The numbers go; they can be counted again."""
    for table in ("coverage_kind", "coverage_category", "coverage"):
        op.drop_table(table)


def _key(table: str) -> tuple[sa.Column[str], sa.Column[object], sa.ForeignKeyConstraint]:
    return (
        sa.Column("region", _CODE, nullable=False),
        sa.Column("month", sa.Date, nullable=False),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f(f"fk_{table}_region")),
    )


def _word(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(40), nullable=False)


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer, nullable=False) for name in names]


def _among(table: str, column: str, words: Sequence[str], name: str = "category") -> sa.CheckConstraint:
    listed = ", ".join(f"'{word}'" for word in words)
    return sa.CheckConstraint(f"{column} in ({listed})", name=op.f(f"ck_{table}_{name}"))
