"""Answers one GraphQL request; whatever the outcome, its access record is durable before `answer` returns."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

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
    get_argument_values,
)

from auth.grant import Grant
from hub.foundation.database import Database
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import AmbiguousIdentity, HubError
from hub.foundation.settings import Settings
from hub.foundation.troubles import TROUBLE_CODES, OutcomeUnknown, RecordFailed, ServerBusy
from hub.ledger.access import AccessLog
from schema.engine.compile.argument_errors import InvalidArgument
from schema.engine.compile.collect import INTROSPECTION, TYPENAME, SelectedField
from schema.engine.compile.forbidden_nulls import put_marks
from schema.engine.compile.statement import Statement
from schema.engine.compile.unreadable_values import has_unreadable, without_unreadable
from schema.engine.executable_schema import ExecutableSchema
from schema.engine.execute.admission import RequestAdmission
from schema.engine.execute.budget import Budget
from schema.engine.execute.context import Context
from schema.engine.execute.execution_errors import coordinates, execution_errors, retry_after
from schema.engine.execute.known_codes import Existing
from schema.engine.execute.mutations import MutationExecution
from schema.engine.execute.plans import Bound, Plan, PlanCache, Plans, Understood
from schema.engine.execute.presence import Presence
from schema.engine.execute.progress import CANCELLED, Progress, RequestOutcome
from schema.engine.execute.request import Request
from schema.engine.execute.request_queue import QueueSlot, RequestQueues
from schema.engine.execute.transactions import Writer
from schema.engine.execute.visible_schema import visible_schema
from schema.engine.refusals import ForbiddenField, Internal, RequestRefused

P = ParamSpec("P")
T = TypeVar("T")
_log = logging.getLogger(__name__)
_PASSES = TROUBLE_CODES | {ServerBusy.code}
"""Codes that make it worth sending the whole request again."""
_LARGE = 262_144
"""The size in bytes of an answer that takes some milliseconds to search."""


@dataclass(frozen=True)
class GraphQLResponse:
    """The response, as JSON. `executed` is False if it was refused before execution; then there is no data. `codes` are those
    of its errors; `retry_after` are the seconds after which it may be sent again, if it may."""

    content: bytes
    executed: bool
    codes: frozenset[str]
    retry_after: int | None = None


class Executor:
    """Answers the requests of one process."""

    def __init__(
        self,
        built: ExecutableSchema,
        database: Database,
        secrecy: Secrecy,
        access: AccessLog,
        settings: Settings,
        plans: PlanCache | None = None,
    ) -> None:
        self.schema = built
        self._budget = Budget(settings.max_cost, settings.cost_per_minute)
        self._plans = Plans(built, secrecy, settings.cost_per_minute, plans)
        self.queues = RequestQueues(settings.pool_size)
        self._database = database
        self._secrecy = secrecy
        self._access = access
        self._existing = Existing(database, built.codes)
        self.admission = RequestAdmission(database)

    async def answer(
        self, request: Request, grant: Grant, presence: Presence | None = None, *, reference: bool = False
    ) -> GraphQLResponse:
        """Answer a request and store its access record, whatever the outcome. `presence`: of the client; if the client
        leaves, the request is cancelled. `reference`: use the reference executor even if the operation compiles."""
        presence = presence or Presence()
        progress = Progress(request, grant, presence)
        try:
            self._access.coming += 1
            presence.answering = asyncio.current_task()
            try:
                answer = await self._answered(progress, reference=reference)
            finally:
                presence.answering = None
                self._access.coming -= 1
            record, read, text = progress.record()
        except BaseException as end:
            code = CANCELLED if isinstance(end, asyncio.CancelledError) else Internal.code
            # The write begins before this waits, so the record is written even if nobody waits for it.
            await self._access.record(*progress.record(code))
            raise
        try:
            await self._access.record(record, read, text)
        except RecordFailed as failed:
            if progress.may_have_written:
                raise OutcomeUnknown from failed
            raise
        return answer

    async def _answered(self, progress: Progress, *, reference: bool) -> GraphQLResponse:
        """The answer; `progress` gets the data for the record."""
        errors: list[Mapping[str, Any]] = []
        unavailable = False
        try:
            prepared, bound = await self._planned(progress)
            outcome = await self._run(progress, prepared, bound, reference=reference)
            if bound.word and has_unreadable(outcome.data, bound.word):
                self._report_unreadable(progress, outcome, bound.word)
            failures = list(execution_errors(outcome.errors)) if outcome.errors else []
            unavailable = bool(failures) and _is_unavailable(prepared, outcome, failures)
            if prepared.errors and not unavailable:
                outcome.data, errors = await _with_nulls(prepared, outcome.data, bound.word)
            errors += failures
            progress.outcome = outcome
        except RequestRefused as refused:
            errors = refused.formatted()
        except Exception as failure:  # the request still gets its record, and the caller an incident
            errors = list(execution_errors([GraphQLError(str(failure), original_error=failure)]))
        plan, executed = progress.prepared, None if unavailable else progress.outcome
        if plan and plan.writes:
            self._note_refused(progress)
        progress.forbidden = plan.forbidden if plan and executed else coordinates(errors)
        if errors:
            progress.codes = [error["extensions"]["code"] for error in errors]
        return GraphQLResponse(
            _json(errors, executed, progress.cost if plan else None),
            executed is not None,
            frozenset(progress.codes),
            retry_after(errors) if errors else None,
        )

    def _report_unreadable(self, progress: Progress, outcome: RequestOutcome, word: str) -> None:
        """Replace undecryptable values of an outcome by nulls, and add their errors."""
        assert progress.understood is not None
        asked = self._plans.decide(progress.understood, progress.grant).fields
        found = without_unreadable(outcome.data, word, asked)
        _log.error("values that cannot be decrypted: %s", ", ".join(sorted(found.coordinates)))
        outcome.data, outcome.errors = found.data, [*outcome.errors, *found.errors]

    async def _planned(self, progress: Progress) -> tuple[Plan, Bound]:
        """The plan of a request, with its values; raises RequestRefused. New plans are made outside the event loop."""
        grant = progress.grant
        request = progress.request = await self.admission.admit(progress.request, grant)
        understood = self._plans.understood(request)
        if understood is None:
            understood = await self.beside(grant.client, self._plans.understand, request, grant.client)
        progress.understood = understood
        self.admission.store(request, grant)
        prepared = self._plans.prepared(understood, grant)
        if prepared is None:
            prepared = await self.beside(grant.client, self._plans.prepare, understood, grant)
        progress.prepared = prepared
        progress.entries = prepared.entries(understood) if prepared.writes else 0
        progress.cost = prepared.cost + progress.entries
        self._admit(progress, prepared, request)
        return prepared, prepared.bind(understood, grant)

    def charge(self, client: str, characters: int) -> None:
        """Charge a client for planning `characters`; raises RequestRefused."""
        self._plans.charge(client, characters)

    async def beside(self, client: str, work: Callable[P, T], *args: P.args, **named: P.kwargs) -> T:
        """Run slow work in the client's turn, outside the event loop; raises RequestRefused."""
        try:
            return await self.queues.plan(client, work, *args, **named)
        except HubError as busy:
            raise RequestRefused.by(busy) from busy

    async def _run(
        self, progress: Progress, prepared: Plan, bound: Bound, *, reference: bool
    ) -> RequestOutcome:
        """Execute a plan in the client's turn; raises RequestRefused."""
        grant, understood = progress.grant, progress.understood
        assert understood is not None
        queue = self.queues.of(progress.cost, progress.entries if prepared.writes else None)
        try:
            if not queue.try_enter(grant.client):
                await queue.wait(grant.client)
        except HubError as busy:
            raise RequestRefused.by(busy) from busy
        progress.running, progress.searched = True, bound.searched
        turn = QueueSlot(queue, grant.client)
        by_reference = reference or prepared.left_out
        try:
            if bound.named:
                await self._check_names(prepared, bound)
            if prepared.statement is not None and not by_reference:
                return await self._read(prepared, prepared.statement, bound, grant)
            writer = Writer(
                grant,
                self._database,
                self._secrecy,
                named=progress.named,
                presence=progress.presence,
                turn=turn,
            )
            if by_reference:
                return await self._by_reference(progress, understood, bound, writer)
            return await self._written(progress, prepared, understood, bound, writer)
        except RequestRefused:
            progress.running = False
            raise
        except Exception as failure:  # the request still gets its record, and the caller an incident
            return _failed(prepared, failure)
        finally:
            turn.leave()

    def _introspected(
        self, understood: Understood, asked: Sequence[SelectedField], grant: Grant
    ) -> ExecutionResult:
        """The introspection result on the schema that a grant sees."""
        result = _executing(visible_schema(self.schema, grant), understood, asked, None)
        assert isinstance(result, ExecutionResult)
        return result

    def _admit(self, progress: Progress, prepared: Plan, request: Request) -> None:
        """Refuse forbidden fields, if the caller wants that, and operations that cost too much; raises RequestRefused."""
        grant = progress.grant
        if prepared.errors and (request.reject_forbidden or grant.reject_forbidden):
            raise RequestRefused(ForbiddenField, list(prepared.errors))
        try:
            self._budget.charge(grant.client, progress.cost)
        except HubError as error:
            raise RequestRefused.by(error) from error

    async def _check_names(self, prepared: Plan, bound: Bound) -> None:
        """Refuse unknown regions and agencies; raises RequestRefused."""
        try:
            await self._existing.check(bound.named)
        except InvalidArgument as invalid:
            raise prepared.refusal(invalid) from invalid

    async def _read(self, prepared: Plan, statement: Statement, bound: Bound, grant: Grant) -> RequestOutcome:
        """Run one statement; its JSON is the answer, except for its marks."""
        row = await self._database.fetch_row(statement.text, bound.values)
        data: bytes = row["data"]
        if statement.marks:
            data = statement.marks.fill(data, bound.word, self._secrecy, grant.agency)
        several = [_ambiguous(key, prepared.roots[key]) for key in row["ambiguous"]]
        households = row["households"]
        return RequestOutcome(
            data, several, households, len(households) + row["others"], persons=row["persons"] or ()
        )

    async def _written(
        self, progress: Progress, prepared: Plan, understood: Understood, bound: Bound, writer: Writer
    ) -> RequestOutcome:
        """Run one command after another (GraphQL spec 6.2.2), and after each read the rows that it saved. If this is
        cancelled, `progress` has the writes so far."""
        execution = MutationExecution(self.schema, writer, understood.variables, bound)

        def so_far() -> RequestOutcome:
            return RequestOutcome(
                orjson.dumps(execution.data),
                execution.errors,
                execution.households,
                execution.rows,
                execution.tally,
                execution.persons,
            )

        try:
            for one in prepared.writes:
                await execution.run(one)
        except asyncio.CancelledError:
            progress.outcome = so_far()
            raise
        return so_far()

    def _note_refused(self, progress: Progress) -> None:
        """Note the subjects of writes that did not run, or that saved nothing."""
        plan, understood, outcome = progress.prepared, progress.understood, progress.outcome
        if plan is None or understood is None:
            return
        kept = outcome is not None and outcome.tally is not None and outcome.tally.kept > 0
        for write in plan.writes:
            if write.definition is not None and (write.forbidden or not kept):
                given = get_argument_values(write.definition, write.node, understood.variables)
                kind = write.definition.args["input"].type
                self.schema.note_named(kind, given["input"], progress.named, self._secrecy)

    async def _by_reference(
        self, progress: Progress, understood: Understood, bound: Bound, writer: Writer
    ) -> RequestOutcome:
        """Field by field, with DataLoaders; introspection on the schema that the grant sees."""
        grant = progress.grant
        authorized = self._plans.decide(understood, grant)
        told = [one for one in authorized.fields if one.name in INTROSPECTION]
        asked = [one for one in authorized.fields if one.name not in INTROSPECTION]
        data: dict[str, Any] | None = {}
        errors: list[GraphQLError] = []
        async with Context(grant, authorized, self._database, self._secrecy, writer) as context:
            for some in (asked, told):
                if some and data is not None:
                    if some is told:
                        result = await self.beside(grant.client, self._introspected, understood, some, grant)
                    else:
                        result = await _execute(self.schema.graphql, understood, some, context)
                    errors += result.errors or ()
                    data = None if result.data is None else {**data, **result.data}
        if data is not None and told:
            data = {one.response_key: data[one.response_key] for one in authorized.fields}
        put_marks(data, context.forbidden_nulls, bound.word)
        return RequestOutcome(
            orjson.dumps(data), errors, context.touched, context.rows_read, context.tally, context.persons
        )


