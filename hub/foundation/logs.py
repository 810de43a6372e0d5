"""The log of the service: one line for each cause, and then how often it came again.

In an outage every request meets the same. What came once is logged at once; what comes again within a minute is counted, and
told at its end in one line, with the ids of the incidents that callers were given. What everybody must expect, a database that is
away, comes without a traceback. An exception that was logged is not logged again by whoever hands it on.

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
"""Seconds for which what comes again is counted."""
_MOST_INCIDENTS = 20
"""Ids of incidents that are told of those counted."""
_TEXT = "%(asctime)s %(levelname)s %(name)s %(message)s"
_CODE = re.compile(r"[A-Z][A-Z_]{2,}")
_INCIDENT = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


class JsonFormatter(IncidentFormatter):
    """A record as one JSON object: `time` (RFC 3339, UTC), `level`, `logger`, `message`, and `error` where one was raised."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
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
class _Again:
    """What came again of a cause since it was told."""

    first: logging.LogRecord
    count: int = 0
    incidents: list[str] = field(default_factory=list)


class EachCauseOnce(logging.Handler):
    """Hands the first record of a cause on, and counts the others. A cause is where it is logged, the sentence without what is
    filled in, the codes that are filled in, and the kind of exception."""

    def __init__(self, to: logging.Handler, every: float = EVERY) -> None:
        super().__init__()
        self._to, self._every = to, every
        self._open: dict[Hashable, _Again] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Hand a record on, or count it."""
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
            self._open[cause] = _Again(record)
            self._to.handle(record)
            self._later(cause)
            return
        again.count += 1
        if len(again.incidents) < _MOST_INCIDENTS:
            again.incidents += _INCIDENT.findall(record.getMessage())

    def close(self) -> None:
        """Tell what is counted still."""
        for cause in list(self._open):
            self._tell(cause)
        super().close()

    def _later(self, cause: Hashable) -> None:
        timer = threading.Timer(self._every, self._tell, (cause,))
        timer.daemon = True
        timer.start()

    def _tell(self, cause: Hashable) -> None:
        """Tell how often a cause came again, and count anew where it did; one that stopped is forgotten."""
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
            self._open[cause] = _Again(first)
            self._later(cause)


def _cause(record: logging.LogRecord, failure: BaseException | None) -> Hashable:
    given = record.args if isinstance(record.args, tuple) else ()
    codes = tuple(one for one in given if isinstance(one, str) and _CODE.fullmatch(one))
    return record.name, record.levelno, record.msg, codes, type(failure)


def _without_traceback(record: logging.LogRecord, failure: BaseException) -> logging.LogRecord:
    """The same sentence, with the kind of failure at its end."""
    said = f"{record.msg} ({type(failure).__name__})"
    return logging.LogRecord(
        record.name, record.levelno, record.pathname, record.lineno, said, record.args, None
    )


def log_to_stderr(level: str, form: str) -> None:
    """Begin to log: as `text`, or as `json`."""
    written = logging.StreamHandler()
    written.setFormatter(JsonFormatter() if form == "json" else IncidentFormatter(_TEXT))
    logging.basicConfig(level=level, handlers=[EachCauseOnce(written)])
