"""One GraphQL request from text to answer: document, plan, execution, access record.

The access record is durable before `answer` returns, whatever came of the request.
"""

import asyncio
import logging
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    execute,
)
from sqlalchemy.exc import DBAPIError

from auth.grant import Grant
from hub.foundation.database import Database, is_away, new_id, sqlstate
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import RETRY_AFTER, AmbiguousIdentity, HubError
from hub.foundation.settings import Settings
from hub.ledger.access import NOTHING_READ, AccessLog, AccessRecord, CoordinateSet
from hub.model.ledger import AccessOutcome
from schema.engine.compile.argument_errors import Misgiven
from schema.engine.compile.collect import INTROSPECTION, TYPENAME, Asked
from schema.engine.compile.forbidden_nulls import put_marks
from schema.engine.compile.statement import Statement
from schema.engine.executable_schema import ExecutableSchema
from schema.engine.execute.admission import Admission
from schema.engine.execute.budget import Budget
from schema.engine.execute.context import Context
from schema.engine.execute.known_codes import Existing
from schema.engine.execute.mutations import MutationExecution
from schema.engine.execute.plans import Bound, Plan, Plans, Understood
from schema.engine.execute.request import Request
from schema.engine.execute.transactions import Writer
from schema.engine.execute.visible_schema import visible_schema
from schema.engine.execute.write_tally import WriteTally
from schema.engine.reasons import is_of_an_argument
from schema.engine.refusals import (
    BadUserInput,
    DatabaseUnavailable,
    ForbiddenField,
    Internal,
    RequestRefused,
    Timeout,
    told,
)

_log = logging.getLogger(__name__)
_STATEMENT_TIMEOUT = "57014"
_LARGE = 262_144
"""Bytes of an answer that take some milliseconds to go through."""
LONGEST_NAME = 200
"""Characters of an operation's name that the ledger keeps."""


@dataclass(frozen=True)
class Answer:
    """The response, as JSON. `executed` is False where it was refused before execution, and then there is no data.
    `codes` are those of its errors; `retry_after` are the seconds after which it may be sent again, where it may."""

    content: bytes
    executed: bool
    codes: frozenset[str]
    retry_after: int | None = None


@dataclass
class Outcome:
    """What executing came to: `data` as JSON, the errors beside those of forbidden fields, what was touched, what its writes came
    to, and the numbers that they named of nobody in sight, by their blind indexes."""

    data: bytes
    errors: Sequence[GraphQLError] = ()
    households: Collection[UUID] = ()
    rows: int = 0
    tally: WriteTally = field(default_factory=WriteTally)
    numbers: Sequence[bytes] = ()