async def _with_nulls(prepared: Plan, data: bytes, word: str) -> tuple[bytes, list[Mapping[str, Any]]]:
    """The answer with nulls for its marks, and their errors. A large answer is searched outside the event loop."""
    if len(data) > _LARGE:
        return await asyncio.to_thread(prepared.nulls.replace_marks, data, word)
    return prepared.nulls.replace_marks(data, word)


def _failed(prepared: Plan, failure: Exception) -> RequestOutcome:
    """The outcome of a failure outside a single field: an error at each root field."""
    errors = [
        GraphQLError(str(failure), list(nodes), path=[key], original_error=failure)
        for key, nodes in prepared.roots.items()
        if nodes[0].name.value != TYPENAME
    ]
    return RequestOutcome(prepared.nothing, errors)


def _is_unavailable(prepared: Plan, outcome: RequestOutcome, failures: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a trouble of the database left nothing answered and nothing written: the request is then refused as a whole,
    with a matching status, and may be sent again."""
    if not all(one["extensions"]["code"] in _PASSES for one in failures):
        return False
    asked = {key for key, nodes in prepared.roots.items() if nodes[0].name.value != TYPENAME}
    failed = {one["path"][0] for one in failures if len(one.get("path", ())) == 1}
    return outcome.data == b"null" or asked <= failed


def _ambiguous(key: str, nodes: Sequence[FieldNode]) -> GraphQLError:
    fault = AmbiguousIdentity()
    return GraphQLError(fault.message, list(nodes), path=[key], original_error=fault)


async def _execute(
    schema: GraphQLSchema, understood: Understood, asked: Sequence[SelectedField], context: Context
) -> ExecutionResult:
    """Run some root fields of an operation by graphql-core."""
    running = _executing(schema, understood, asked, context)
    result = running if isinstance(running, ExecutionResult) else await running
    assert isinstance(result, ExecutionResult)
    return result


def _executing(
    schema: GraphQLSchema, understood: Understood, asked: Sequence[SelectedField], context: Context | None
) -> Any:
    """The result of graphql-core for some root fields, or an awaitable of it."""
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
    return execute(
        schema, document, context_value=context, variable_values=dict(understood.request.variables)
    )


def _json(errors: Sequence[Mapping[str, Any]], outcome: RequestOutcome | None, cost: int | None) -> bytes:
    """The response: errors first, so that a reader of the raw text sees them."""
    parts = [b'"errors":' + orjson.dumps(errors)] if errors else []
    if outcome is not None:
        parts.append(b'"data":' + outcome.data)
    if cost is not None:
        parts.append(b'"extensions":{"cost":%d}' % cost)
    return b"{" + b",".join(parts) + b"}"
