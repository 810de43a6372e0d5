"""The words that offices use in their files."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_30_office_words"
down_revision: str | None = "2026_11_30_jobs"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = True


def upgrade() -> None:
    """Make the table; `hub import --words` fills it."""
    op.create_table(
        "office_word",
        sa.Column("agency_id", sa.Text(collation="C"), nullable=False),
        sa.Column("vocabulary", sa.String(), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_office_word_agency_id")),
        sa.PrimaryKeyConstraint("agency_id", "vocabulary", "word", name=op.f("pk_office_word")),
    )
    op.execute("grant select on office_word to hub_reader, hub_writer")
    op.execute("grant insert, update on office_word to hub_writer")


def downgrade() -> None:
    """Without it every office writes the words of the vocabularies."""
    op.drop_table("office_word")
