"""A service ends in time, whatever hangs; and the embedded PostgreSQL is started again if it died."""

import os
import signal
import subprocess
import sys
import time

import psycopg

from hub.foundation.embedded import EmbeddedPostgres
from hub.foundation.settings import Settings
from hub.service.embedded_watch import supervised
from tests.fixtures.folders import server_folder

HANGS = """
import logging, time
from hub.service.ending import LastResort
logging.basicConfig()
LastResort(lambda: "3 requests under way", seconds=0.5).start()
time.sleep(60)
"""
TO_BE_BACK = 20.0


def test_a_process_that_hangs_is_ended_and_one_line_says_what_was_cut_off() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", HANGS], capture_output=True, text=True, timeout=20, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "cut off: 3 requests under way" in ended.stderr


def test_an_embedded_server_that_died_while_the_hub_serves_is_started_again() -> None:
    with server_folder() as folder, EmbeddedPostgres(folder) as server, supervised(Settings(data_dir=folder)):
        owner = server.urls("postgres").owner
        os.kill(int((server.cluster / "postmaster.pid").read_text().split("\n", 1)[0]), signal.SIGKILL)
        died, back = time.monotonic(), False
        while not back and time.monotonic() - died < TO_BE_BACK:
            try:
                psycopg.connect(owner, connect_timeout=2).close()
                back = server.runs()
            except psycopg.OperationalError:
                time.sleep(0.1)
        assert back
