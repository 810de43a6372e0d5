"""What the hub did wrong at its OAuth endpoints, as OAuth clients read errors (RFC 6749 section 5.2).

RFC 6749 gives the token endpoint no code for it. The two are those of its authorization endpoint (section 4.1.2.1),
with the statuses that HTTP has for them, so that a client library sees at once that it may try again.
"""

import logging

from starlette.responses import JSONResponse

from hub.foundation.database import new_id
from hub.foundation.errors import RETRY_AFTER
from hub.foundation.troubles import reason_to_wait

_NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_log = logging.getLogger(__name__)


def failure(error: Exception) -> JSONResponse:
    """The answer to a failure. It is logged under an incident's id, which is all that the caller gets to see.

    Where something ails the database, it is worth asking again, and Retry-After says when (RFC 9110 section 10.2.3); `code` is
    the hub's word for it, the same as at its other addresses.
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
