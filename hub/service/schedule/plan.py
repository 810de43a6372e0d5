"""The plan: the times of the day in China at which each job runs, from the setting HUB_SCHEDULE."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from hub.foundation.calendar import CHINA
from hub.foundation.settings import NEVER
from hub.model.scheduled_jobs import Job

Plan = Mapping[Job, tuple[time, ...]]
_DAY = timedelta(days=1)


def plan_of(setting: str) -> Plan:
    """The jobs with their times, from a text such as `monitoring=02:00 reminders=07:30,13:00`, whose form is already checked;
    no job for `off`."""
    parts = (part.partition("=") for part in setting.split() if part != NEVER)
    return {Job(name): tuple(time.fromisoformat(one) for one in times.split(",")) for name, _, times in parts}


def last_time(times: tuple[time, ...], at: datetime) -> datetime:
    """The latest of a job's times at or before an instant."""
    return max(one for one in _around(times, at) if one <= at)


def next_time(times: tuple[time, ...], at: datetime) -> datetime:
    """The first of a job's times after an instant."""
    return min(one for one in _around(times, at) if one > at)


def _around(times: tuple[time, ...], at: datetime) -> list[datetime]:
    day = at.astimezone(CHINA).date()
    return [datetime.combine(day + days * _DAY, one, CHINA) for days in (-1, 0, 1) for one in times]
