"""Which client uploaded the file of an import."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_30_clients_of_imports"
down_revision: str | None = "2026_11_30_counts_by_index"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = True


def upgrade() -> None:
    """Runs of before have none."""
    op.add_column("import_run", sa.Column("client_id", sa.String(), nullable=True))


def downgrade() -> None:
    """Which client it was stands in the access records."""
    op.drop_column("import_run", "client_id")
