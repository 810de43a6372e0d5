"""Files that agencies upload over HTTP to be imported, and exports of queries."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

from hub.foundation.words import write_words

revision: str = "2026_11_30_jobs"
down_revision: str | None = "2026_11_30_procedure"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = True

_CODE = sa.Text(collation="C")


def upgrade() -> None:
    """Make the tables."""
    connection = op.get_bind()
    write_words(
        connection,
        "is_job_status",
        ["RECEIVING", "WAITING", "RUNNING", "DONE", "REFUSED", "FAILED", "CANCELLED"],
    )
    write_words(connection, "is_job_file", ["UPLOAD", "REPORT", "REJECTED", "ROWS", "TABLE"])
    write_words(connection, "is_export_format", ["JSONL", "CSV"])
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
        sa.CheckConstraint("is_job_status(status)", name=op.f("ck_import_job_jobstatus")),
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
        "export_job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", _CODE, nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("scopes", pg.ARRAY(sa.Text()), nullable=False),
        sa.Column("regions", pg.ARRAY(_CODE), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("format", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("position", sa.LargeBinary(), nullable=True),
        sa.Column("columns", pg.ARRAY(sa.Text()), nullable=False),
        sa.Column("withheld", pg.ARRAY(sa.Text()), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("message", sa.String(), nullable=True),
        sa.Column("message_zh", sa.String(), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("held_until", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("finished_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("is_export_format(format)", name=op.f("ck_export_job_exportformat")),
        sa.CheckConstraint("is_job_status(status)", name=op.f("ck_export_job_jobstatus")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_export_job_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_job")),
    )
    op.create_index("export_job_agency", "export_job", ["agency_id", sa.text("id desc")])
    op.create_index(
        "export_job_open",
        "export_job",
        ["id"],
        postgresql_where=sa.text("status in ('WAITING', 'RUNNING')"),
    )
    op.create_table(
        "sealed_part",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("file", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("is_job_file(file)", name=op.f("ck_sealed_part_jobfile")),
        sa.PrimaryKeyConstraint("job_id", "file", "number", name=op.f("pk_sealed_part")),
    )
    op.create_index(
        "sealed_part_held", "sealed_part", ["job_id"], postgresql_where=sa.text("octet_length(sealed) > 0")
    )


def downgrade() -> None:
    """Uploads that are not imported yet are lost; what was imported stays."""
    op.drop_table("sealed_part")
    op.drop_table("export_job")
    op.drop_table("import_job")
    for function in ("is_job_file", "is_job_status", "is_export_format"):
        op.execute(f"drop function {function}(text)")
