"""The clock of a run is one: Python's, the database's, and that of every command that a test starts."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import psycopg

from hub.workdays.calendar import CHINA, TODAY, today
from tests.conftest import TestCluster
from tests.fixtures.clock import Clock

A_MOMENT = timedelta(seconds=30)


def database_s_clock(cluster: TestCluster) -> datetime:
    """The instant it is in the database."""
    with psycopg.connect(cluster.administration) as connection:
        ((instant,),) = connection.execute("select now()").fetchall()
    assert isinstance(instant, datetime)
    return instant


def a_command_s_clock() -> datetime:
    """The instant it is in a process that a test starts."""
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
