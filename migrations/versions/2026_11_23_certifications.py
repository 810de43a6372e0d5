"""A certification ends for one of the policy's reasons, stands for whom its category allows, and is idempotent."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_23_certifications"
down_revision: str | None = "2026_11_23_client_documents"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

_REASONS = (
    "DECEASED",
    "NO_LONGER_ELIGIBLE",
    "RISK_GONE",
    "FALSE_CLAIM",
    "MISTAKE",
    "RECERTIFIED",
    "COVERED_WHOLE",
    "COVERED_BY_MEMBER",
)
_READ_FROM_WORDS = """
    update certification set ended_on = greatest(ended_on, valid_from), ended_because = case
        when end_reason = '死亡' then 'DECEASED'
        when end_reason = '重新认定' then 'RECERTIFIED'
        when end_reason = '改为整户保障' then 'COVERED_WHOLE'
        when end_reason = '改为按人保障' then 'COVERED_BY_MEMBER'
        when category = 'POVERTY_RELAPSE_MONITORED' then 'RISK_GONE'
        else 'NO_LONGER_ELIGIBLE' end
    where ended_on is not null"""
_CHECKS = {
    "ending": "ended_on >= valid_from",
    "ended_for_a_reason": "(ended_on is null) = (ended_because is null)",
    "of_persons": "person_id is not null or category <> 'EXTREME_HARDSHIP'",
    "of_households": "person_id is null or category in ('EXTREME_HARDSHIP', 'SUBSISTENCE_ALLOWANCE', 'OTHER_HARDSHIP')",
}


def upgrade() -> None:
    """Read the reasons that stand from their words; a reason in other words is that of the category."""
    op.add_column("certification", sa.Column("ended_because", sa.String(40), nullable=True))
    op.execute(_READ_FROM_WORDS)
    listed = ", ".join(f"'{reason}'" for reason in _REASONS)
    op.create_check_constraint(
        op.f("ck_certification_endreason"), "certification", f"ended_because in ({listed})"
    )
    for name, condition in _CHECKS.items():
        op.create_check_constraint(op.f(f"ck_certification_{name}"), "certification", condition)
    _receipts("AID", "REFERRAL", "CERTIFICATION")


def downgrade() -> None:
    """Forget the reasons' words and the receipts of certifications."""
    op.execute("delete from write_receipt where kind = 'CERTIFICATION'")
    _receipts("AID", "REFERRAL")
    for name in _CHECKS:
        op.drop_constraint(op.f(f"ck_certification_{name}"), "certification", type_="check")
    op.drop_column("certification", "ended_because")


def _receipts(*kinds: str) -> None:
    """What a receipt is given for."""
    op.drop_constraint(op.f("ck_write_receipt_receiptof"), "write_receipt", type_="check")
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("ck_write_receipt_receiptof"), "write_receipt", f"kind in ({listed})")
