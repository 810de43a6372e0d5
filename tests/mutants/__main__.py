"""`make mutants`: puts small faults into the code, one at a time, and reports those that no test finds."""

import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from inspect import cleandoc
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from hub.service.cli.console import complain, console
from tests.mutants.operators import Mutant
from tests.mutants.parts import HERE, ROOT, Part, parts
from tests.mutants.results import Result, explained, keep, kept, write_table, written
from tests.mutants.touching import MEASURED, Touching
from tests.mutants.trial import Copy, Outcome, StaleMeasure

_NOT_MEASURED = (
    # They execute everything, so that they say little about a line.
    "tests/schema/fuzz",
    "tests/stateful",
    "tests/schema/test_every_argument_is_refused_with_a_code.py",
    "tests/schema/test_every_input_is_refused_with_a_code.py",
    "tests/schema/test_explain.py",
    "tests/schema/test_introspection.py",
    "tests/schema/test_no_answer_repeats_a_value.py",
    # They run the hub as a separate program, whose lines are not counted.
    "tests/test_demo.py",
    "tests/test_durability.py",
    "tests/test_silent_database.py",
    "tests/attacks",
    "tests/clients",
    "tests/migrations",
    "tests/hub/service/test_beside_a_running_hub.py",
    "tests/hub/service/test_clocks_apart.py",
    "tests/hub/service/test_logs_in_an_outage.py",
    "tests/hub/service/test_one_login.py",
    "tests/hub/service/test_workers.py",
    # They concern the tests and the tree, or a signal within a traced call, which can block CPython 3.11 for ever.
    "tests/test_no_day_at_import.py",
    "tests/test_what_a_change_touches.py",
    "tests/test_reconnecting.py",
)
"""Left out of the measure; a part may still list them."""

app = typer.Typer(add_completion=False)


@app.command()
def main(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[PART]...", help="Parts to try; none: all 部分,缺省为全部")
    ] = None,
    each: Annotated[int, typer.Option(help="Mutants of each part 每部分的变异数", min=1)] = 8,
    seed: Annotated[int, typer.Option(help="Which ones: the same seed, the same mutants 随机种子")] = 14,
    workers: Annotated[int, typer.Option(help="Mutants tried at once 并行数", min=1)] = 2,
    limit: Annotated[int, typer.Option(help="Seconds for the tests of one mutant 每个变异的时限(秒)")] = 900,
    again: Annotated[bool, typer.Option(help="Try the surviving mutants again 重试存活的变异")] = False,
    measure: Annotated[
        bool, typer.Option(help="First measure which tests execute which line (the whole suite) 先测量覆盖")
    ] = False,
    listed: Annotated[bool, typer.Option("--list", help="Only list the mutants 只列出变异")] = False,
    table: Annotated[bool, typer.Option("--table", help="Only rewrite the table 只重写结果表")] = False,
) -> None:
    """Put small faults (mutants) into the code, one at a time, and report those that no test finds. 变异测试

    The sample is drawn by --seed. The results are stored in tests/mutants/results.jsonl: you may stop a run at any time, and
    the next one continues. README.md beside it has the table. Nothing in this tree is changed: the mutants are in copies of
    it.
    按种子抽样,结果随时保存,可中断后继续;变异只写入副本,不改动本目录的代码。

    Exit code 1: a mutant survived that explained.toml does not explain. 有未说明的存活变异时退出码为 1。
    """
    chosen = [one for one in parts() if not names or one.name in names]
    if unknown := set(names or ()) - {one.name for one in chosen}:
        complain(
            "NoSuchPart",
            f"{', '.join(sorted(unknown))}; there are 可选: {', '.join(one.name for one in parts())}",
        )
        raise typer.Exit(2)
    samples = [[(part, mutant) for mutant in part.sample(each, seed)] for part in chosen]
    drawn = [one for in_turn in zip_longest(*samples) for one in in_turn if one]
    if listed:
        for part, mutant in drawn:
            console.print(
                f"{mutant.id} {part.name} {mutant.file}:{mutant.line} {mutant.operator}\n"
                f"  - {mutant.was}\n  + {mutant.becomes}",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )
        return
    if measure:
        _measure()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as Ctrl-C: running tests are stopped too
    if not table:
        done = kept()
        waiting = [
            (part, mutant)
            for part, mutant in drawn
            if mutant.id not in done
            or (again and done[mutant.id].found is None and mutant.id not in explained())
        ]
        try:
            _try_all(waiting, Touching.read(), workers, limit)
        except StaleMeasure as error:
            complain("StaleMeasure", cleandoc(StaleMeasure.__doc__ or ""))
            raise typer.Exit(2) from error
    current = {mutant.id for part in parts() for mutant in part.mutants()}
    console.print(
        write_table(result for result in kept().values() if result.id in current),
        markup=False,
        soft_wrap=True,
    )
    _end(drawn)


def _end(drawn: list[tuple[Part, Mutant]]) -> None:
    done, why = kept(), explained()
    survived = [mutant for _, mutant in drawn if mutant.id in done and done[mutant.id].found is None]
    raise typer.Exit(1 if any(mutant.id not in why for mutant in survived) else 0)


def _measure() -> None:
    MEASURED.parent.mkdir(exist_ok=True)
    ignored = [f"--ignore={one}" for one in _NOT_MEASURED]
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-n",
            "auto",
            "--dist",
            "worksteal",
            "-q",
            "--cov",
            f"--cov-config={HERE / 'coverage.ini'}",
            "--cov-context=test",
            "--cov-report=",
            *ignored,
        ],
        cwd=ROOT,
        check=True,
    )


@contextmanager
def _copies(many: int) -> Iterator[list[Copy]]:
    with TemporaryDirectory(prefix="hub-mutants-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL's own user needs access if the tests run as root
        yield [Copy(Path(folder) / str(number)) for number in range(many)]


def _try_all(waiting: list[tuple[Part, Mutant]], touching: Touching, workers: int, limit: int) -> None:
    stopped, first = threading.Event(), written()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        _copies(workers) as copies,
        Progress(*columns, console=console) as bar,
        ThreadPoolExecutor(workers) as pool,
    ):
        free: queue.SimpleQueue[Copy] = queue.SimpleQueue()
        for one in copies:
            free.put(one)
        task = bar.add_task("mutants 变异", total=len(waiting))

        def try_one(part: Part, mutant: Mutant) -> Outcome | None:
            copy = free.get()
            tests = [*filter(None, [first.get(mutant.id)]), *touching.tests_of(mutant, part)]
            try:
                return None if stopped.is_set() else copy.try_out(mutant, tests, limit)
            finally:
                free.put(copy)

        running: dict[Future[Outcome | None], tuple[Part, Mutant]] = {
            pool.submit(try_one, part, mutant): (part, mutant) for part, mutant in waiting
        }
        try:
            for done in as_completed(running):
                part, mutant = running[done]
                if (outcome := done.result()) is not None:
                    keep(Result.of(part.name, mutant, outcome))
                bar.print(_line(mutant, outcome), markup=False, highlight=False, soft_wrap=True)
                bar.advance(task)
        finally:
            if not all(future.done() for future in running):
                stopped.set()
                for copy in copies:
                    copy.stop()


def _line(mutant: Mutant, outcome: Outcome | None) -> str:
    place = f"{mutant.id} {mutant.file}:{mutant.line} {mutant.operator}"
    if outcome is None:
        return f"{place}: not decided, to be tried again"
    result = f"found by {outcome.found}" if outcome.found else "SURVIVED"
    return f"{place}: {result} ({outcome.seconds:.0f} s)"


if __name__ == "__main__":
    app()
