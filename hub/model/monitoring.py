"""Runs of monitoring and their results."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.dialects import postgresql as pg
from sqlmodel import Field, SQLModel

from hub.foundation.database import CODE, code_column, instant_column, new_id, now, word_column
from hub.model.alerts import Finding


class MonitoringRunRow(SQLModel, table=True):
    """One run, for the facts of a region on a day. `finished_at` is null during the run, and stays null if the run was
    interrupted; the next run does the rest."""

    __tablename__ = "monitoring_run"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    region: str = code_column(foreign_key="region.code")
    as_of: date
    started_at: datetime = instant_column(default_factory=now)
    finished_at: datetime | None = instant_column(default=None)


class MonitoringResultRow(SQLModel, table=True):
    """The result of one finding in one run: the number of facts, of raised alerts and of closed alerts, and the milliseconds.
    Readers need the scopes in `needs`, as for the alerts."""

    __tablename__ = "monitoring_result"

    run_id: UUID = Field(primary_key=True, foreign_key="monitoring_run.id")
    finding: Finding = word_column(Finding, primary_key=True)
    needs: list[str] = Field(default_factory=list, sa_type=pg.ARRAY(CODE))
    found: int
    raised: int
    closed: int
    milliseconds: int
