"""One GraphQL request from text to answer: document, plan, execution, access record.

The access record is durable before `answer` returns, whatever came of the request.
"""

import hashlib
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import ExecutionResult, GraphQLError, OperationDefinitionNode, OperationType, execute
from graphql.execution.values import get_variable_values
from sqlalchemy.exc import DBAPIError

from auth.grant import Grant
from hub.database import Database, new_id
from hub.errors import HubError
from hub.ledger.access import AccessLog, AccessRecord
from hub.ledger.tables import AccessOutcome
from hub.secrecy import Secrecy
from schema.built import Built
from schema.compile.authorize import Forbidden, Plan, authorize
from schema.compile.collect import Collector
from schema.context import Context
from schema.documents import Document, Documents
from schema.refusals import (
    BadUserInput,
    ForbiddenField,
    ForbiddenFilter,
    Internal,
    MutationByGet,
    RequestRefused,
    Timeout,
)

_log = logging.getLogger(__name__)
_STATEMENT_TIMEOUT = "57014"


@dataclass(frozen=True)
class Request:
    """A GraphQL request, as GraphQL over HTTP has it."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    read_only: bool = False
    reject_forbidden: bool = False


@dataclass(frozen=True)
class Answer:
    """The response. `executed` is False where it was refused before execution, and then there is no data."""

    body: dict[str, Any]
    executed: bool


class Executor:
    """Answers the requests of one process."""

    def __init__(self, built: Built, database: Database, secrecy: Secrecy, access: AccessLog) -> None:
        self._built = built
        self._documents = Documents(built.graphql)
        self._database = database
        self._secrecy = secrecy
        self._access = access

    async def answer(self, request: Request, grant: Grant) -> Answer:
        """Answer a request and keep the record of it."""
        started = time.perf_counter()
        plan, context, code, name = None, None, None, request.operation_name
        try:
            document = self._documents.read(request.query)
            operation = document.operation(request.operation_name)
            name = operation.name.value if operation.name else None
            plan, variables = self._plan(document, operation, request, grant)
            self._refuse(plan, request, grant)
            async with Context(grant, plan, self._database, self._secrecy) as context:
                result = await self._execute(document, request, context, variables)
            answer = Answer(_body(result, plan), executed=True)
        except RequestRefused as refused:
            code = refused.kind.code
            errors = [_request_error(error, refused.kind) for error in refused.errors]
            answer = Answer({"errors": errors}, executed=False)
        await self._access.record(_record(request, name, grant, plan, context, answer, code, started))
        return answer

    def _plan(
        self, document: Document, operation: OperationDefinitionNode, request: Request, grant: Grant
    ) -> tuple[Plan, dict[str, Any]]:
        """What is answered and what is forbidden; raises RequestRefused."""
        if request.read_only and operation.operation is not OperationType.QUERY:
            raise RequestRefused.by(MutationByGet())
        variables = get_variable_values(
            self._built.graphql,
            operation.variable_definitions or (),
            dict(request.variables),
            max_errors=20,
            hide_suggestions=True,
        )
        if isinstance(variables, list):
            raise RequestRefused(BadUserInput, variables)
        try:
            asked = Collector(self._built.graphql, document.fragments, variables).collect(operation)
        except GraphQLError as error:
            raise RequestRefused(BadUserInput, [error]) from error
        return authorize(self._built.graphql, self._built.guards, asked, grant), dict(request.variables)

    def _refuse(self, plan: Plan, request: Request, grant: Grant) -> None:
        if plan.refusals:
            raise RequestRefused(ForbiddenFilter, [_forbidden_error(one) for one in plan.refusals])
        if plan.forbidden and (request.reject_forbidden or grant.reject_forbidden):
            raise RequestRefused(ForbiddenField, [_forbidden_error(one) for one in plan.forbidden])

    async def _execute(
        self, document: Document, request: Request, context: Context, variables: dict[str, Any]
    ) -> ExecutionResult:
        running = execute(
            self._built.graphql, document.node, context_value=context,
            variable_values=variables, operation_name=request.operation_name,
        )  # fmt: skip
        result = running if isinstance(running, ExecutionResult) else await running
        assert isinstance(result, ExecutionResult)
        return result


def _body(result: ExecutionResult, plan: Plan) -> dict[str, Any]:
    errors: list[Mapping[str, Any]] = [_forbidden_error(one).formatted for one in plan.forbidden]
    errors += [_execution_error(error) for error in result.errors or ()]
    return {"errors": errors, "data": result.data} if errors else {"data": result.data}


def _forbidden_error(forbidden: Forbidden) -> GraphQLError:
    """The one error of a coordinate, which names the scopes that would open it."""
    sets = [sorted(one) for one in forbidden.scopes]
    wanted, wanted_zh = " or ".join(map(" and ".join, sets)), " 或 ".join(map(" 和 ".join, sets))
    kind = ForbiddenFilter if forbidden.as_filter else ForbiddenField
    error = kind(coordinate=forbidden.coordinate, scopes=wanted, scopes_zh=wanted_zh)
    return GraphQLError(
        error.message,
        nodes=list(forbidden.asked.nodes[:1]),
        extensions={
            "code": error.code,
            "messageZh": error.message_zh,
            "coordinate": forbidden.coordinate,
            "requiredScopes": sets,
        },
    )


def _request_error(error: GraphQLError, kind: type[HubError]) -> Mapping[str, Any]:
    told = error.extensions or {"messageZh": kind(reason=error.message).message_zh}
    return {**error.formatted, "extensions": {"code": kind.code, **told}}


def _execution_error(error: GraphQLError) -> dict[str, Any]:
    """An error of execution: what the caller did is told, what the hub did is logged and told by an id."""
    extensions: dict[str, Any] = {}
    match error.original_error:
        case None:
            fault: HubError = BadUserInput(reason=error.message)
            return {**error.formatted, "extensions": {"code": fault.code, "messageZh": fault.message_zh}}
        case HubError() as own:
            fault = own
        case DBAPIError() as late if getattr(late.orig, "sqlstate", None) == _STATEMENT_TIMEOUT:
            fault = Timeout()
        case failure:
            incident = str(new_id())
            _log.error("incident %s at %s", incident, error.path, exc_info=failure)
            fault, extensions = Internal(incident=incident), {"incident": incident}
    extensions = {"code": fault.code, "messageZh": fault.message_zh, **extensions}
    return {**error.formatted, "message": fault.message, "extensions": extensions}


def _record(
    request: Request, name: str | None, grant: Grant, plan: Plan | None, context: Context | None,
    answer: Answer, code: str | None, started: float,
) -> AccessRecord:  # fmt: skip
    """What the ledger keeps of a request."""
    errors: Sequence[Mapping[str, Any]] = answer.body.get("errors", ())
    failed = [
        error["extensions"]["code"] for error in errors if error["extensions"]["code"] != ForbiddenField.code
    ]
    if not answer.executed:
        outcome = AccessOutcome.REFUSED
    elif failed:
        outcome, code = AccessOutcome.FAILED, failed[0]
    else:
        outcome = AccessOutcome.PARTLY_FORBIDDEN if errors else AccessOutcome.ANSWERED
    return AccessRecord(
        agency_id=grant.agency,
        client_id=grant.client,
        person=grant.person,
        purpose=grant.purpose,
        operation_name=name,
        operation_hash=hashlib.sha256(request.query.encode(errors="surrogatepass")).digest(),
        coordinates=sorted(plan.answered) if plan and answer.executed else [],
        forbidden=sorted({one.coordinate for one in plan.forbidden}) if plan else [],
        household_ids=sorted(context.touched) if context else [],
        rows=context.rows_read if context else 0,
        milliseconds=round((time.perf_counter() - started) * 1000),
        outcome=outcome,
        code=code,
    )
