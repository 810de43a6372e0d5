"""Offers of charity, and the offer that a charity record uses (46-3.6)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_24_offers"
down_revision: str | None = "2026_11_24_monitoring"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

_CODE = sa.Text(collation="C")
_CATEGORIES = (
    "'EXTREME_HARDSHIP', 'SUBSISTENCE_ALLOWANCE', 'POVERTY_RELAPSE_MONITORED', 'SUBSISTENCE_MARGIN',"
    " 'RIGID_EXPENDITURE', 'OTHER_HARDSHIP'"
)


def upgrade() -> None:
    """No offers at first; what was given before came of none."""
    op.create_table(
        "charity_offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "agency_id",
            _CODE,
            sa.ForeignKey("agency.id", name=op.f("fk_charity_offer_agency_id")),
            nullable=False,
        ),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("category", sa.String(40)),
        sa.Column(
            "region",
            _CODE,
            sa.ForeignKey("region.code", name=op.f("fk_charity_offer_region")),
            nullable=False,
        ),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("offered_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.TIMESTAMP(timezone=True)),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charity_offer")),
        sa.UniqueConstraint("agency_id", "external_id", name=op.f("uq_charity_offer_agency_id_external_id")),
        sa.CheckConstraint(f"category in ({_CATEGORIES})", name=op.f("ck_charity_offer_category")),
        sa.CheckConstraint(
            "quantity > 0 and remaining between 0 and quantity", name=op.f("ck_charity_offer_remaining")
        ),
    )
    op.create_index("ix_charity_offer_region", "charity_offer", ["region", "until"])
    op.execute("grant select on charity_offer to hub_reader, hub_writer")
    op.execute("grant insert, update on charity_offer to hub_writer")
    op.add_column("charity_detail", sa.Column("offer", sa.String(), nullable=True))


def downgrade() -> None:
    """Forget the offers."""
    op.drop_column("charity_detail", "offer")
    op.drop_table("charity_offer")
