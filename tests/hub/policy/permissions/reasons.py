"""The agencies that have a household in sight beyond their jurisdiction, in plain Python: the policy's rules, computed from
dumped rows.

Nothing of the hub's computation is used: neither `sight.toml`, nor `shown_household`, nor the statement that fills it.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta, timezone
from typing import Any, NamedTuple
from uuid import UUID

Row = Mapping[str, Any]
Tables = Mapping[str, list[dict[str, Any]]]
Sight = tuple[str, UUID, str]
"""(agency, household, reason)."""


class Line(NamedTuple):
    """What a reason opens, and the number of days after the last act at which the sight ends, by the state of the row that
    gave it; `ANY` is every state that is not named."""

    opens: str
    days_after: Mapping[str, int]


LINES: Mapping[str, Line] = {
    # 46-2.1: the department in charge accepts the need and answers for it; after a quarter it has nothing more to do with it
    "REFERRAL_RECEIVED": Line("DUTY", {"RETURNED": 0, "FORWARDED": 0, "ENDED": 0, "COMPLETED": 90}),
    # 46-2.1: the sender of the need gets the outcome, and needs nothing more of the household for that
    "REFERRAL_SENT": Line("OWN_RECORDS", {"FORWARDED": 0, "ENDED": 0, "COMPLETED": 90}),
    # 46-2.1: the agency above deals with a late referral until it is answered
    "ESCALATION": Line("DUTY", {"RETURNED": 0, "FORWARDED": 0, "ENDED": 0, "COMPLETED": 0}),
    # 46-3.3, 46-4.3: an agency that gave aid from elsewhere can amend it for a year, and for a month after revoking it
    "OWN_RECORD": Line("OWN_RECORDS", {"REVOKED": 30, "ANY": 365}),
    # 46-2.4: the participants of a case conference carry out its decision within a quarter
    "CONFERENCE": Line("DUTY", {"HELD": 90}),
    # 46-2.4: an agency that is notified of an alert checks it at home, until it is closed
    "ALERT": Line("DUTY", {"CLOSED": 0}),
}
"""docs/adr/0010: each reason to see a household outside one's region. A state that is not listed does not end the sight."""
DUTY = frozenset(name for name, line in LINES.items() if line.opens == "DUTY")
LASTING = "(until is null or until > now())"
"""SQL: the rows of `shown_household` that have not ended."""
ON_DUTY = f"(select household_id, agency_id from shown_household where {LASTING} and because = any('{{{','.join(DUTY)}}}'))"
"""SQL: the households that agencies have in sight beyond their jurisdiction, without sight of their own records only."""
_HERE = timezone(timedelta(hours=8))


def lasting(tables: Tables, at: datetime) -> set[Sight]:
    """Every sight that has not ended at an instant."""
    return {
        (agency, household, reason)
        for agency, household, reason, state, act in _acts(tables)
        if not _over(reason, state, act, at)
    }


def _over(reason: str, state: str, act: datetime | None, at: datetime) -> bool:
    days = LINES[reason].days_after
    after = days.get(state, days.get("ANY"))
    if after is None:
        return False
    assert act is not None, (reason, state)
    return at >= act + timedelta(days=after)


def _acts(tables: Tables) -> Iterator[tuple[str, UUID, str, str, datetime | None]]:
    """The rows that give sight: agency, household, reason, the state of the row, and its last act."""
    regions = {one["id"]: one["region"] for one in tables["household"]}

    def elsewhere(agency: str, row: Row) -> bool:
        return not regions[row["household_id"]].startswith(agency.partition("@")[2])

    for row in tables["referral"]:
        ends = row["household_id"], row["status"], row["closed_at"]
        for reason, column in (
            ("REFERRAL_SENT", "from_agency"),
            ("REFERRAL_RECEIVED", "to_agency"),
            ("ESCALATION", "escalated_to"),
        ):
            if row[column] is not None:
                yield row[column], ends[0], reason, ends[1], ends[2]
    for row in tables["aid_record"]:
        if row["superseded_at"] is None and elsewhere(row["agency_id"], row):
            yield row["agency_id"], row["household_id"], "OWN_RECORD", row["status"], row["recorded_at"]
    meetings = {(one["household_id"], one["id"]): one for one in tables["conference"]}
    for row in tables["conference_participant"]:
        met = meetings[row["household_id"], row["conference_id"]]
        yield row["agency_id"], row["household_id"], "CONFERENCE", met["status"], _end_of(met["held_on"])
    for row in tables["alert"]:
        if elsewhere(row["to_agency"], row):
            yield row["to_agency"], row["household_id"], "ALERT", row["status"], row["closed_at"]


def _end_of(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day + timedelta(days=1), time(), _HERE)
