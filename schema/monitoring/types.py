"""Runs of monitoring (监测), and the results of each (46-2.3)."""

from datetime import date, datetime

from hub.foundation.database import table_of
from hub.model.alerts import Finding
from hub.model.monitoring import MonitoringResultRow, MonitoringRunRow
from schema.engine.declare.field_sources import Join, Reads
from schema.engine.declare.fields import column, to_many, to_one
from schema.engine.declare.row_types import OnRows, on_rows
from schema.orders import BY_FINDING
from schema.regions.types import Region


@on_rows(
    Reads("MonitoringResult", table_of(MonitoringResultRow), ("run_id", "finding")),
    "监测结果 One finding in one run; only for readers of its facts",
)
class MonitoringResult(OnRows):
    """监测结果."""

    finding: Finding | None = column("finding", "发现 The finding")
    found: int | None = column("found", "符合 How many facts there were")
    raised: int | None = column("raised", "新增预警 How many alerts they raised")
    closed: int | None = column("closed", "自动关闭 How many alerts were closed because their fact is gone")
    milliseconds: int | None = column("milliseconds", "毫秒 How long it took")


@on_rows(
    Reads("MonitoringRun", table_of(MonitoringRunRow), ("id",)),
    "监测运行 One run over all households of a region; visible to callers who are responsible for the whole region",
)
class MonitoringRun(OnRows):
    """监测运行."""

    region: Region | None = to_one("Region", {"code": "region"}, "区划 The region that it covered")
    as_of: date | None = column("as_of", "数据日期 The day whose facts were checked")
    started_at: datetime | None = column("started_at", "开始时间 Started at")
    finished_at: datetime | None = column(
        "finished_at",
        "完成时间 Finished at; null: it is running, or it was interrupted and the next run does the rest",
    )
    results: list[MonitoringResult] | None = to_many(
        "MonitoringResult", Join({"run_id": "id"}), BY_FINDING, "结果 The result of each finding"
    )
