"""The order of all events is the hub's own: a position from 1 without gaps, in the order of commits, and an id for each.

Events that stand keep their order: it was that of the transactions that wrote them, by the numbers of the cluster in which they did.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_30_order_of_events"
down_revision: str | None = "2026_11_30_files"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False


def upgrade() -> None:
    """Number the events that stand, and begin to count."""
    op.drop_index("ix_chain_event_feed", table_name="chain_event")
    op.execute("alter table chain_event alter column position drop identity")
    op.add_column(
        "chain_event",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
    )
    op.alter_column("chain_event", "id", server_default=None)
    op.execute(
        "update chain_event set position = numbered.place from (select household_id, number,"
        " row_number() over (order by transaction, position) as place from chain_event) numbered"
        " where chain_event.household_id = numbered.household_id and chain_event.number = numbered.number"
    )
    op.drop_column("chain_event", "transaction")
    op.create_unique_constraint(op.f("uq_chain_event_position"), "chain_event", ["position"])
    op.create_table(
        "feed_counter",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("newest", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_feed_counter_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_counter")),
    )
    op.execute("insert into feed_counter select 1, count(*) from chain_event")


def downgrade() -> None:
    """Order by transactions again: all that stands counts as one, so the positions keep its order."""
    op.drop_table("feed_counter")
    op.drop_constraint(op.f("uq_chain_event_position"), "chain_event")
    op.add_column(
        "chain_event",
        sa.Column(
            "transaction",
            sa.BigInteger(),
            server_default=sa.text("(pg_current_xact_id()::text)::bigint"),
            nullable=False,
        ),
    )
    op.drop_column("chain_event", "id")
    op.execute("alter table chain_event alter column position add generated always as identity")
    op.execute(
        "select setval(pg_get_serial_sequence('chain_event', 'position'), coalesce(max(position), 0) + 1, false)"
        " from chain_event"
    )
    op.create_index("ix_chain_event_feed", "chain_event", ["transaction", "position"])
