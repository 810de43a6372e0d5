"""The log of incidents: what failed and where, never whose data it was.

A database error quotes rows in its detail ("Failing row contains …", "Key (…)=(…) already exists") and parameters in its
message, and any exception may quote a value. So messages stay out of the log.
"""

import logging
import traceback
from collections.abc import Iterator
from types import TracebackType

_FACTS = ("sqlstate", "schema_name", "table_name", "column_name", "constraint_name", "statement")
"""The parts of a database error that name the schema and the statement, which has numbers for its parameters."""

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class IncidentFormatter(logging.Formatter):
    """Formats exceptions by type, place and the facts of the schema, without their messages."""

    def format(self, record: logging.LogRecord) -> str:
        """Format the record. The text that another handler made of its exception is dropped: logging stores that text in the
        record."""
        kept, record.exc_text = record.exc_text, None
        try:
            return super().format(record)
        finally:
            record.exc_text = kept

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802  # the name is logging's
        """The exceptions of a traceback, the first cause first."""
        return "" if ei[1] is None else "\n".join(reversed([_description(each) for each in _chain(ei[1])]))


def _chain(failure: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    one: BaseException | None = failure
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


def _description(failure: BaseException) -> str:
    facts = [f"{name}={value}" for name in _FACTS if isinstance(value := getattr(failure, name, None), str)]
    if isinstance(failure, OSError):
        facts.append(f"{failure.errno} {failure.strerror}")
    frames = "".join(traceback.format_tb(failure.__traceback__))
    return f"{frames}{type(failure).__module__}.{type(failure).__qualname__} {' '.join(facts)}".rstrip()