class Executor:
    """Answers the requests of one process."""

    def __init__(
        self,
        built: ExecutableSchema,
        database: Database,
        secrecy: Secrecy,
        access: AccessLog,
        settings: Settings,
    ) -> None:
        self.schema = built
        self._budget = Budget(settings.max_cost, settings.cost_per_minute)
        self._plans = Plans(built, secrecy)
        self._database = database
        self._secrecy = secrecy
        self._access = access
        self._existing = Existing(database, built.codes)
        self.admission = Admission(database)

    async def answer(self, request: Request, grant: Grant, *, reference: bool = False) -> Answer:
        """Answer a request and keep the record of it. `reference`: by the reference executor, whether it compiles or not."""
        with self._access.coming():
            answer, record, read = await self._answered(request, grant, reference=reference)
        await self._access.record(record, read)
        return answer

    async def _answered(
        self, request: Request, grant: Grant, *, reference: bool
    ) -> tuple[Answer, AccessRecord, CoordinateSet]:
        """The answer, and the record that it waits for with the coordinates that were read."""
        started = time.perf_counter()
        understood, prepared, outcome = None, None, None
        errors: list[Mapping[str, Any]]
        try:
            request = await self.admission.admit(request, grant)
            understood = self._plans.understand(request)
            self.admission.keep(request, grant)
            prepared = self._plans.prepare(understood, grant)
            self._admit(prepared, request, grant)
            bound = prepared.bind(understood, grant)
            try:
                await self._check_names(prepared, bound)
                if prepared.left_out or reference:
                    outcome = await self._by_reference(understood, bound, grant)
                elif prepared.statement is not None:
                    outcome = await self._read(prepared, prepared.statement, bound, grant)
                else:
                    outcome = await self._written(prepared, understood, bound, grant)
            except RequestRefused:
                raise
            except Exception as failure:  # the request leaves its record, and the caller gets an incident
                outcome = _failed(prepared, failure)
            outcome.data, errors = await _with_nulls(prepared, outcome.data, bound.word)
            errors += _execution_errors(outcome.errors)
        except RequestRefused as refused:
            errors = refused.formatted()
        codes = frozenset(error["extensions"]["code"] for error in errors)
        waits = [error["extensions"][RETRY_AFTER] for error in errors if RETRY_AFTER in error["extensions"]]
        answer = Answer(
            _json(errors, outcome, prepared), outcome is not None, codes, max(waits, default=None)
        )
        read = prepared.read if prepared and outcome else NOTHING_READ
        forbidden = prepared.forbidden if prepared and outcome else _coordinates(errors)
        return answer, _record(request, understood, grant, read, outcome, errors, forbidden, started), read

    def _admit(self, prepared: Plan, request: Request, grant: Grant) -> None:
        """Refuse what the caller wants refused, and what would cost too much; raises RequestRefused."""
        if prepared.errors and (request.reject_forbidden or grant.reject_forbidden):
            raise RequestRefused(ForbiddenField, list(prepared.errors))
        try:
            self._budget.charge(grant.client, prepared.cost)
        except HubError as error:
            raise RequestRefused.by(error) from error

    async def _check_names(self, prepared: Plan, bound: Bound) -> None:
        """Refuse a region or an agency that does not exist; raises RequestRefused."""
        try:
            await self._existing.check(bound.named)
        except Misgiven as misgiven:
            raise prepared.refusal(misgiven) from misgiven

    async def _read(self, prepared: Plan, statement: Statement, bound: Bound, grant: Grant) -> Outcome:
        """One statement, whose JSON goes out as it is but for the marks in it."""
        row = await self._database.fetch_row(statement.text, bound.values)
        data: bytes = row["data"]
        if statement.marks:
            data = statement.marks.fill(data, bound.word, self._secrecy, grant.client)
        several = [_ambiguous(key, nodes) for key, nodes in prepared.roots.items() if key in row["ambiguous"]]
        households = row["households"]
        return Outcome(data, several, households, len(households) + row["others"])

    async def _written(self, prepared: Plan, understood: Understood, bound: Bound, grant: Grant) -> Outcome:
        """One command after the other (GraphQL spec 6.2.2), and after each the rows that it kept."""
        writer = Writer(grant, self._database, self._secrecy)
        execution = MutationExecution(self.schema, writer, understood.variables, bound)
        for one in prepared.writes:
            await execution.run(one)
        return Outcome(
            orjson.dumps(execution.data),
            execution.errors,
            execution.households | writer.named.households,
            execution.rows,
            execution.tally,
            writer.named.numbers,
        )

    async def _by_reference(self, understood: Understood, bound: Bound, grant: Grant) -> Outcome:
        """Field by field, with DataLoaders; introspection on the schema as the grant sees it."""
        authorized = self._plans.decide(understood, grant)
        told = [one for one in authorized.fields if one.name in INTROSPECTION]
        asked = [one for one in authorized.fields if one.name not in INTROSPECTION]
        data: dict[str, Any] | None = {}
        errors: list[GraphQLError] = []
        async with Context(grant, authorized, self._database, self._secrecy) as context:
            for some in (asked, told):
                if some and data is not None:
                    schema = visible_schema(self.schema, grant) if some is told else self.schema.graphql
                    result = await _execute(schema, understood, some, context)
                    errors += result.errors or ()
                    data = None if result.data is None else {**data, **result.data}
        if data is not None and told:
            data = {one.response_key: data[one.response_key] for one in authorized.fields}
        put_marks(data, context.forbidden_nulls, bound.word)
        named = context.writer.named
        households = context.touched | named.households
        return Outcome(
            orjson.dumps(data), errors, households, context.rows_read, context.tally, named.numbers
        )


async def _with_nulls(prepared: Plan, data: bytes, word: str) -> tuple[bytes, list[Mapping[str, Any]]]:
    """The answer with nulls for its marks, and the errors at them. A large one is gone through beside the event loop."""
    if prepared.errors and len(data) > _LARGE:
        return await asyncio.to_thread(prepared.nulls.take, data, word)
    return prepared.nulls.take(data, word)


def _failed(prepared: Plan, failure: Exception) -> Outcome:
    """What a failure that no field alone caused comes to: an error at each root field."""
    errors = [
        GraphQLError(str(failure), list(nodes), path=[key], original_error=failure)
        for key, nodes in prepared.roots.items()
        if nodes[0].name.value != TYPENAME
    ]
    return Outcome(prepared.nothing, errors)


def _ambiguous(key: str, nodes: Sequence[FieldNode]) -> GraphQLError:
    fault = AmbiguousIdentity()
    return GraphQLError(fault.message, list(nodes), path=[key], original_error=fault)


