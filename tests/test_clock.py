"""A run has one clock: for Python, for the database, and for every command that a test starts."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from hub.foundation.calendar import CHINA, TODAY, is_workday, today
from tests.conftest import TestCluster
from tests.fixtures.clock import DEFAULT, EDGES, INSTANTS, Clock, instant_of

ROOT = Path(__file__).parents[1]
A_MOMENT = timedelta(seconds=30)


def database_s_clock(cluster: TestCluster) -> datetime:
    """The present instant in the database."""
    with psycopg.connect(cluster.administration) as connection:
        ((instant,),) = connection.execute("select now()").fetchall()
    assert isinstance(instant, datetime)
    return instant


def a_command_s_clock() -> datetime:
    """The present instant in a process that a test starts."""
    program = "from datetime import datetime, UTC; print(datetime.now(UTC).isoformat())"
    return datetime.fromisoformat(subprocess.check_output([sys.executable, "-c", program], text=True).strip())


def test_python_the_database_and_the_commands_have_the_clock_of_the_run(
    cluster: TestCluster, clock: Clock
) -> None:
    before = datetime.now(UTC)
    assert before <= a_command_s_clock() <= before + A_MOMENT
    assert before <= database_s_clock(cluster) <= before + A_MOMENT


def test_all_of_them_move_together(cluster: TestCluster, every_clock: datetime) -> None:
    for read in (datetime.now(UTC), a_command_s_clock(), database_s_clock(cluster)):
        assert every_clock <= read <= every_clock + A_MOMENT
    with psycopg.connect(cluster.administration) as connection:
        ((day,),) = connection.execute(f"select {TODAY}").fetchall()
    assert day == today() == every_clock.astimezone(CHINA).date()


def test_the_clocks_are_what_they_are_named_after() -> None:
    in_china = {name: instant.astimezone(CHINA) for name, instant in INSTANTS.items()}
    by_utc = {name: instant.astimezone(UTC) for name, instant in INSTANTS.items()}
    assert in_china["night"].date() != by_utc["night"].date()
    assert in_china["new-year"].year != by_utc["new-year"].year
    assert [in_china[name].strftime("%m-%d") for name in ("month-end", "new-year", "leap-day")] == [
        "03-31",
        "01-01",
        "02-29",
    ]
    assert in_china["two-years-on"].date() == in_china[DEFAULT].date().replace(
        year=in_china[DEFAULT].year + 2
    )
    assert is_workday(in_china[DEFAULT].date())


def test_the_page_of_contributors_and_make_name_every_clock() -> None:
    page, makefile = ((ROOT / name).read_text("utf-8") for name in ("CONTRIBUTING.md", "Makefile"))
    assert [name for name in EDGES if f"`{name}`" not in page or name not in makefile] == []


@pytest.mark.parametrize(
    "text", ["soon", "2027-01-31", "2027-01-31T00:30", "NIGHT", "2027-02-29T00:00+08:00"]
)
def test_a_clock_that_cannot_be_is_refused_with_those_that_can(text: str) -> None:
    with pytest.raises(
        pytest.UsageError, match=r"HUB_TEST_CLOCK must be one of workday, night, .*, system, or an instant"
    ):
        instant_of(text)


def test_a_run_at_any_instant_or_at_the_machine_s_clock_can_be_asked_for() -> None:
    assert instant_of("2027-01-31T00:30+08:00") == datetime(2027, 1, 30, 16, 30, tzinfo=UTC)
    assert instant_of("system") is None


def test_the_clock_does_not_jump_where_many_threads_read_it(clock: Clock) -> None:
    began, ends = datetime.now(UTC), time.monotonic() + 3

    def looked() -> datetime:
        furthest = began
        while time.monotonic() < ends:
            for _ in range(1000):
                furthest = max(furthest, datetime.now(UTC), key=lambda instant: abs(instant - began))
            assert began <= furthest <= began + A_MOMENT
        return furthest

    with ThreadPoolExecutor(16) as pool:
        assert all(future.result() for future in [pool.submit(looked) for _ in range(16)])
