"""Runs of monitoring, and what each looked for."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.dialects import postgresql as pg
from sqlmodel import Field, SQLModel

from hub.foundation.database import CODE, code_column, instant_column, new_id, now, word_column
from hub.model.alerts import Finding


class MonitoringRunRow(SQLModel, table=True):
    """One run, over the facts of a region as they stood on a day. `finished_at` is null while it runs, and for ever where it
    was cut: the next run does what it left."""

    __tablename__ = "monitoring_run"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    region: str = code_column(foreign_key="region.code")
    as_of: date
    started_at: datetime = instant_column(default_factory=now)
    finished_at: datetime | None = instant_column(default=None)


class MonitoringResultRow(SQLModel, table=True):
    """One finding in one run: how many facts there were, how many alerts they raised, how many were closed because their
    fact is gone, and the milliseconds that it took. `needs` are the scopes that open the facts, as those of its alerts."""

    __tablename__ = "monitoring_result"

    run_id: UUID = Field(primary_key=True, foreign_key="monitoring_run.id")
    finding: Finding = word_column(Finding, primary_key=True)
    needs: list[str] = Field(default_factory=list, sa_type=pg.ARRAY(CODE))
    found: int
    raised: int
    closed: int
    milliseconds: int
