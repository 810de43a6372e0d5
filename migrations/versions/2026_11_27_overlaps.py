"""Cases of overlapping aid, told in the chain when they are found and decided."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_27_overlaps"
down_revision: str | None = "2026_11_27_shares"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

_EVENTS = (
    "HOUSEHOLD_REGISTERED", "HOUSEHOLD_UPDATED", "CERTIFIED", "CERTIFICATION_ENDED", "CIRCUMSTANCE_REPORTED", "AID_RECORDED",
    "AID_AMENDED", "REFERRAL_SENT", "REFERRAL_ACCEPTED", "REFERRAL_RETURNED", "REFERRAL_COMPLETED", "CONFERENCE_CALLED",
    "CONFERENCE_HELD", "ALERT_RAISED", "ALERT_DISPOSED", "ALERT_CLOSED", "VISITED", "REFERRAL_FORWARDED", "REFERRAL_ENDED",
    "REFERRAL_REMINDED", "REFERRAL_ESCALATED", "APPLICATION_SUBMITTED", "CIRCUMSTANCE_ENDED",
)  # fmt: skip
_NEW_EVENTS = ("OVERLAP_FOUND", "OVERLAP_DECIDED")
_RULES = (
    "ALLOWANCE_OR_SUPPORT", "RENTAL_OR_SUBSIDY", "PAID_FIRST_TOGETHER", "COST_LEFT_BY_INSURANCE", "MEDICAL_FORMS",
    "EDUCATION_FORMS", "EMPLOYMENT_FORMS", "DISASTER_FORMS", "SERVICE_FORMS", "OTHER_FORMS", "CHARITY_BESIDE",
    "NO_DUPLICATE",
)  # fmt: skip
_CODE = sa.Text(collation="C")


def _word(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Make the table and admit the new events."""
    op.create_table(
        "overlap_case",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("rule", _word("overlapcode", *_RULES), nullable=False),
        sa.Column("first_household_id", sa.Uuid(), nullable=False),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("first_agency", _CODE, nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=True),
        sa.Column("second_agency", _CODE, nullable=False),
        sa.Column("second_external_id", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=True),
        sa.Column("to_agency", _CODE, nullable=False),
        sa.Column("opened_at", sa.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("status", _word("overlapstatus", "OPEN", "DECIDED"), nullable=False),
        sa.Column(
            "disposition",
            _word("overlapdisposition", "NOT_DUPLICATE", "BOTH_STAND", "CORRECT", "RECOVER"),
            nullable=True,
        ),
        sa.Column("withdrawn", _word("overlapside", "FIRST", "SECOND"), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("decided_by", _CODE, nullable=True),
        sa.Column("decided_at", sa.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("alert_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'DECIDED') = (disposition is not null)", name=op.f("ck_overlap_case_decided")
        ),
        sa.CheckConstraint(
            "coalesce(disposition in ('CORRECT', 'RECOVER'), false) = (withdrawn is not null)",
            name=op.f("ck_overlap_case_withdrawn_side"),
        ),
        *(
            sa.ForeignKeyConstraint([column], ["agency.id"], name=op.f(f"fk_overlap_case_{column}"))
            for column in ("first_agency", "second_agency", "to_agency", "decided_by")
        ),
        *(
            sa.ForeignKeyConstraint([column], ["household.id"], name=op.f(f"fk_overlap_case_{column}"))
            for column in ("household_id", "first_household_id")
        ),
        *(
            sa.ForeignKeyConstraint(
                ["household_id", column],
                [f"{table}.household_id", f"{table}.id"],
                name=op.f(f"fk_overlap_case_household_id_{column}"),
            )
            for column, table in (("person_id", "person"), ("alert_id", "alert"))
        ),
        sa.PrimaryKeyConstraint("household_id", "id", name=op.f("pk_overlap_case")),
    )
    for name, columns in {
        "opened": ["opened_at", "id"],
        "first": ["first_household_id"],
        "first_agency": ["first_agency"],
        "second_agency": ["second_agency"],
    }.items():
        op.create_index(f"ix_overlap_case_{name}", "overlap_case", columns)
    op.create_index(
        "uq_overlap_case_pair",
        "overlap_case",
        ["first_id", "second_agency", "second_external_id"],
        unique=True,
    )
    _words(*_EVENTS, *_NEW_EVENTS)
    op.execute("grant select on overlap_case to hub_reader, hub_writer")
    op.execute("grant insert, update on overlap_case to hub_writer")


def downgrade() -> None:
    """Take the table away. What stands in the chain stays, so this refuses where an event of the new types does."""
    _words(*_EVENTS)
    op.drop_table("overlap_case")


def _words(*words: str) -> None:
    """The types of events that the chain admits."""
    op.drop_constraint(op.f("ck_chain_event_eventtype"), "chain_event", type_="check")
    listed = ", ".join(f"'{word}'" for word in words)
    op.create_check_constraint(op.f("ck_chain_event_eventtype"), "chain_event", f"type in ({listed})")
