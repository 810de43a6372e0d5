"""Files that agencies upload over HTTP, and their imports."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from hub.foundation.words import write_words

revision: str = "2026_11_30_import_jobs"
down_revision: str | None = "2026_11_30_schema_versions"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = True

_CODE = sa.Text(collation="C")


def upgrade() -> None:
    """Make the tables."""
    connection = op.get_bind()
    write_words(
        connection,
        "is_import_job_status",
        ["RECEIVING", "WAITING", "RUNNING", "DONE", "REFUSED", "FAILED", "CANCELLED"],
    )
    write_words(connection, "is_import_file", ["UPLOAD", "REPORT"])
    op.create_table(
        "import_job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", _CODE, nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("scopes", pg.ARRAY(sa.Text()), nullable=False),
        sa.Column("regions", pg.ARRAY(_CODE), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("month", sa.Date(), nullable=True),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=True),
        sa.Column("changed", sa.Integer(), nullable=True),
        sa.Column("refused", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("message_zh", sa.String(), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("held_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("finished_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("is_import_kind(kind)", name=op.f("ck_import_job_importkind")),
        sa.CheckConstraint("is_import_job_status(status)", name=op.f("ck_import_job_importjobstatus")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_import_job_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_job")),
        sa.UniqueConstraint("agency_id", "external_id", name=op.f("uq_import_job_agency_id_external_id")),
    )
    op.create_index("import_job_agency", "import_job", ["agency_id", sa.text("id desc")])
    op.create_index(
        "import_job_open",
        "import_job",
        ["id"],
        postgresql_where=sa.text("status in ('RECEIVING', 'WAITING', 'RUNNING')"),
    )
    op.create_table(
        "import_part",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("file", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("is_import_file(file)", name=op.f("ck_import_part_importfile")),
        sa.ForeignKeyConstraint(["job_id"], ["import_job.id"], name=op.f("fk_import_part_job_id")),
        sa.PrimaryKeyConstraint("job_id", "file", "number", name=op.f("pk_import_part")),
    )


def downgrade() -> None:
    """Uploads that are not imported yet are lost; what was imported stays."""
    op.drop_table("import_part")
    op.drop_table("import_job")
    for function in ("is_import_file", "is_import_job_status"):
        op.execute(f"drop function {function}(text)")
