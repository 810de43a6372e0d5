"""The tables of the main job, made at once since they refer to each other: one step of history, long for that."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "2026_11_23_the_main_job"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False


def upgrade() -> None:
    """Apply."""

    op.create_table(
        "access_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("agency_id", sa.Text(collation="C"), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("operation_name", sa.String(), nullable=True),
        sa.Column("operation_hash", sa.LargeBinary(), nullable=False),
        sa.Column("coordinates", postgresql.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.Column("forbidden", postgresql.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.Column("household_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "ANSWERED",
                "PARTLY_FORBIDDEN",
                "REFUSED",
                "FAILED",
                name="accessoutcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_record")),
    )
    op.create_index("ix_access_record_agency", "access_record", ["agency_id", "at"], unique=False)
    op.create_index("ix_access_record_at", "access_record", ["at", "id"], unique=False)
    op.create_index(
        "ix_access_record_households",
        "access_record",
        ["household_ids"],
        unique=False,
        postgresql_using="gin",
    )
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("sample_seed", sa.Integer(), nullable=True),
        sa.Column("sample_households", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    op.create_table(
        "region",
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                "PROVINCE",
                "CITY",
                "COUNTY",
                "TOWNSHIP",
                "VILLAGE",
                name="regionlevel",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("parent", sa.Text(collation="C"), nullable=True),
        sa.ForeignKeyConstraint(["parent"], ["region.code"], name=op.f("fk_region_parent")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_region")),
    )
    op.create_index(op.f("ix_region_parent"), "region", ["parent"], unique=False)
    op.create_table(
        "agency",
        sa.Column("id", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "department",
            sa.Enum(
                "civil_affairs",
                "education",
                "human_resources",
                "urban_construction",
                "housing_security",
                "agriculture",
                "health",
                "emergency_management",
                "medical_insurance",
                "disabled_federation",
                "finance",
                "development_reform",
                "charity",
                "audit",
                name="department",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("region", sa.Text(collation="C"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_agency_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency")),
    )
    op.create_index(op.f("ix_agency_region"), "agency", ["region"], unique=False)
    op.create_table(
        "household",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(collation="C"), nullable=False),
        sa.Column("region", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "residence",
            sa.Enum("URBAN", "RURAL", name="residence", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("income_per_capita", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("source_agency", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_household_region")),
        sa.ForeignKeyConstraint(["source_agency"], ["agency.id"], name=op.f("fk_household_source_agency")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household")),
        sa.UniqueConstraint("code", name=op.f("uq_household_code")),
    )
    op.create_index("ix_household_income", "household", ["income_per_capita", "id"], unique=False)
    op.create_index("ix_household_region_code", "household", ["region", "code"], unique=False)
    op.create_table(
        "import_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "HOUSEHOLDS",
                "MONITORED",
                "AID",
                name="importkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("agency_id", sa.Text(collation="C"), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("file_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("finished_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_import_run_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_table(
        "oauth_client",
        sa.Column("client_id", sa.Text(collation="C"), nullable=False),
        sa.Column("client_name", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("agency_id", sa.Text(collation="C"), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.Column("purposes", postgresql.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.Column("reject_forbidden", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_oauth_client_agency_id")),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_oauth_client")),
    )
    op.create_index(op.f("ix_oauth_client_agency_id"), "oauth_client", ["agency_id"], unique=False)
    op.create_table(
        "write_receipt",
        sa.Column("agency_id", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "AID", "REFERRAL", name="receiptof", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_write_receipt_agency_id")),
        sa.PrimaryKeyConstraint("agency_id", "kind", "external_id", name=op.f("pk_write_receipt")),
    )
    op.create_table(
        "chain_event",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "HOUSEHOLD_REGISTERED",
                "HOUSEHOLD_UPDATED",
                "CERTIFIED",
                "CERTIFICATION_ENDED",
                "CIRCUMSTANCE_REPORTED",
                "AID_RECORDED",
                "AID_AMENDED",
                "REFERRAL_SENT",
                "REFERRAL_ACCEPTED",
                "REFERRAL_RETURNED",
                "REFERRAL_COMPLETED",
                name="eventtype",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("agency_id", sa.Text(collation="C"), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("occurred_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("policy_basis", sa.String(), nullable=True),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "transaction",
            sa.BIGINT(),
            server_default=sa.text("(pg_current_xact_id()::text)::bigint"),
            nullable=False,
        ),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_chain_event_agency_id")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_chain_event_household_id")),
        sa.PrimaryKeyConstraint("household_id", "number", name=op.f("pk_chain_event")),
    )
    op.create_index("ix_chain_event_feed", "chain_event", ["transaction", "position"], unique=False)
    op.create_index("ix_chain_event_subject", "chain_event", ["household_id", "subject_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("id_number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_index", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_masked", sa.String(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column(
            "gender",
            sa.Enum("MALE", "FEMALE", name="gender", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "relation",
            sa.Enum(
                "HEAD",
                "SPOUSE",
                "CHILD",
                "GRANDCHILD",
                "PARENT",
                "GRANDPARENT",
                "SIBLING",
                "OTHER",
                name="relation",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("account_sealed", sa.LargeBinary(), nullable=True),
        sa.Column(
            "health",
            sa.Enum(
                "HEALTHY",
                "CHRONIC",
                "SERIOUS",
                name="health",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "disability_type",
            sa.Enum(
                "VISUAL",
                "HEARING",
                "SPEECH",
                "PHYSICAL",
                "INTELLECTUAL",
                "MENTAL",
                "MULTIPLE",
                name="disabilitytype",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("disability_grade", sa.Integer(), nullable=True),
        sa.Column(
            "education_stage",
            sa.Enum(
                "KINDERGARTEN",
                "PRIMARY",
                "JUNIOR_HIGH",
                "SENIOR_HIGH",
                "VOCATIONAL",
                "COLLEGE",
                name="educationstage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("school", sa.String(), nullable=True),
        sa.Column(
            "employment",
            sa.Enum(
                "EMPLOYED",
                "FLEXIBLE",
                "FARMING",
                "UNEMPLOYED",
                "STUDYING",
                "RETIRED",
                "NONE",
                name="employment",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "labour",
            sa.Enum(
                "FULL", "WEAK", "NONE", name="labour", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("source_agency", sa.Text(collation="C"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("updated_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("disability_grade between 1 and 4", name=op.f("ck_person_disability_grade")),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_person_household_id")),
        sa.ForeignKeyConstraint(["source_agency"], ["agency.id"], name=op.f("fk_person_source_agency")),
        sa.PrimaryKeyConstraint("household_id", "id", name=op.f("pk_person")),
    )
    op.create_index("ix_person_id_number_index", "person", ["id_number_index"], unique=False)
    op.create_table(
        "shown_household",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("agency_id", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "because",
            sa.Enum(
                "REFERRAL_SENT",
                "REFERRAL_RECEIVED",
                "OWN_RECORD",
                name="shownbecause",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("since", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_shown_household_agency_id")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_shown_household_household_id")
        ),
        sa.PrimaryKeyConstraint("household_id", "agency_id", name=op.f("pk_shown_household")),
    )
    op.create_index(
        "ix_shown_household_agency_id", "shown_household", ["agency_id", "household_id"], unique=False
    )
    op.create_table(
        "aid_record",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "BASIC_LIVING",
                "MEDICAL",
                "EDUCATION",
                "HOUSING",
                "EMPLOYMENT",
                "DISASTER",
                "TEMPORARY",
                "SERVICE",
                "OTHER",
                "CHARITY",
                name="aidkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("program", sa.String(), nullable=False),
        sa.Column("agency_id", sa.Text(collation="C"), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_until", sa.Date(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "APPROVED",
                "PAID",
                "DELIVERED",
                "ENDED",
                "REVOKED",
                name="aidstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("policy_basis", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("amendment_reason", sa.String(), nullable=True),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_aid_record_amount")),
        sa.CheckConstraint("period_until >= period_from", name=op.f("ck_aid_record_period")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_aid_record_agency_id")),
        sa.ForeignKeyConstraint(
            ["household_id", "person_id"],
            ["person.household_id", "person.id"],
            name=op.f("fk_aid_record_household_id_person_id"),
        ),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_aid_record_household_id")),
        sa.PrimaryKeyConstraint("household_id", "id", "version", name=op.f("pk_aid_record")),
    )
    op.create_index(
        "ix_aid_record_current",
        "aid_record",
        ["household_id", sa.literal_column("period_from desc"), sa.literal_column("id desc")],
        unique=False,
        postgresql_where=sa.text("superseded_at is null"),
    )
    op.create_index(
        "ix_aid_record_kind",
        "aid_record",
        ["kind", sa.literal_column("period_from desc"), sa.literal_column("id desc")],
        unique=False,
        postgresql_where=sa.text("superseded_at is null"),
    )
    op.create_index(
        "ix_aid_record_person",
        "aid_record",
        ["household_id", "person_id"],
        unique=False,
        postgresql_where=sa.text("superseded_at is null"),
    )
    op.create_table(
        "certification",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column(
            "category",
            sa.Enum(
                "EXTREME_HARDSHIP",
                "SUBSISTENCE_ALLOWANCE",
                "POVERTY_RELAPSE_MONITORED",
                "SUBSISTENCE_MARGIN",
                "RIGID_EXPENDITURE",
                "OTHER_HARDSHIP",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "subtype",
            sa.Enum(
                "UNSTABLE",
                "MARGINAL",
                "SUDDEN_HARDSHIP",
                name="monitoredsubtype",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column(
            "support",
            sa.Enum(
                "INSTITUTIONAL",
                "DISPERSED",
                name="support",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.Column("authority", sa.Text(collation="C"), nullable=False),
        sa.Column("policy_basis", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(category = 'POVERTY_RELAPSE_MONITORED') = (subtype is not null)",
            name=op.f("ck_certification_subtype"),
        ),
        sa.CheckConstraint(
            "support is null or category = 'EXTREME_HARDSHIP'",
            name=op.f("ck_certification_support_of_extreme_hardship"),
        ),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("ck_certification_validity")),
        sa.ForeignKeyConstraint(["authority"], ["agency.id"], name=op.f("fk_certification_authority")),
        sa.ForeignKeyConstraint(
            ["household_id", "person_id"],
            ["person.household_id", "person.id"],
            name=op.f("fk_certification_household_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_certification_household_id")
        ),
        sa.PrimaryKeyConstraint("household_id", "id", name=op.f("pk_certification")),
    )
    op.create_index(
        "ix_certification_category",
        "certification",
        ["category", "household_id"],
        unique=False,
        postgresql_where=sa.text("ended_on is null"),
    )
    op.create_index(
        "uq_certification_current",
        "certification",
        ["household_id", sa.literal_column("coalesce(person_id, household_id)"), "category"],
        unique=True,
        postgresql_where=sa.text("ended_on is null"),
    )
    op.create_table(
        "circumstance",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "HARDSHIP_STUDENT",
                "REGISTERED_UNEMPLOYED",
                "SERIOUS_ILLNESS",
                "CHRONIC_ILLNESS",
                "RIGID_EXPENSE",
                "DISABILITY",
                "DEATH",
                "DISASTER",
                "MONITORED",
                name="circumstancekind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "source_registry",
            sa.Enum(
                "civil_affairs",
                "education",
                "human_resources",
                "urban_construction",
                "housing_security",
                "agriculture",
                "health",
                "emergency_management",
                "medical_insurance",
                "disabled_federation",
                "finance",
                "development_reform",
                "charity",
                "audit",
                name="department",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column(
            "disability_type",
            sa.Enum(
                "VISUAL",
                "HEARING",
                "SPEECH",
                "PHYSICAL",
                "INTELLECTUAL",
                "MENTAL",
                "MULTIPLE",
                name="disabilitytype",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("disability_grade", sa.Integer(), nullable=True),
        sa.Column(
            "education_stage",
            sa.Enum(
                "KINDERGARTEN",
                "PRIMARY",
                "JUNIOR_HIGH",
                "SENIOR_HIGH",
                "VOCATIONAL",
                "COLLEGE",
                name="educationstage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("school", sa.String(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("agency_id", sa.Text(collation="C"), nullable=False),
        sa.Column("recorded_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("disability_grade between 1 and 4", name=op.f("ck_circumstance_disability_grade")),
        sa.CheckConstraint("until >= since", name=op.f("ck_circumstance_validity")),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_circumstance_agency_id")),
        sa.ForeignKeyConstraint(
            ["household_id", "person_id"],
            ["person.household_id", "person.id"],
            name=op.f("fk_circumstance_household_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_circumstance_household_id")
        ),
        sa.PrimaryKeyConstraint("household_id", "id", name=op.f("pk_circumstance")),
    )
    op.create_index("ix_circumstance_kind", "circumstance", ["kind", "household_id"], unique=False)
    op.create_index("ix_circumstance_person", "circumstance", ["household_id", "person_id"], unique=False)
    op.create_table(
        "referral",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("from_agency", sa.Text(collation="C"), nullable=False),
        sa.Column("to_agency", sa.Text(collation="C"), nullable=False),
        sa.Column(
            "need",
            sa.Enum(
                "BASIC_LIVING",
                "MEDICAL",
                "EDUCATION",
                "HOUSING",
                "EMPLOYMENT",
                "DISASTER",
                "TEMPORARY",
                "SERVICE",
                "OTHER",
                "CHARITY",
                name="aidkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "SENT",
                "ACCEPTED",
                "RETURNED",
                "COMPLETED",
                name="referralstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("sent_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("due_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("return_reason", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["from_agency"], ["agency.id"], name=op.f("fk_referral_from_agency")),
        sa.ForeignKeyConstraint(
            ["household_id", "person_id"],
            ["person.household_id", "person.id"],
            name=op.f("fk_referral_household_id_person_id"),
        ),
        sa.ForeignKeyConstraint(["household_id"], ["household.id"], name=op.f("fk_referral_household_id")),
        sa.ForeignKeyConstraint(["to_agency"], ["agency.id"], name=op.f("fk_referral_to_agency")),
        sa.PrimaryKeyConstraint("household_id", "id", name=op.f("pk_referral")),
    )
    op.create_index("ix_referral_due", "referral", ["status", "due_at", "id"], unique=False)
    op.create_index("ix_referral_from", "referral", ["from_agency", "sent_at"], unique=False)
    op.create_index("ix_referral_to", "referral", ["to_agency", "sent_at"], unique=False)
    op.create_table(
        "basic_living_detail",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "form",
            sa.Enum(
                "SUBSISTENCE_ALLOWANCE",
                "EXTREME_HARDSHIP_SUPPORT",
                name="basiclivingform",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "payee",
            sa.Enum(
                "PERSON", "INSTITUTION", name="payee", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("month_supplement", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("institution", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id", "id", "version"],
            ["aid_record.household_id", "aid_record.id", "aid_record.version"],
            name=op.f("fk_basic_living_detail_household_id_id_version"),
        ),
        sa.PrimaryKeyConstraint("household_id", "id", "version", name=op.f("pk_basic_living_detail")),
    )
    op.create_table(
        "charity_detail",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "form",
            sa.Enum(
                "DONATION",
                "PROJECT",
                "VOLUNTEER",
                name="charityform",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("project", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id", "id", "version"],
            ["aid_record.household_id", "aid_record.id", "aid_record.version"],
            name=op.f("fk_charity_detail_household_id_id_version"),
        ),
        sa.PrimaryKeyConstraint("household_id", "id", "version", name=op.f("pk_charity_detail")),
    )
    op.create_table(
        "disaster_detail",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "form",
            sa.Enum(
                "EMERGENCY",
                "TRANSITIONAL",
                "DROUGHT",
                "WINTER_SPRING",
                "REBUILDING",
                name="disasterform",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("disaster", sa.String(), nullable=False),
        sa.Column("struck_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id", "id", "version"],
            ["aid_record.household_id", "aid_record.id", "aid_record.version"],
            name=op.f("fk_disaster_detail_household_id_id_version"),
        ),
        sa.PrimaryKeyConstraint("household_id", "id", "version", name=op.f("pk_disaster_detail")),
    )
    op.create_table(
        "education_detail",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "form",
            sa.Enum(
                "GRANT",
                "LIVING_ALLOWANCE",
                "WORK_STUDY",
                "LOAN",
                "FEE_WAIVER",
                name="educationform",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("school_year", sa.Integer(), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "KINDERGARTEN",
                "PRIMARY",
                "JUNIOR_HIGH",
                "SENIOR_HIGH",
                "VOCATIONAL",
                "COLLEGE",
                name="educationstage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("school", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id", "id", "version"],
            ["aid_record.household_id", "aid_record.id", "aid_record.version"],
            name=op.f("fk_education_detail_household_id_id_version"),
        ),
        sa.PrimaryKeyConstraint("household_id", "id", "version", name=op.f("pk_education_detail")),
    )
    op.create_table(
        "employment_detail",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "form",
            sa.Enum(
                "INTEREST_SUBSIDY",
                "TAX_RELIEF",
                "TRAINING_SUBSIDY",
                "SOCIAL_INSURANCE_SUBSIDY",
                "PUBLIC_WELFARE_POST",
                name="employmentform",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("employer", sa.String(), nullable=True),
        sa.Column("post", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id", "id", "version"],
            ["aid_record.household_id", "aid_record.id", "aid_record.version"],
            name=op.f("fk_employment_detail_household_id_id_version"),
        ),
        sa.PrimaryKeyConstraint("household_id", "id", "version", name=op.f("pk_employment_detail")),
    )
    op.create_table(
        "housing_detail",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "form",
            sa.Enum(
                "PUBLIC_RENTAL",
                "RENT_SUBSIDY",
                "HOUSE_RENOVATION",
                name="housingform",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("floor_area", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column(
            "danger_grade",
            sa.Enum(
                "A", "B", "C", "D", name="dangergrade", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["household_id", "id", "version"],
            ["aid_record.household_id", "aid_record.id", "aid_record.version"],
            name=op.f("fk_housing_detail_household_id_id_version"),
        ),
        sa.PrimaryKeyConstraint("household_id", "id", "version", name=op.f("pk_housing_detail")),
    )
    op.create_table(
        "medical_detail",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "form",
            sa.Enum(
                "PREMIUM_SUBSIDY",
                "COST_AID",
                "EMERGENCY_FUND",
                name="medicalform",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("hospital", sa.String(), nullable=True),
        sa.Column("total_cost", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("insurance_paid", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("premium_in_full", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id", "id", "version"],
            ["aid_record.household_id", "aid_record.id", "aid_record.version"],
            name=op.f("fk_medical_detail_household_id_id_version"),
        ),
        sa.PrimaryKeyConstraint("household_id", "id", "version", name=op.f("pk_medical_detail")),
    )
    op.create_table(
        "other_detail",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "form",
            sa.Enum(
                "HEATING",
                "FUNERAL_FEES",
                "ELECTRICITY",
                "WATER",
                "GAS",
                "DISABILITY_LIVING",
                "CHILD_REHABILITATION",
                "BARRIER_FREE",
                name="otherform",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("quantity", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id", "id", "version"],
            ["aid_record.household_id", "aid_record.id", "aid_record.version"],
            name=op.f("fk_other_detail_household_id_id_version"),
        ),
        sa.PrimaryKeyConstraint("household_id", "id", "version", name=op.f("pk_other_detail")),
    )
    op.create_table(
        "referral_aid",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("aid_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id", "referral_id"],
            ["referral.household_id", "referral.id"],
            name=op.f("fk_referral_aid_household_id_referral_id"),
        ),
        sa.PrimaryKeyConstraint("household_id", "referral_id", "aid_id", name=op.f("pk_referral_aid")),
    )
    op.create_table(
        "service_detail",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "form",
            sa.Enum(
                "VISIT",
                "CARE",
                "COUNSELLING",
                "SOCIAL_WORK",
                name="serviceform",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.CheckConstraint("times > 0", name=op.f("ck_service_detail_times")),
        sa.ForeignKeyConstraint(
            ["household_id", "id", "version"],
            ["aid_record.household_id", "aid_record.id", "aid_record.version"],
            name=op.f("fk_service_detail_household_id_id_version"),
        ),
        sa.PrimaryKeyConstraint("household_id", "id", "version", name=op.f("pk_service_detail")),
    )
    op.create_table(
        "temporary_detail",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "form",
            sa.Enum(
                "PAY_FIRST",
                "CASE_CONFERENCE",
                "VAGRANT_RESCUE",
                name="temporaryform",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.Column("happened_at_region", sa.Text(collation="C"), nullable=False),
        sa.Column("papers_due_on", sa.Date(), nullable=True),
        sa.Column("papers_supplied_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["happened_at_region"], ["region.code"], name=op.f("fk_temporary_detail_happened_at_region")
        ),
        sa.ForeignKeyConstraint(
            ["household_id", "id", "version"],
            ["aid_record.household_id", "aid_record.id", "aid_record.version"],
            name=op.f("fk_temporary_detail_household_id_id_version"),
        ),
        sa.PrimaryKeyConstraint("household_id", "id", "version", name=op.f("pk_temporary_detail")),
    )


def downgrade() -> None:
    """Take back."""

    op.drop_table("temporary_detail")
    op.drop_table("service_detail")
    op.drop_table("referral_aid")
    op.drop_table("other_detail")
    op.drop_table("medical_detail")
    op.drop_table("housing_detail")
    op.drop_table("employment_detail")
    op.drop_table("education_detail")
    op.drop_table("disaster_detail")
    op.drop_table("charity_detail")
    op.drop_table("basic_living_detail")
    op.drop_index("ix_referral_to", table_name="referral")
    op.drop_index("ix_referral_from", table_name="referral")
    op.drop_index("ix_referral_due", table_name="referral")
    op.drop_table("referral")
    op.drop_index("ix_circumstance_person", table_name="circumstance")
    op.drop_index("ix_circumstance_kind", table_name="circumstance")
    op.drop_table("circumstance")
    op.drop_index(
        "uq_certification_current", table_name="certification", postgresql_where=sa.text("ended_on is null")
    )
    op.drop_index(
        "ix_certification_category", table_name="certification", postgresql_where=sa.text("ended_on is null")
    )
    op.drop_table("certification")
    op.drop_index(
        "ix_aid_record_person", table_name="aid_record", postgresql_where=sa.text("superseded_at is null")
    )
    op.drop_index(
        "ix_aid_record_kind", table_name="aid_record", postgresql_where=sa.text("superseded_at is null")
    )
    op.drop_index(
        "ix_aid_record_current", table_name="aid_record", postgresql_where=sa.text("superseded_at is null")
    )
    op.drop_table("aid_record")
    op.drop_index("ix_shown_household_agency_id", table_name="shown_household")
    op.drop_table("shown_household")
    op.drop_index("ix_person_id_number_index", table_name="person")
    op.drop_table("person")
    op.drop_index("ix_chain_event_subject", table_name="chain_event")
    op.drop_index("ix_chain_event_feed", table_name="chain_event")
    op.drop_table("chain_event")
    op.drop_table("write_receipt")
    op.drop_index(op.f("ix_oauth_client_agency_id"), table_name="oauth_client")
    op.drop_table("oauth_client")
    op.drop_table("import_run")
    op.drop_index("ix_household_region_code", table_name="household")
    op.drop_index("ix_household_income", table_name="household")
    op.drop_table("household")
    op.drop_index(op.f("ix_agency_region"), table_name="agency")
    op.drop_table("agency")
    op.drop_index(op.f("ix_region_parent"), table_name="region")
    op.drop_table("region")
    op.drop_table("installation")
    op.drop_index("ix_access_record_households", table_name="access_record", postgresql_using="gin")
    op.drop_index("ix_access_record_at", table_name="access_record")
    op.drop_index("ix_access_record_agency", table_name="access_record")
    op.drop_table("access_record")
