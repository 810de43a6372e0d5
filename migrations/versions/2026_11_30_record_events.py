"""The ledger of rows: what is written in any record leaves a record event.

`hub migrate` makes the triggers, since their text follows from the tables, and seals the rows that were there before: each
gets one event with the reason `baseline`.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_30_record_events"
down_revision: str | None = "2026_11_30_county_options"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = True


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "record_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("relation", sa.Text(collation="C"), nullable=False),
        sa.Column("record", sa.Text(collation="C"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("written_by", sa.Text(collation="C"), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "octet_length(digest) = 32 and octet_length(link) = 32", name=op.f("ck_record_event_digests")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_event")),
    )
    op.create_index(
        "uq_record_event_row",
        "record_event",
        ["household_id", "relation", "record", "number"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.execute("grant select on record_event to hub_writer")


def downgrade() -> None:
    """Without it nothing is recorded: the functions go, and with them their triggers."""
    op.execute(
        "do $$ declare one regprocedure; begin for one in select oid from pg_proc"
        " where pronamespace = 'public'::regnamespace and starts_with(proname, 'record_event_of_')"
        " loop execute format('drop function %s cascade', one); end loop; end $$"
    )
    op.drop_table("record_event")
