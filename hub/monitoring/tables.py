"""Runs of monitoring, and what each looked for."""

from datetime import date, datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from hub.alerts.tables import Finding
from hub.database import instant_column, new_id, now, word_column


class MonitoringRunRow(SQLModel, table=True):
    """One run, over the facts as they stood on a day. `finished_at` is null while it runs, and for ever where it was cut:
    the next run does what it left."""

    __tablename__ = "monitoring_run"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    as_of: date
    started_at: datetime = instant_column(default_factory=now)
    finished_at: datetime | None = instant_column(default=None)


class MonitoringResultRow(SQLModel, table=True):
    """One finding in one run: how many facts there were, how many alerts they raised, how many were closed because their
    fact is gone, and the milliseconds that it took."""

    __tablename__ = "monitoring_result"

    run_id: UUID = Field(primary_key=True, foreign_key="monitoring_run.id")
    finding: Finding = word_column(Finding, primary_key=True)
    found: int
    raised: int
    closed: int
    milliseconds: int