async def _execute(
    schema: GraphQLSchema, understood: Understood, asked: Sequence[Asked], context: Context
) -> ExecutionResult:
    """Run some root fields of an operation by graphql-core."""
    operation = understood.operation
    nodes = tuple(node for one in asked for node in one.nodes)
    part = OperationDefinitionNode(
        operation=operation.operation,
        name=operation.name,
        directives=operation.directives,
        variable_definitions=operation.variable_definitions,
        selection_set=SelectionSetNode(selections=nodes),
    )
    document = DocumentNode(definitions=(part, *understood.document.fragments.values()))
    running = execute(
        schema, document, context_value=context, variable_values=dict(understood.request.variables)
    )
    result = running if isinstance(running, ExecutionResult) else await running
    assert isinstance(result, ExecutionResult)
    return result


def _json(errors: Sequence[Mapping[str, Any]], outcome: Outcome | None, prepared: Plan | None) -> bytes:
    """The response: errors first, so that a reader of the raw text sees them."""
    parts = [b'"errors":' + orjson.dumps(errors)] if errors else []
    if outcome is not None:
        parts.append(b'"data":' + outcome.data)
    if prepared is not None:
        parts.append(b'"extensions":{"cost":%d}' % prepared.cost)
    return b"{" + b",".join(parts) + b"}"


def _execution_errors(errors: Sequence[GraphQLError]) -> Iterator[dict[str, Any]]:
    """Errors of execution, one incident for all that one failure caused."""
    incidents: dict[int, str] = {}
    for error in errors:
        incident = incidents.setdefault(id(error.original_error), "")
        yield (told := _execution_error(error, incident))
        incidents[id(error.original_error)] = told["extensions"].get("incident", "")


def _execution_error(error: GraphQLError, incident: str) -> dict[str, Any]:
    """An error of execution: what the caller did is told, what the hub did is logged and told by an id, unless it was
    already under an `incident`."""
    extensions: dict[str, Any] = {}
    match error.original_error:
        case None:
            return told(BadUserInput, error)
        case of_argument if is_of_an_argument(of_argument):
            return told(BadUserInput, error)
        case HubError() as own:
            fault: HubError = own
            if own.path:
                extensions["path"] = list(own.path)
        case DBAPIError() | asyncpg.PostgresError() as late if sqlstate(late) == _STATEMENT_TIMEOUT:
            fault = Timeout()
        case away if away is not None and is_away(away):
            _log.error("the database is away at %s: %s", error.path, type(away).__name__)
            fault = DatabaseUnavailable()
        case failure:
            if not incident:
                incident = str(new_id())
                _log.error("incident %s at %s", incident, error.path, exc_info=failure)
            fault, extensions = Internal(incident=incident), {"incident": incident}
    extensions = {**fault.extensions, **extensions}
    return {**error.formatted, "message": fault.message, "extensions": extensions}


def _coordinates(errors: Sequence[Mapping[str, Any]]) -> list[str]:
    """The coordinates that errors name."""
    extensions = [error["extensions"] for error in errors]
    return sorted({one["coordinate"] for one in extensions if "coordinate" in one})


def _record(
    request: Request,
    understood: Understood | None,
    grant: Grant,
    read: CoordinateSet,
    outcome: Outcome | None,
    errors: Sequence[Mapping[str, Any]],
    forbidden: Sequence[str],
    started: float,
) -> AccessRecord:
    """What the ledger keeps of a request; `forbidden` are the coordinates that were asked in vain."""
    codes = [error["extensions"]["code"] for error in errors]
    failed = [code for code in codes if code != ForbiddenField.code]
    if outcome is None:
        ended, code = AccessOutcome.REFUSED, codes[0]
    elif failed:
        ended, code = AccessOutcome.FAILED, failed[0]
    elif outcome.tally.codes:
        ended, code = AccessOutcome.WRITE_REFUSED, outcome.tally.codes[0]
    else:
        ended, code = AccessOutcome.PARTLY_FORBIDDEN if forbidden else AccessOutcome.ANSWERED, None
    name = understood.name if understood else request.operation_name
    return AccessRecord(
        agency_id=grant.agency,
        client_id=grant.client,
        person=grant.person,
        purpose=grant.purpose,
        operation_name=name and name[:LONGEST_NAME],
        operation_hash=request.digest,
        coordinates_digest=read.digest,
        forbidden=list(forbidden),
        household_ids=sorted(set(outcome.households)) if outcome else [],
        rows=outcome.rows if outcome else 0,
        milliseconds=round((time.perf_counter() - started) * 1000),
        outcome=ended,
        code=code,
        codes=sorted({*failed, *(outcome.tally.codes if outcome else ())}),
        refused=outcome.tally.refused if outcome else 0,
        kept=outcome.tally.kept if outcome else 0,
        numbers_named=outcome.numbers if outcome else (),
    )
