"""The log of the service: one line for each cause, then the number of its repetitions.

In an outage every request fails for the same cause. The first is logged at once; repetitions within a minute are counted and
logged at its end in one line, with the incident ids that callers got. Expected failures, such as an unreachable database, are
logged without a traceback. An exception that was logged is not logged again by those who pass it on.

Lines are text for people, or JSON for programs (`HUB_LOG_FORMAT`). Values stay out of both (`hub.foundation.incidents`).
"""

import logging
import re
import threading
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import orjson

from hub.foundation.incidents import IncidentFormatter
from hub.foundation.troubles import trouble_of

EVERY = 60.0
"""Seconds for which repetitions are counted."""
_MOST_INCIDENTS = 20
"""The most incident ids in a line of repetitions."""
_TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"
_CODE = re.compile(r"[A-Z][A-Z_]{2,}")
_INCIDENT = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


class JsonFormatter(IncidentFormatter):
    """Formats a record as one JSON object: `time` (RFC 3339, UTC), `level`, `logger`, `message`, and `error` if one was
    raised."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["error"] = self.formatException(record.exc_info)
        return orjson.dumps(told).decode()


@dataclass
class _Repetitions:
    """The repetitions of a cause since its last line."""

    first: logging.LogRecord
    count: int = 0
    incidents: list[str] = field(default_factory=list)


class EachCauseOnce(logging.Handler):
    """Passes the first record of a cause on, and counts the others. A cause is the place of logging, the message template,
    the codes among its arguments, and the type of exception."""

    def __init__(self, to: logging.Handler, every: float = EVERY) -> None:
        super().__init__()
        self._to, self._every = to, every
        self._open: dict[Hashable, _Repetitions] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Pass a record on, or count it."""
        failure = record.exc_info[1] if record.exc_info else None
        if failure is not None:
            if getattr(failure, "_logged", False):
                return
            failure._logged = True  # type: ignore[attr-defined]
            if trouble_of(failure) is not None:
                record = _without_traceback(record, failure)
        if record.levelno < logging.WARNING:
            self._to.handle(record)
            return
        cause = _cause(record, failure)
        again = self._open.get(cause)
        if again is None:
            self._open[cause] = _Repetitions(record)
            self._to.handle(record)
            self._later(cause)
            return
        again.count += 1
        if len(again.incidents) < _MOST_INCIDENTS:
            again.incidents += _INCIDENT.findall(record.getMessage())

    def close(self) -> None:
        """Log the remaining counts."""
        for cause in list(self._open):
            self._log_repetitions(cause)
        super().close()

    def _later(self, cause: Hashable) -> None:
        timer = threading.Timer(self._every, self._log_repetitions, (cause,))
        timer.daemon = True
        timer.start()

    def _log_repetitions(self, cause: Hashable) -> None:
        """Log the repetitions of a cause and count anew; a cause without any is forgotten."""
        with self.lock:  # type: ignore[union-attr]
            again = self._open.pop(cause, None)
            if again is None or not again.count:
                return
            first = again.first
            ids = f"; incidents {', '.join(again.incidents)}" if again.incidents else ""
            said = f"{again.count} more since: {first.getMessage()}{ids}"
            self._to.handle(
                logging.LogRecord(first.name, first.levelno, first.pathname, first.lineno, said, None, None)
            )
            self._open[cause] = _Repetitions(first)
            self._later(cause)


def _cause(record: logging.LogRecord, failure: BaseException | None) -> Hashable:
    given = record.args if isinstance(record.args, tuple) else ()
    codes = tuple(one for one in given if isinstance(one, str) and _CODE.fullmatch(one))
    return record.name, record.levelno, record.msg, codes, type(failure)


def _without_traceback(record: logging.LogRecord, failure: BaseException) -> logging.LogRecord:
    """The same message, with the type of the failure at its end."""
    said = f"{record.msg} ({type(failure).__name__})"
    return logging.LogRecord(
        record.name, record.levelno, record.pathname, record.lineno, said, record.args, None
    )


def log_to_stderr(level: str, form: str) -> None:
    """Start logging as `text` or as `json`."""
    written = logging.StreamHandler()
    written.setFormatter(JsonFormatter() if form == "json" else IncidentFormatter(_TEXT))
    logging.basicConfig(level=level, handlers=[EachCauseOnce(written)])
