"""`python -m bench`: measures the hub and its peers, and saves the figures."""

import argparse
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from bench.database import bench_database, report_progress
from bench.load import need_wrk
from bench.measure import Pace
from bench.report import FIGURES, save, show
from bench.systems import CannotMeasure
from bench.workloads import ALL, LISTS, READS, Wanted, first_times, imported, listed, monitored, reads, writes
from hub.foundation.operating import OperatorError

_HELP = """
workloads:
  W1  one household by its code, with members, 20 aid records and referrals (about 200 values)
  W2  100 households with members and 10 aid records each (about 9,000 values)
  W3  write-backs: 500 outcomes in a mutation, and one in a mutation (on a copy of the database)
  W4  a filtered, ordered page at the 50,000th row, beside the first page
  W5  households with one circumstance, and how many there are
  W6  the import of an office's file
  W7  monitoring of everybody, when it raises all alerts, when nothing changed, when much did
  W8  who misses education aid in the whole city
  W9  whom to visit first in the whole city
  W10 a document and a set of scopes that were never seen, alone and beside somebody who asks what is known

examples:
  python -m bench                                   everything, at 100,000 households
  python -m bench W1 W2 --households 1000 --rounds 3 --seconds 2 --results /tmp/small.json
  python -m bench W1 --households 1000000           beside the figures of 100,000 households
  python -m bench W1 --soak 200000                  and the memory over 200,000 requests
  python -m bench W7 --households 333000            monitoring of about a million persons
"""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m bench",
        description=__doc__,
        epilog=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "workloads", nargs="*", metavar="W", help=f"of {', '.join(ALL)}; none: all of them 测试项"
    )
    parser.add_argument(
        "--households",
        type=int,
        default=100_000,
        help="size of the sample (100000), kept in .bench/ 样例规模",
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often each system has its turn (3) 轮数")
    parser.add_argument("--seconds", type=int, default=6, help="how long a turn is (6) 每轮秒数")
    parser.add_argument("--rows", type=int, default=100_000, help="rows of the import, W6 (100000) 导入行数")
    parser.add_argument(
        "--soak",
        type=int,
        default=0,
        metavar="N",
        help="then N requests more to the hub, for its memory 再请求次数",
    )
    parser.add_argument(
        "--results", type=Path, default=FIGURES, help="the file of figures (bench/results.json) 结果文件"
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.workloads) - set(ALL):
        parser.error(f"there is no workload {', '.join(sorted(unknown))}; there are {', '.join(ALL)}")
    if arguments.rounds < 1 or arguments.seconds < 1:
        parser.error("a run has at least one round, and a round at least one second")
    return arguments


def _stop(_signal: int, _frame: FrameType | None) -> None:
    """Ends a run on SIGTERM as on Ctrl-C: every system is stopped."""
    raise KeyboardInterrupt


def main() -> None:
    """Run the measurements of the command line."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, _stop)
    for name in [name for name in os.environ if name.startswith("HUB_")]:
        del os.environ[name]  # a run must not depend on the shell's settings for a hub
    chosen = arguments.workloads or ALL
    wanted = Wanted(chosen, Pace(arguments.rounds, arguments.seconds), arguments.soak)
    run = {"households": arguments.households, "rounds": arguments.rounds, "seconds": arguments.seconds}
    if set(chosen) & {*READS, *LISTS, "W3", "W7", "W10"}:
        if set(chosen) & {*READS, "W3"}:
            need_wrk()
        with bench_database(arguments.households) as on:
            if set(chosen) & set(READS):
                save(reads(on, wanted), run, arguments.results)
            if "W10" in chosen:
                save(first_times(on, wanted), run, arguments.results)
            if "W3" in chosen:
                save(writes(on, wanted), run, arguments.results)
            if set(chosen) & set(LISTS):
                save(listed(on), {"households": arguments.households}, arguments.results)
            if "W7" in chosen:
                save(monitored(on), {"households": arguments.households}, arguments.results)
    if "W6" in chosen:
        save(imported(arguments.rows), {}, arguments.results)
    print(show(arguments.results))


if __name__ == "__main__":
    try:
        main()
    except (CannotMeasure, OperatorError) as error:
        report_progress(f"bench: {error}")
        sys.exit(1)
    except KeyboardInterrupt:
        report_progress("bench: stopped; every system is ended")
        sys.exit(130)
