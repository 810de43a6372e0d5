"""The shape of an entitlement. No table stores entitlements: the rules are evaluated for each query."""

from enum import StrEnum

import sqlalchemy as sa

from hub.foundation.database import words
from hub.model.aid import AidKind


class EntitlementStatus(StrEnum):
    """The fulfilment of an entitlement in its window (46-2.1: 避免救助遗漏或重复救助)."""

    RECEIVED = "RECEIVED"
    APPROVED = "APPROVED"
    REFERRED = "REFERRED"
    MISSING = "MISSING"
    DUPLICATED = "DUPLICATED"


ENTITLEMENT = sa.Table(
    "entitlement",
    sa.MetaData(),
    sa.Column("household_id", sa.Uuid),
    sa.Column("subject_id", sa.Uuid),
    sa.Column("person_id", sa.Uuid),
    sa.Column("rule", sa.Text),
    sa.Column("place", sa.Integer),
    sa.Column("aid_kind", words(AidKind)),
    sa.Column("program", sa.Text),
    sa.Column("clause", sa.Text),
    sa.Column("clause_text", sa.Text),
    sa.Column("to_check", sa.Text),
    sa.Column("window_from", sa.Date),
    sa.Column("window_until", sa.Date),
    sa.Column("status", words(EntitlementStatus)),
    sa.Column("certification_ids", sa.ARRAY(sa.Uuid)),
    sa.Column("circumstance_ids", sa.ARRAY(sa.Uuid)),
    sa.Column("aid_ids", sa.ARRAY(sa.Uuid)),
    sa.Column("referral_ids", sa.ARRAY(sa.Uuid)),
)
"""The columns of `hub.evaluation.entitlements.entitled`. `subject_id` is the person's id, or the household's if there is no
person. `aid_ids` and `referral_ids` fulfil the entitlement; the other two arrays prove it."""
