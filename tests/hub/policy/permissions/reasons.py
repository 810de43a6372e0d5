"""Who has a household in sight beyond its jurisdiction, in plain Python: what `sight.toml` says, read over dumped rows.

Nothing of the hub's reckoning is asked: neither `shown_household` nor the statement that fills it.
"""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

Row = Mapping[str, Any]
Tables = Mapping[str, list[dict[str, Any]]]
Sight = tuple[str, UUID, str]
"""(agency, household, reason)."""

LINES = tomllib.loads(
    (Path(__file__).parents[4] / "hub/policy/permissions/sight.toml").read_text(encoding="utf-8")
)
DUTY = frozenset(name for name, line in LINES.items() if line["opens"] == "DUTY")
LASTING = "(until is null or until > now())"
"""SQL: the lines of `shown_household` that have not ended."""
ON_DUTY = f"(select household_id, agency_id from shown_household where {LASTING} and because = any('{{{','.join(DUTY)}}}'))"
"""SQL: the households that agencies have in sight beyond their jurisdiction, not counting what they wrote themselves."""
_HERE = timezone(timedelta(hours=8))


def lasting(tables: Tables, at: datetime) -> set[Sight]:
    """Every sight that has not ended at an instant."""
    return {
        (agency, household, reason)
        for agency, household, reason, state, act in _acts(tables)
        if not _over(reason, state, act, at)
    }


def _over(reason: str, state: str, act: datetime | None, at: datetime) -> bool:
    days = LINES[reason]["days_after"]
    after = days.get(state, days.get("ANY"))
    if after is None:
        return False
    assert act is not None, (reason, state)
    return at >= act + timedelta(days=after)


def _acts(tables: Tables) -> Iterator[tuple[str, UUID, str, str, datetime | None]]:
    """What gives sight: agency, household, reason, the state it is in, and its last act."""
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
