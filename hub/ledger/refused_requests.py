"""Records of requests that are refused before anything is read or written. They are combined, so that many refused requests
do not fill the disk.

A request that reads is recorded before its response. A refused request revealed nothing, so its record may be written a
little later, and covers all equal refusals since the one before: `refused` is their number.
"""

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from hub.foundation.troubles import RecordFailed
from hub.ledger.access import NOTHING_READ, AccessLog, AccessRecord
from hub.model.ledger import AccessOutcome

_log = logging.getLogger(__name__)
EVERY = 2.0
"""The seconds in which equal refusals share one record."""
MOST_KINDS = 1_000
"""The most kinds of refusals that are counted separately; further kinds are counted without the client."""
NOBODY = ""
"""The agency, client and purpose of an unauthenticated caller."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused request as in `POST /graphql`, the code of the refusal, and the client if known."""

    operation: str
    code: str
    agency: str = NOBODY
    client: str = NOBODY
    purpose: str = NOBODY


class RefusedRequests:
    """The refusals of one process. Enter it after the access log and leave it before."""

    def __init__(self, access: AccessLog) -> None:
        self._access = access
        self._counts: Counter[Refusal] = Counter()
        self._some = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write_often())
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        assert self._writer is not None
        self._writer.cancel()
        await asyncio.wait([self._writer])
        await self._write()

    def note(self, refusal: Refusal) -> None:
        """Count a refused request."""
        if refusal not in self._counts and len(self._counts) >= MOST_KINDS:
            refusal = Refusal(refusal.operation, refusal.code)
        self._counts[refusal] += 1
        self._some.set()

    async def _write_often(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            await self._write()
            await asyncio.sleep(EVERY)

    async def _write(self) -> None:
        """Write the counts; if that fails, keep them. What is noted in the meantime waits for the next time."""
        counts, self._counts = self._counts, Counter()
        kinds = list(counts)
        written = await asyncio.gather(
            *(self._access.record(_record(kind, counts[kind]), NOTHING_READ) for kind in kinds),
            return_exceptions=True,
        )
        failed = 0
        for kind, failure in zip(kinds, written, strict=True):
            if failure is None:
                continue
            if not isinstance(failure, RecordFailed):
                raise failure
            self._counts[kind] += counts[kind]
            failed += 1
        if failed:
            _log.error("%d records of refused requests wait to be written", failed)
            self._some.set()


def _record(refusal: Refusal, count: int) -> AccessRecord:
    return AccessRecord(
        agency_id=refusal.agency,
        client_id=refusal.client,
        person=None,
        purpose=refusal.purpose,
        operation_name=refusal.operation,
        operation_hash=b"",
        coordinates_digest=NOTHING_READ.digest,
        forbidden=(),
        household_ids=(),
        rows=0,
        milliseconds=0,
        outcome=AccessOutcome.REFUSED,
        code=refusal.code,
        codes=(refusal.code,),
        refused=count,
    )
