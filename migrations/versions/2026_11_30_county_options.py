"""Options of counties: what each extended to whom, where the policy leaves it to the county (46-3.5)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_30_county_options"
down_revision: str | None = "2026_11_30_order_of_events"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = True

_CODE = sa.Text(collation="C")


def upgrade() -> None:
    """No options at first: what nobody recorded is asked, not assumed."""
    op.create_table(
        "county_option",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "county",
            _CODE,
            sa.ForeignKey("region.code", name=op.f("fk_county_option_county")),
            nullable=False,
        ),
        sa.Column("item", sa.String(40), nullable=False),
        sa.Column("category", sa.String(40), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column(
            "agency_id",
            _CODE,
            sa.ForeignKey("agency.id", name=op.f("fk_county_option_agency_id")),
            nullable=False,
        ),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ended_on", sa.Date()),
        sa.Column("end_reason", sa.String()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_county_option")),
        sa.UniqueConstraint("agency_id", "external_id", name=op.f("uq_county_option_agency_id_external_id")),
        sa.CheckConstraint("is_other_form(item)", name=op.f("ck_county_option_otherform")),
        sa.CheckConstraint("is_category(category)", name=op.f("ck_county_option_category")),
        sa.CheckConstraint("ended_on >= since", name=op.f("ck_county_option_ending")),
    )
    op.create_index(
        "uq_county_option_current",
        "county_option",
        ["county", "item", "category"],
        unique=True,
        postgresql_where=sa.text("ended_on is null"),
    )
    op.execute("grant select on county_option to hub_reader, hub_writer")
    op.execute("grant insert, update (ended_on, end_reason, version) on county_option to hub_writer")


def downgrade() -> None:
    """Without what counties decided."""
    op.drop_table("county_option")
