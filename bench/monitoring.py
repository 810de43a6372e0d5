"""W7: monitors every household, by the real command, on a copy of the database."""

import os
import sys
import time
from typing import Any

from bench.database import BenchDatabase, report_progress
from bench.systems import CannotMeasure, environment

_LATE = (
    "update aid_record set paid_on = period_from + 16 where kind = 'BASIC_LIVING' and superseded_at is null"
    " and period_from > current_date - 100 and mod(hashtext(household_id::text), 20) = 0"
)
"""New facts for one in twenty of the households with an allowance: three months of it were paid on the 17th."""


def measure(on: BenchDatabase) -> dict[str, Any]:
    """The `first` run, which raises every alert; `again`, which has nothing to do; and the one after many facts `changed`."""
    persons = on.rows("select count(*) from person where left_on is null")[0][0]
    with on.copied() as copy:
        copy.run("vacuum analyze")
        runs = {"first": _run(copy), "again": _run(copy)}
        copy.run(_LATE, "vacuum analyze aid_record")
        runs["changed"] = _run(copy)
    return {"persons": persons, **runs}


def _run(on: BenchDatabase) -> dict[str, Any]:
    """One run: seconds with the start of the command, the largest memory of its process, and the result of each finding."""
    load = os.getloadavg()[0]
    started = time.perf_counter()
    process = os.posix_spawn(
        sys.executable, [sys.executable, "-m", "hub.service.cli", "monitor", "run"], environment(on)
    )
    _, status, used = os.wait4(process, 0)
    seconds = time.perf_counter() - started
    if status:
        raise CannotMeasure(f"hub monitor run ended with {os.waitstatus_to_exitcode(status)}")
    results = on.rows(
        "select finding, found, raised, closed, milliseconds from monitoring_result where run_id ="
        " (select id from monitoring_run order by started_at desc limit 1) order by finding"
    )
    raised, closed = sum(row[2] for row in results), sum(row[3] for row in results)
    report_progress(f"W7: {raised:,} alerts raised and {closed:,} closed in {seconds:.1f} s")
    return {
        "seconds": round(seconds, 1),
        "raised": raised,
        "closed": closed,
        "peak_rss_mb": round(used.ru_maxrss / 1024),
        "load_average": round(load, 2),
        "findings": {name: {"found": found, "ms": ms} for name, found, _, _, ms in results},
    }
