"""The access records of the token endpoint."""

from auth.addresses import ISSUING_PATH
from auth.token_records import RecordToken, TokenOutcome
from hub.ledger.access import NOTHING_READ, AccessLog
from hub.ledger.administration import act_of
from hub.ledger.refused_requests import Refusal, RefusedRequests

_OPERATION = f"POST {ISSUING_PATH}"


def token_record(access: AccessLog, refusals: RefusedRequests) -> RecordToken:
    """Stores the record of a token before the token is sent, and counts refused requests."""

    async def record(outcome: TokenOutcome) -> None:
        client = outcome.client
        if outcome.error is not None:
            known = () if client is None else (client.agency_id, client.client_id)
            refusals.note(Refusal(_OPERATION, outcome.error, *known))
            return
        assert client is not None
        issued = act_of(
            _OPERATION, agency=client.agency_id, client=client.client_id, purpose=client.purposes[0]
        )
        await access.record(issued, NOTHING_READ)

    return record
