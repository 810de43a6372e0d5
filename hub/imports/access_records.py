"""The access records of an import: who imported which file, whom it names, and what was refused (46-4.3)."""

import hashlib
import time
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.database import new_id
from hub.foundation.errors import HubError
from hub.imports.files import sha256_of
from hub.imports.report import Tally
from hub.ledger.access import NOTHING_READ, AccessRecord, save_record
from hub.ledger.named_subjects import NamedSubjects
from hub.model.import_runs import ImportKind
from hub.model.ledger import AccessOutcome


@dataclass
class ImportAccess:
    """Writes one record for each transaction of an import, in that transaction, with the counts and codes of the rows since
    the last record. Numbers of people that do not fit in one record go into further records. `client`: the client that sent
    the file, or the run's own client if the operator imports it. `preview`: the transaction is rolled back, and the record is
    written after it. `operation_hash` is the SHA-256 of the file, or of an empty text if the file cannot be read."""

    grant: Grant
    kind: ImportKind
    path: Path
    client: str
    preview: bool = False
    _rows: int = 0
    _refusals: int = 0
    _written: bool = False
    _since: float = field(default_factory=time.perf_counter)

    @cached_property
    def _digest(self) -> bytes:
        try:
            return sha256_of(self.path)
        except OSError:
            return hashlib.sha256().digest()

    def lacks(self, tally: Tally) -> bool:
        """Whether some rows of the file are in no record yet, or the import has no record."""
        return not self._written or tally.rows > self._rows

    async def save(self, session: AsyncSession, tally: Tally, named: NamedSubjects) -> None:
        """Write the record of a transaction, inside it."""
        refusals = tally.refused[self._refusals :]
        rows, refused = tally.rows - self._rows, len({refusal.row for refusal in refusals})
        codes = sorted({refusal.code for refusal in refusals})
        await self._save(
            session,
            named,
            AccessOutcome.WRITE_REFUSED if codes else AccessOutcome.ANSWERED,
            codes,
            (rows, refused),
        )
        self._rows, self._refusals = tally.rows, len(tally.refused)

    async def save_refusal(self, session: AsyncSession, refusal: HubError) -> None:
        """Write the record of a file that was refused as a whole, or from some row on."""
        await self._save(session, NamedSubjects(), AccessOutcome.REFUSED, [refusal.code], (0, 0))

    async def _save(
        self,
        session: AsyncSession,
        named: NamedSubjects,
        outcome: AccessOutcome,
        codes: list[str],
        counts: tuple[int, int],
    ) -> None:
        rows, refused = counts
        first, *others = named.groups()
        at = time.perf_counter()
        record = AccessRecord(
            agency_id=self.grant.agency,
            client_id=self.client,
            person=self.grant.person,
            purpose=self.grant.purpose,
            operation_name=f"{'preview' if self.preview else 'import'} {self.kind.lower()}",
            operation_hash=self._digest,
            coordinates_digest=NOTHING_READ.digest,
            forbidden=(),
            household_ids=sorted(named.households),
            rows=rows,
            milliseconds=round((at - self._since) * 1000),
            outcome=outcome,
            code=codes[0] if codes else None,
            codes=codes,
            refused=refused,
            kept=0 if self.preview else max(rows - refused, 0),
            numbers_named=first,
            person_ids=sorted(named.persons),
        )
        await save_record(session, record, NOTHING_READ)
        for group in others:
            more = replace(
                record,
                id=new_id(),
                household_ids=(),
                person_ids=(),
                rows=0,
                refused=0,
                kept=0,
                numbers_named=group,
            )
            await save_record(session, more, NOTHING_READ)
        self._since, self._written = at, True
