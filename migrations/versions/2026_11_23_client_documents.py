"""Documents that clients registered, and clients that may send no others.

`hub_reader` looks documents up when they are sent; `hub_writer` registers and withdraws them, and cannot change a text.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_23_client_documents"
down_revision: str | None = "2026_11_23_page_orders"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False


def upgrade() -> None:
    """Clients that are there may go on sending any document."""
    op.add_column(
        "oauth_client",
        sa.Column("trusted_documents_only", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.alter_column("oauth_client", "trusted_documents_only", server_default=None)
    op.create_table(
        "oauth_client_document",
        sa.Column("client_id", sa.Text(collation="C"), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("registered_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("octet_length(sha256) = 32", name=op.f("ck_oauth_client_document_sha256")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["oauth_client.client_id"], name=op.f("fk_oauth_client_document_client_id")
        ),
        sa.PrimaryKeyConstraint("client_id", "sha256", name=op.f("pk_oauth_client_document")),
    )
    op.execute("grant select on oauth_client_document to hub_reader, hub_writer")
    op.execute("grant insert, update (registered_at, withdrawn_at) on oauth_client_document to hub_writer")


def downgrade() -> None:
    """Every client may send any document again."""
    op.drop_table("oauth_client_document")
    op.drop_column("oauth_client", "trusted_documents_only")
