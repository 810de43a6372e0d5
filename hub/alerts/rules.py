"""The rules of each disposition, with its clause (46-2.4). Those of each finding are in `hub/model/alerts.py`."""

from collections.abc import Mapping

from hub.model.alerts import Disposition

CLAUSE = "46-2.4"
"""The clause of alerts: a check at home before a deadline, and a disposition."""

FOLLOW_UPS: Mapping[Disposition, tuple[str, ...]] = {
    Disposition.CARRY_OUT: ("referrals",),
    Disposition.INCLUDE: ("referrals", "inclusion"),
    Disposition.CONFERENCE: ("conference",),
    Disposition.TERMINATE: ("termination",),
    Disposition.UNFOUNDED: (),
}
"""What a disposition may lead to, by the fields of its input."""

WITHOUT_FOLLOW_UP = (Disposition.CARRY_OUT, Disposition.UNFOUNDED)
"""Dispositions that may lead to nothing: the office carries the policy out itself, or there is nothing to do."""
