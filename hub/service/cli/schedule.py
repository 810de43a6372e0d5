"""`hub schedule`: the times, last runs and results of the service's jobs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rich.table import Table

from hub.service.cli.console import console, opened_database


def schedule() -> None:
    """Show the jobs that the service runs by itself (HUB_SCHEDULE), with the last run and result of each.
    显示平台自动运行的定时任务及其最近一次运行的时间和结果。

    A failed run is repeated after ten minutes; the log of the service has the error under the incident's id.

    运行失败的任务十分钟后重试,错误详情见服务日志中的事件编号。
    """
    from hub.foundation.database import now
    from hub.service.schedule.jobs import JOBS
    from hub.service.schedule.plan import next_time, plan_of
    from hub.service.schedule.running import last_runs
    from hub.service.serving import with_database

    with opened_database() as (settings, urls):
        plan = plan_of(settings.schedule)
        runs = {row.job: (row, runs) for row, runs in with_database(urls, settings, last_runs)}
    table = Table("job 任务", "what 内容", "last run 上次运行", "came of it 结果", "next 下次")
    for job, rule in JOBS.items():
        following = _local_time(next_time(plan[job], now())) if job in plan else "off 未启用"
        table.add_row(
            job.value,
            f"{rule.words} {rule.words_zh} ({rule.clause})",
            *_last(*runs.get(job, (None, False))),
            following,
        )
    console.print(table)


def _last(row: Any, runs: bool) -> Sequence[str]:
    if row is None or row.started_at is None:
        return "never 从未", ""
    if runs:
        return _local_time(row.started_at), "running 运行中"
    if row.outcome is None:
        return _local_time(row.started_at), "cut, will be made up for 中断,待补"
    if row.result is None:
        return _local_time(row.started_at), f"failed 失败: incident {row.incident}"
    counts = ", ".join(f"{name} {count:,}" for name, count in row.result.items())
    return _local_time(
        row.started_at
    ), f"{counts}; {(row.finished_at - row.started_at).total_seconds():.1f} s"


def _local_time(at: datetime) -> str:
    from hub.foundation.calendar import CHINA

    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"
