"""Errors of an execution in the form of the response: a caller's mistake is explained, a failure of the hub is logged and
answered with the incident's id, and a trouble of the database has its own code."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import asyncpg
from graphql import GraphQLError
from sqlalchemy.exc import DBAPIError

from hub.foundation.database import new_id
from hub.foundation.errors import RETRY_AFTER, HubError
from hub.foundation.troubles import sqlstate, trouble_of
from schema.engine.reasons import is_of_an_argument
from schema.engine.refusals import BadUserInput, Internal, Timeout, body_of

_log = logging.getLogger(__name__)
_STATEMENT_TIMEOUT = "57014"


def execution_errors(errors: Sequence[GraphQLError]) -> Iterator[dict[str, Any]]:
    """The errors of an execution, with one incident for all errors of one failure."""
    incidents: dict[int, str] = {}
    for error in errors:
        incident = incidents.setdefault(id(error.original_error), "")
        yield (body_of := _execution_error(error, incident))
        incidents[id(error.original_error)] = body_of["extensions"].get("incident", "")


def _execution_error(error: GraphQLError, incident: str) -> dict[str, Any]:
    """An error of an execution: a caller's mistake is explained; a failure of the hub is logged and answered with an id,
    unless it is already logged under `incident`."""
    extensions: dict[str, Any] = {}
    match error.original_error:
        case None:
            return body_of(BadUserInput, error)
        case of_argument if is_of_an_argument(of_argument):
            return body_of(BadUserInput, error)
        case HubError() as own:
            fault: HubError = own
            if own.path:
                extensions["path"] = list(own.path)
        case DBAPIError() | asyncpg.PostgresError() as late if sqlstate(late) == _STATEMENT_TIMEOUT:
            fault = Timeout()
        case failure if (trouble := trouble_of(failure)) is not None:
            _log.error("%s at %s: %s", trouble.code, error.path, type(failure).__name__)
            fault = trouble
        case failure:
            if not incident:
                incident = str(new_id())
                _log.error("incident %s at %s", incident, error.path, exc_info=failure)
            fault, extensions = Internal(incident=incident), {"incident": incident}
    extensions = {**fault.extensions, **extensions}
    return {**error.formatted, "message": fault.message, "extensions": extensions}


def retry_after(errors: Sequence[Mapping[str, Any]]) -> int | None:
    """The longest waiting time of some errors, in seconds."""
    extensions = [error["extensions"] for error in errors]
    return max((one[RETRY_AFTER] for one in extensions if RETRY_AFTER in one), default=None)


def coordinates(errors: Sequence[Mapping[str, Any]]) -> list[str]:
    """The coordinates that some errors name."""
    extensions = [error["extensions"] for error in errors]
    return sorted({one["coordinate"] for one in extensions if "coordinate" in one})
