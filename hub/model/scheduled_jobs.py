"""Jobs at times of the day: when each was last run, and what came of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.dialects import postgresql as pg
from sqlmodel import Field, SQLModel

from hub.foundation.database import instant_column, word_column


class Job(StrEnum):
    """What runs by itself; `JOBS` in `jobs.py` says what each does."""

    MONITORING = "monitoring"
    COVERAGE = "coverage"
    REMINDERS = "reminders"


class Outcome(StrEnum):
    """How the last run ended."""

    DONE = "DONE"
    FAILED = "FAILED"


class ScheduledJobRow(SQLModel, table=True):
    """One job. `done_for` is the latest of its times that needs no run any more: it was run, or passed before the job was
    first planned. `outcome` is null while a run is under way, and stays so where the process that ran it was killed."""

    __tablename__ = "scheduled_job"

    job: Job = word_column(Job, primary_key=True)
    done_for: datetime = instant_column()
    started_at: datetime | None = instant_column(default=None)
    finished_at: datetime | None = instant_column(default=None)
    outcome: Outcome | None = word_column(Outcome, default=None)
    result: dict[str, Any] | None = Field(default=None, sa_type=pg.JSONB)
    incident: UUID | None = None
