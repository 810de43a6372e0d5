"""Scheduled jobs: the last run of each and its result."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.dialects import postgresql as pg
from sqlmodel import Field, SQLModel

from hub.foundation.database import instant_column, word_column


class Job(StrEnum):
    """The jobs that run automatically; `JOBS` in `jobs.py` has their content."""

    MONITORING = "monitoring"
    COVERAGE = "coverage"
    REMINDERS = "reminders"


class Outcome(StrEnum):
    """The result of the last run."""

    DONE = "DONE"
    FAILED = "FAILED"


class ScheduledJobRow(SQLModel, table=True):
    """A job. `done_for` is the latest scheduled time that needs no run: the job ran, or the time passed before the job was
    first planned. `outcome` is null during a run, and stays null if the process was killed."""

    __tablename__ = "scheduled_job"

    job: Job = word_column(Job, primary_key=True)
    done_for: datetime = instant_column()
    started_at: datetime | None = instant_column(default=None)
    finished_at: datetime | None = instant_column(default=None)
    outcome: Outcome | None = word_column(Outcome, default=None)
    result: dict[str, Any] | None = Field(default=None, sa_type=pg.JSONB)
    incident: UUID | None = None
