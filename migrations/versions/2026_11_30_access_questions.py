"""Access records answer questions: the persons they are of, the shape of their variables, the text of their document."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision: str = "2026_11_30_access_questions"
down_revision: str | None = "2026_11_30_clients_of_imports"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = True

_NONE = sa.text("'{}'")


def upgrade() -> None:
    """Records from before, and those of a version that does not know persons, count as of every member of their households."""
    op.create_table(
        "operation_text",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_operation_text")),
    )
    op.add_column(
        "access_record", sa.Column("person_ids", pg.ARRAY(sa.Uuid()), server_default=_NONE, nullable=False)
    )
    op.add_column(
        "access_record",
        sa.Column("whole_households", sa.Boolean(), server_default=sa.text("true"), nullable=False),
    )
    op.add_column(
        "access_record",
        sa.Column("variables", pg.ARRAY(sa.Text(collation="C")), server_default=_NONE, nullable=False),
    )
    op.drop_index("ix_access_record_agency", "access_record")
    op.create_index("ix_access_record_agency", "access_record", ["agency_id", "at", "id"])
    op.create_index("ix_access_record_client", "access_record", ["client_id", "at", "id"])
    op.create_index(
        "ix_access_record_person",
        "access_record",
        ["person", "at", "id"],
        postgresql_where=sa.text("person is not null"),
    )
    op.create_index(
        "ix_access_record_numbers",
        "access_record",
        ["numbers_named"],
        postgresql_using="gin",
        postgresql_where=sa.text("numbers_named <> '{}'"),
    )


def downgrade() -> None:
    """Without what questions ask by."""
    for name in ("numbers", "person", "client"):
        op.drop_index(f"ix_access_record_{name}", "access_record")
    op.drop_index("ix_access_record_agency", "access_record")
    op.create_index("ix_access_record_agency", "access_record", ["agency_id", "at"])
    for name in ("variables", "whole_households", "person_ids"):
        op.drop_column("access_record", name)
    op.drop_table("operation_text")
