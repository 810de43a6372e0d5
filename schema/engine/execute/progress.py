"""The progress and outcome of a request, and its access record, which is written however far the request came."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from graphql import GraphQLError

from auth.grant import Grant
from hub.foundation.troubles import TROUBLE_CODES, WriteUnconfirmed
from hub.ledger.access import NOTHING_READ, AccessRecord, CoordinateSet, OperationText
from hub.ledger.named_subjects import NamedSubjects
from hub.model.ledger import AccessOutcome
from schema.engine.execute.plans import Plan, Understood
from schema.engine.execute.presence import Presence
from schema.engine.execute.recorded_forms import shape_of_variables
from schema.engine.execute.request import Request
from schema.engine.execute.write_tally import WriteTally
from schema.engine.refusals import ForbiddenField, Internal

LONGEST_NAME = 200
"""The most characters of an operation's name in the ledger."""
CANCELLED = "CANCELLED"
"""The code of a request that was cancelled because the client left."""


@dataclass
class RequestOutcome:
    """The outcome of an execution: `data` as JSON, the errors except those of forbidden fields, the touched rows, and the
    tally of its writes, if it could write."""

    data: bytes
    errors: Sequence[GraphQLError] = ()
    households: Collection[UUID] = ()
    rows: int = 0
    tally: WriteTally | None = None
    persons: Collection[UUID] = ()


@dataclass
class Progress:
    """The progress of a request: its document, its plan, whether it began to run, and its outcome. `codes` are those of its
    errors, `forbidden` the forbidden coordinates that it selected, `named` the subjects of its writes, `entries` the number
    of list entries that it writes, `cost` its total cost, `searched` the blind indexes of the identity numbers that its reads
    searched for."""

    request: Request
    grant: Grant
    presence: Presence
    understood: Understood | None = None
    prepared: Plan | None = None
    entries: int = 0
    cost: int = 0
    running: bool = False
    outcome: RequestOutcome | None = None
    codes: Sequence[str] = ()
    forbidden: Sequence[str] = ()
    named: NamedSubjects = field(default_factory=NamedSubjects)
    searched: Sequence[bytes] = ()
    started: float = field(default_factory=time.perf_counter)

    def record(self, failure: str | None = None) -> tuple[AccessRecord, CoordinateSet, OperationText | None]:
        """The data for the ledger: the record, the coordinates that were or may have been read, and the document if it could
        be parsed; `failure` is the code of an error that ended the request before it had an answer."""
        request, grant, outcome = self.request, self.grant, self.outcome
        tally = outcome.tally if outcome else None
        failures = [code for code in self.codes if code != ForbiddenField.code] if self.codes else []
        if failure is not None:
            failures.append(failure)
        ended, code = self._ended(failures) if failure is None else (AccessOutcome.FAILED, failure)
        name = self.understood.name if self.understood else request.operation_name
        plan = self.prepared if outcome or self.running else None
        read = plan.read if plan else NOTHING_READ
        record = AccessRecord(
            agency_id=grant.agency,
            client_id=grant.client,
            person=grant.person,
            purpose=grant.purpose,
            operation_name=name and name[:LONGEST_NAME],
            operation_hash=request.digest,
            coordinates_digest=read.digest,
            forbidden=self.forbidden,
            household_ids=sorted({*(outcome.households if outcome else ()), *self.named.households}),
            rows=outcome.rows if outcome else 0,
            milliseconds=round((time.perf_counter() - self.started) * 1000),
            outcome=ended,
            code=code,
            codes=sorted({*failures, *(tally.codes if tally else ())}) if failures or tally else (),
            refused=tally.refused if tally else 0,
            kept=tally.kept if tally else 0,
            numbers_named=sorted({*self.named.numbers, *self.searched})
            if self.searched
            else self.named.numbers,
            person_ids=sorted({*(outcome.persons if outcome else ()), *self.named.persons}),
            whole_households=plan is not None and plan.reads_members,
            variables=shape_of_variables(self.understood.variables.coerced) if self.understood else (),
        )
        return record, read, self.understood.document.text if self.understood else None

    @property
    def may_have_written(self) -> bool:
        """Whether something was written, or may have been."""
        tally = self.outcome.tally if self.outcome else None
        return WriteUnconfirmed.code in self.codes or bool(tally and tally.kept)

    def _ended(self, failures: Sequence[str]) -> tuple[AccessOutcome, str | None]:
        if self.outcome is None:
            ours = self.codes[0] == Internal.code or self.codes[0] in TROUBLE_CODES
            return AccessOutcome.FAILED if ours else AccessOutcome.REFUSED, self.codes[0]
        if failures:
            return AccessOutcome.FAILED, failures[0]
        if self.outcome.tally and self.outcome.tally.codes:
            return AccessOutcome.WRITE_REFUSED, self.outcome.tally.codes[0]
        return AccessOutcome.PARTLY_FORBIDDEN if self.forbidden else AccessOutcome.ANSWERED, None
