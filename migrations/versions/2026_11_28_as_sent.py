"""The household as it stood when a referral was sent is kept with it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_28_as_sent"
down_revision: str | None = "2026_11_28_chain_links"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

_CODE = sa.Text(collation="C")
_TABLES = ("sent_household", "sent_member", "sent_certification", "sent_circumstance")


def upgrade() -> None:
    """Make the tables. The service adds to them and changes nothing in them."""
    op.create_table(
        "sent_household",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("region", _CODE, nullable=False),
        sa.Column("residence", _word("residence", "URBAN", "RURAL"), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("income_per_capita", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id", "referral_id"],
            ["referral.household_id", "referral.id"],
            name=op.f("fk_sent_household_household_id_referral_id"),
        ),
        sa.ForeignKeyConstraint(["region"], ["region.code"], name=op.f("fk_sent_household_region")),
        sa.PrimaryKeyConstraint("household_id", "referral_id", name=op.f("pk_sent_household")),
    )
    op.create_table(
        "sent_member",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("id_number_masked", sa.String(), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("gender", _word("gender", "MALE", "FEMALE"), nullable=False),
        sa.Column(
            "relation",
            _word(
                "relation",
                "HEAD",
                "SPOUSE",
                "CHILD",
                "GRANDCHILD",
                "PARENT",
                "GRANDPARENT",
                "SIBLING",
                "OTHER",
            ),
            nullable=False,
        ),
        sa.Column("health", _word("health", "HEALTHY", "CHRONIC", "SERIOUS"), nullable=True),
        sa.Column(
            "disability_type",
            _word(
                "disabilitytype",
                "VISUAL",
                "HEARING",
                "SPEECH",
                "PHYSICAL",
                "INTELLECTUAL",
                "MENTAL",
                "MULTIPLE",
            ),
            nullable=True,
        ),
        sa.Column("disability_grade", sa.Integer(), nullable=True),
        sa.Column(
            "education_stage",
            _word(
                "educationstage",
                "KINDERGARTEN",
                "PRIMARY",
                "JUNIOR_HIGH",
                "SENIOR_HIGH",
                "VOCATIONAL",
                "COLLEGE",
            ),
            nullable=True,
        ),
        sa.Column("school", sa.String(), nullable=True),
        sa.Column(
            "employment",
            _word(
                "employment", "EMPLOYED", "FLEXIBLE", "FARMING", "UNEMPLOYED", "STUDYING", "RETIRED", "NONE"
            ),
            nullable=True,
        ),
        sa.Column("labour", _word("labour", "FULL", "WEAK", "NONE"), nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id", "referral_id"],
            ["referral.household_id", "referral.id"],
            name=op.f("fk_sent_member_household_id_referral_id"),
        ),
        sa.PrimaryKeyConstraint("household_id", "referral_id", "person_id", name=op.f("pk_sent_member")),
    )
    op.create_table(
        "sent_certification",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("certification_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column(
            "category",
            _word(
                "category",
                "EXTREME_HARDSHIP",
                "SUBSISTENCE_ALLOWANCE",
                "POVERTY_RELAPSE_MONITORED",
                "SUBSISTENCE_MARGIN",
                "RIGID_EXPENDITURE",
                "OTHER_HARDSHIP",
            ),
            nullable=False,
        ),
        sa.Column(
            "subtype", _word("monitoredsubtype", "UNSTABLE", "MARGINAL", "SUDDEN_HARDSHIP"), nullable=True
        ),
        sa.Column("support", _word("support", "INSTITUTIONAL", "DISPERSED"), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("authority", _CODE, nullable=False),
        sa.ForeignKeyConstraint(["authority"], ["agency.id"], name=op.f("fk_sent_certification_authority")),
        sa.ForeignKeyConstraint(
            ["household_id", "referral_id"],
            ["referral.household_id", "referral.id"],
            name=op.f("fk_sent_certification_household_id_referral_id"),
        ),
        sa.PrimaryKeyConstraint(
            "household_id", "referral_id", "certification_id", name=op.f("pk_sent_certification")
        ),
    )
    op.create_table(
        "sent_circumstance",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("circumstance_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            _word(
                "circumstancekind",
                "HARDSHIP_STUDENT",
                "REGISTERED_UNEMPLOYED",
                "SERIOUS_ILLNESS",
                "CHRONIC_ILLNESS",
                "RIGID_EXPENSE",
                "DISABILITY",
                "DEATH",
                "DISASTER",
                "MONITORED",
            ),
            nullable=False,
        ),
        sa.Column(
            "source_registry",
            _word(
                "department",
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
            ),
            nullable=False,
        ),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column(
            "disability_type",
            _word(
                "disabilitytype",
                "VISUAL",
                "HEARING",
                "SPEECH",
                "PHYSICAL",
                "INTELLECTUAL",
                "MENTAL",
                "MULTIPLE",
            ),
            nullable=True,
        ),
        sa.Column("disability_grade", sa.Integer(), nullable=True),
        sa.Column(
            "education_stage",
            _word(
                "educationstage",
                "KINDERGARTEN",
                "PRIMARY",
                "JUNIOR_HIGH",
                "SENIOR_HIGH",
                "VOCATIONAL",
                "COLLEGE",
            ),
            nullable=True,
        ),
        sa.Column("school", sa.String(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["household_id", "referral_id"],
            ["referral.household_id", "referral.id"],
            name=op.f("fk_sent_circumstance_household_id_referral_id"),
        ),
        sa.PrimaryKeyConstraint(
            "household_id", "referral_id", "circumstance_id", name=op.f("pk_sent_circumstance")
        ),
    )
    op.execute(f"grant select on {', '.join(_TABLES)} to hub_reader, hub_writer")
    op.execute(f"grant insert on {', '.join(_TABLES)} to hub_writer")


def downgrade() -> None:
    """Forget how the households stood."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _word(name: str, *words: str) -> sa.Enum:
    """A text column that admits some words."""
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=40)
