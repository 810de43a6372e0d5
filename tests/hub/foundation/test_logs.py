"""The log: one line for each cause, and later the number of its repetitions."""

import io
import json
import logging
import threading
import time
from collections.abc import Iterator
from uuid import uuid4

import pytest

from hub.foundation.incidents import IncidentFormatter
from hub.foundation.logs import EachCauseOnce, JsonFormatter

EVERY = 0.3


class Log:
    """A logger of the test, and its output."""

    def __init__(self, formatter: logging.Formatter) -> None:
        self.written = io.StringIO()
        to = logging.StreamHandler(self.written)
        to.setFormatter(formatter)
        self.handler = EachCauseOnce(to, EVERY)
        self.logger = logging.getLogger(f"tests.{uuid4()}")
        self.logger.propagate = False
        self.logger.addHandler(self.handler)

    @property
    def lines(self) -> list[str]:
        """The lines so far."""
        return self.written.getvalue().splitlines()

    def fail(self, failure: Exception, sentence: str, *given: object) -> None:
        """Log an exception that was raised."""
        try:
            raise failure
        except Exception as error:
            self.logger.error(sentence, *given, exc_info=error)


@pytest.fixture
def log() -> Iterator[Log]:
    """A log in the format for people."""
    made = Log(IncidentFormatter("%(levelname)s %(message)s"))
    yield made
    made.handler.close()


def test_what_comes_again_is_counted_and_told_at_the_end_of_the_minute(log: Log) -> None:
    for place in range(50):
        log.logger.error("the database is away at %s", f"place-{place}")
    assert log.lines == ["ERROR the database is away at place-0"]
    time.sleep(EVERY * 1.5)
    assert log.lines[1:] == ["ERROR 49 more since: the database is away at place-0"]
    time.sleep(EVERY * 1.5)
    assert len(log.lines) == 2, "it stopped"
    log.logger.error("the database is away at %s", "place-50")
    assert log.lines[2:] == ["ERROR the database is away at place-50"]


def test_causes_are_told_apart_by_sentence_code_and_kind_of_exception(log: Log) -> None:
    for code in ("DISK_FULL", "DATABASE_READ_ONLY", "DISK_FULL"):
        log.logger.error("%s at %s", code, ["households"])
    for failure in (ValueError("x"), KeyError("x"), ValueError("y")):
        log.fail(failure, "incident %s", uuid4())
    first = [line for line in log.lines if line.startswith("ERROR")]
    assert [line.split()[1] for line in first] == ["DISK_FULL", "DATABASE_READ_ONLY", "incident", "incident"]


def test_an_exception_that_is_handed_on_is_logged_once(log: Log) -> None:
    failure = ValueError("x")
    log.fail(failure, "incident %s", "1")
    log.fail(failure, "Exception in ASGI application")
    assert [line for line in log.lines if line.startswith("ERROR")] == ["ERROR incident 1"]


def test_what_is_expected_has_no_traceback_and_what_is_not_has_one(log: Log) -> None:
    log.fail(ConnectionRefusedError(111, "refused"), "incident %s", "1")
    assert log.lines == ["ERROR incident 1 (ConnectionRefusedError)"]
    log.fail(ValueError("secret"), "incident %s", "2")
    assert any("in fail" in line for line in log.lines)
    assert "secret" not in log.written.getvalue()


def test_the_incidents_of_what_is_counted_can_be_found(log: Log) -> None:
    ids = [str(uuid4()) for _ in range(30)]
    for id in ids:
        log.fail(ValueError("x"), "incident %s", id)
    log.handler.close()
    *_, last = log.lines
    assert last.startswith("ERROR 29 more since: incident")
    assert [id in last for id in ids] == [True, *[True] * 20, *[False] * 9]


def test_what_is_no_trouble_is_never_counted(log: Log) -> None:
    log.logger.setLevel("INFO")
    for _ in range(3):
        log.logger.info("the job %s: %s", "coverage", {})
    assert len(log.lines) == 3


def test_a_line_for_programs_is_one_json_object() -> None:
    log = Log(JsonFormatter())
    log.logger.warning("two\nlines of %s", "“words”")
    log.fail(ValueError("secret"), "incident %s", "2")
    first, second = map(json.loads, log.lines)
    assert (first["level"], first["message"]) == ("WARNING", "two\nlines of “words”")
    assert first["time"].endswith("+00:00")
    assert "builtins.ValueError" in second["error"]
    assert "secret" not in second["error"]
    log.handler.close()


def test_threads_may_log_at_once(log: Log) -> None:
    def fail_often() -> None:
        for _ in range(100):
            log.logger.error("it failed")

    threads = [threading.Thread(target=fail_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.handler.close()
    assert log.lines == ["ERROR it failed", "ERROR 399 more since: it failed"]
