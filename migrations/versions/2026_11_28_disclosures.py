"""Near relatives of officials are declared; lists of who is certified or helped are published, masked (46-4.3)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_28_disclosures"
down_revision: str | None = "2026_11_28_recoveries"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

_CODE = sa.Text(collation="C")
_INSTANT = sa.TIMESTAMP(timezone=True)
_TABLES = ("near_relative", "disclosure", "disclosure_entry", "disclosure_objection")
_EVENTS = (
    "HOUSEHOLD_REGISTERED", "HOUSEHOLD_UPDATED", "CERTIFIED", "CERTIFICATION_ENDED", "CIRCUMSTANCE_REPORTED", "AID_RECORDED",
    "AID_AMENDED", "REFERRAL_SENT", "REFERRAL_ACCEPTED", "REFERRAL_RETURNED", "REFERRAL_COMPLETED", "CONFERENCE_CALLED",
    "CONFERENCE_HELD", "ALERT_RAISED", "ALERT_DISPOSED", "ALERT_CLOSED", "VISITED", "REFERRAL_FORWARDED", "REFERRAL_ENDED",
    "REFERRAL_REMINDED", "REFERRAL_ESCALATED", "APPLICATION_SUBMITTED", "CIRCUMSTANCE_ENDED", "OVERLAP_FOUND",
    "OVERLAP_DECIDED", "AID_REVOKED", "RECOVERY_OPENED", "RECOVERY_REPAID",
    "RECOVERY_WAIVED",
)  # fmt: skip
_NEW_EVENTS = ("NEAR_RELATIVE_DECLARED", "NEAR_RELATIVE_ENDED", "DISCLOSED")
_RECEIPTS = (
    "AID", "REFERRAL", "CERTIFICATION", "CONFERENCE", "ALERT", "VISIT", "APPLICATION", "CIRCUMSTANCE", "RECOVERY", "REPAYMENT",
)  # fmt: skip
_NEW_RECEIPTS = ("NEAR_RELATIVE", "OBJECTION")


def upgrade() -> None:
    """Make the tables, and admit the new words."""
    op.create_table(
        "near_relative",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kinship",
            _words("kinship", "SPOUSE", "PARENT", "CHILD", "SIBLING", "GRANDPARENT", "GRANDCHILD"),
            nullable=False,
        ),
        sa.Column("office", sa.String(), nullable=False),
        sa.Column("post", sa.String(), nullable=False),
        sa.Column("agency_id", _CODE, nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date()),
        sa.Column("end_reason", sa.String()),
        sa.Column("policy_basis", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.CheckConstraint(
            "(ended_on is null) = (end_reason is null)", name=op.f("ck_near_relative_ended_for_a_reason")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_near_relative_agency_id")),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_near_relative_household_id")
        ),
        sa.ForeignKeyConstraint(
            ["household_id", "person_id"],
            ["person.household_id", "person.id"],
            name=op.f("fk_near_relative_household_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("household_id", "id", name=op.f("pk_near_relative")),
    )
    op.create_index("ix_near_relative_declared", "near_relative", ["declared_on", "id"])
    op.create_index("ix_near_relative_person", "near_relative", ["household_id", "person_id"])
    op.create_table(
        "disclosure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", _CODE, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("list_of", _words("listof", "CERTIFIED", "HELPED"), nullable=False),
        sa.Column("agency_id", _CODE, nullable=False),
        sa.Column("published_at", _INSTANT, nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("policy_basis", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("withdrawn_at", _INSTANT),
        sa.Column("withdraw_reason", sa.String()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(withdrawn_at is null) = (withdraw_reason is null)",
            name=op.f("ck_disclosure_withdrawn_for_a_reason"),
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_disclosure_agency_id")),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_disclosure_region")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
        sa.UniqueConstraint("agency_id", "external_id", name=op.f("uq_disclosure_agency_id_external_id")),
    )
    op.create_index("ix_disclosure_published", "disclosure", ["published_at", "id"])
    op.create_index(
        "uq_disclosure_standing",
        "disclosure",
        ["region", "month", "list_of"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at is null"),
    )
    op.create_table(
        "disclosure_entry",
        sa.Column("disclosure_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("region", _CODE, nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("masked_name", sa.String()),
        sa.Column(
            "category",
            _words(
                "category",
                "EXTREME_HARDSHIP",
                "SUBSISTENCE_ALLOWANCE",
                "POVERTY_RELAPSE_MONITORED",
                "SUBSISTENCE_MARGIN",
                "RIGID_EXPENDITURE",
                "OTHER_HARDSHIP",
            ),
        ),
        sa.Column(
            "aid_kind",
            _words(
                "aidkind",
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
            ),
        ),
        sa.Column("since", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(category, aid_kind) = 1", name=op.f("ck_disclosure_entry_one_thing")
        ),
        sa.ForeignKeyConstraint(
            ["disclosure_id"], ["disclosure.id"], name=op.f("fk_disclosure_entry_disclosure_id")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_disclosure_entry_household_id")
        ),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_disclosure_entry_region")),
        sa.PrimaryKeyConstraint("disclosure_id", "number", name=op.f("pk_disclosure_entry")),
    )
    op.create_table(
        "disclosure_objection",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("disclosure_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("agency_id", _CODE, nullable=False),
        sa.Column("objected_on", sa.Date(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("recorded_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_disclosure_objection_agency_id")),
        sa.ForeignKeyConstraint(
            ["disclosure_id", "number"],
            ["disclosure_entry.disclosure_id", "disclosure_entry.number"],
            name=op.f("fk_disclosure_objection_disclosure_id_number"),
        ),
        sa.ForeignKeyConstraint(
            ["household_id", "alert_id"],
            ["alert.household_id", "alert.id"],
            name=op.f("fk_disclosure_objection_household_id_alert_id"),
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_disclosure_objection_household_id")
        ),
        sa.PrimaryKeyConstraint("household_id", "id", name=op.f("pk_disclosure_objection")),
    )
    op.create_index("ix_disclosure_objection_entry", "disclosure_objection", ["disclosure_id", "number"])
    _admit("chain_event", "type", "eventtype", *_EVENTS, *_NEW_EVENTS)
    _admit("write_receipt", "kind", "receiptof", *_RECEIPTS, *_NEW_RECEIPTS)
    op.execute(f"grant select on {', '.join(_TABLES)} to hub_reader, hub_writer")
    op.execute(f"grant insert on {', '.join(_TABLES)} to hub_writer")
    op.execute("grant update on near_relative, disclosure to hub_writer")


def downgrade() -> None:
    """Take them away. What stands in the chain stays, so this refuses where an event of the new types does."""
    _admit("chain_event", "type", "eventtype", *_EVENTS)
    op.execute("delete from write_receipt where kind in ('NEAR_RELATIVE', 'OBJECTION')")
    _admit("write_receipt", "kind", "receiptof", *_RECEIPTS)
    for table in reversed(_TABLES):
        op.drop_table(table)


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=40)


def _admit(table: str, column: str, name: str, *words: str) -> None:
    """The words that a column admits."""
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    listed = ", ".join(f"'{word}'" for word in words)
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, f"{column} in ({listed})")
