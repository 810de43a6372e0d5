"""No CHECK of a certification lists categories: which of them is of single members or has a certified amount is a rule of the
commands, with its clause, so that another category alters no table."""

from collections.abc import Sequence

from alembic import op

revision: str = "2026_12_01_categories"
down_revision: str | None = "2026_11_30_access_questions"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = True

_AMOUNT, _HOUSEHOLDS = "ck_certification_certified_amount", "ck_certification_of_households"


def upgrade() -> None:
    """What stands there meets the new CHECK, since it met the old one."""
    op.drop_constraint(op.f(_HOUSEHOLDS), "certification", type_="check")
    op.drop_constraint(op.f(_AMOUNT), "certification", type_="check")
    op.create_check_constraint(op.f(_AMOUNT), "certification", "certified_amount > 0")


def downgrade() -> None:
    """List the categories again. It fails, and changes nothing, where a row is of a category that came later."""
    op.drop_constraint(op.f(_AMOUNT), "certification", type_="check")
    op.create_check_constraint(
        op.f(_AMOUNT),
        "certification",
        "certified_amount is null or certified_amount > 0 and category in ('EXTREME_HARDSHIP', 'SUBSISTENCE_ALLOWANCE')",
    )
    op.create_check_constraint(
        op.f(_HOUSEHOLDS),
        "certification",
        "person_id is null or category in ('EXTREME_HARDSHIP', 'SUBSISTENCE_ALLOWANCE', 'OTHER_HARDSHIP')",
    )
