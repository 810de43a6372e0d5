"""Failures of the hub at its OAuth endpoints, in the form in which OAuth clients read errors (RFC 6749 section 5.2).

RFC 6749 gives the token endpoint no code for a server failure. These two codes are those of the authorization endpoint
(section 4.1.2.1), with the matching HTTP statuses, so that a client library sees at once that it may try again.
"""

import logging

from starlette.responses import JSONResponse

from hub.foundation.database import new_id
from hub.foundation.errors import RETRY_AFTER
from hub.foundation.troubles import reason_to_wait

_NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_log = logging.getLogger(__name__)


def failure(error: Exception) -> JSONResponse:
    """The response to a failure. The log has the failure under an incident's id; the caller gets only that id.

    If the database has a known trouble, Retry-After says when to ask again (RFC 9110 section 10.2.3), and `code` is the hub's
    code for it, the same as at its other addresses.
    """
    incident = str(new_id())
    told = f"tell the hub's operators the incident {incident}."
    if (trouble := reason_to_wait(error)) is not None:
        _log.error("incident %s: %s: %s", incident, trouble.code, type(error).__name__)
        body = {
            "error": "temporarily_unavailable",
            "error_description": f"{trouble.message} If it stays so, {told}",
            "code": trouble.code,
            "incident": incident,
        }
        return _response(503, body, {"Retry-After": str(trouble.extensions[RETRY_AFTER])})
    _log.error("incident %s", incident, exc_info=error)
    body = {"error": "server_error", "error_description": f"The hub failed; {told}"}
    return _response(500, {**body, "incident": incident}, {})


def _response(status: int, body: dict[str, str], headers: dict[str, str]) -> JSONResponse:
    return JSONResponse(body, status, {**_NOT_STORED, **headers})
