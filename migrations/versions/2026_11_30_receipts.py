"""Offers of charity and published lists have receipts, as everything else that goes by (agency, externalId)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from hub.foundation.canonical_json import canonical_digest
from hub.foundation.words import write_words

revision: str = "2026_11_30_receipts"
down_revision: str | None = "2026_11_30_words"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

_BEFORE = [
    "AID",
    "REFERRAL",
    "CERTIFICATION",
    "CONFERENCE",
    "ALERT",
    "VISIT",
    "APPLICATION",
    "CIRCUMSTANCE",
    "RECOVERY",
    "REPAYMENT",
    "NEAR_RELATIVE",
    "OBJECTION",
    "CHANGE",
]
_OFFERS = sa.text(
    "select agency_id, external_id, id, 'OFFER' as kind, organisation, what, region, quantity, to_char(until, 'YYYY-MM-DD'), category"
    " from charity_offer"
)
_LISTS = sa.text(
    "select agency_id, external_id, id, 'DISCLOSURE' as kind, region, to_char(month, 'YYYY-MM-DD'), list_of from disclosure"
)
_KEEP = sa.text(
    "insert into write_receipt (agency_id, kind, external_id, record_id, digest)"
    " values (:agency_id, :kind, :external_id, :id, :digest)"
)


def upgrade() -> None:
    """Give a receipt to each that stands."""
    connection = op.get_bind()
    write_words(connection, "is_receipt_of", [*_BEFORE[:-1], "OFFER", "DISCLOSURE", _BEFORE[-1]])
    for query in (_OFFERS, _LISTS):
        receipts = [
            {
                "agency_id": agency,
                "external_id": external_id,
                "id": id,
                "kind": kind,
                "digest": canonical_digest(said),
            }
            for agency, external_id, id, kind, *said in connection.execute(query)
        ]
        if receipts:
            connection.execute(_KEEP, receipts)


def downgrade() -> None:
    """Without them both go by their own tables again."""
    op.execute("delete from write_receipt where kind in ('OFFER', 'DISCLOSURE')")
    write_words(op.get_bind(), "is_receipt_of", _BEFORE)
