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
from schema.documents import Document, Documents, RequestRefused

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
            code = refused.code
            answer = Answer(
                {"errors": [_request_error(error, refused.code) for error in refused.errors]}, executed=False
            )
        await self._access.record(_record(request, name, grant, plan, context, answer, code, started))
        return answer

    def _plan(
        self, document: Document, operation: OperationDefinitionNode, request: Request, grant: Grant
    ) -> tuple[Plan, dict[str, Any]]:
        """What is answered and what is forbidden; raises RequestRefused."""
        if request.read_only and operation.operation is not OperationType.QUERY:
            raise RequestRefused(
                "MUTATION_BY_GET", [GraphQLError("Send a mutation by POST; GET only reads.")]
            )
        variables = get_variable_values(
            self._built.graphql,
            operation.variable_definitions or (),
            dict(request.variables),
            max_errors=20,
            hide_suggestions=True,
        )
        if isinstance(variables, list):
            raise RequestRefused("BAD_USER_INPUT", variables)
        try:
            asked = Collector(self._built.graphql, document.fragments, variables).collect(operation)
        except GraphQLError as error:
            raise RequestRefused("BAD_USER_INPUT", [error]) from error
        return authorize(self._built.graphql, self._built.guards, asked, grant), dict(request.variables)

    def _refuse(self, plan: Plan, request: Request, grant: Grant) -> None:
        if plan.refusals:
            raise RequestRefused("FORBIDDEN_FILTER", [_forbidden_error(one) for one in plan.refusals])
        if plan.forbidden and (request.reject_forbidden or grant.reject_forbidden):
            raise RequestRefused("FORBIDDEN_FIELD", [_forbidden_error(one) for one in plan.forbidden])

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
    wanted = " or ".join(" and ".join(sorted(one)) for one in forbidden.scopes)
    use = "To filter or order by" if forbidden.as_filter else "To read"
    return GraphQLError(
        f"{use} {forbidden.coordinate} your client needs {wanted}.",
        nodes=list(forbidden.asked.nodes[:1]),
        extensions={
            "code": "FORBIDDEN_FILTER" if forbidden.as_filter else "FORBIDDEN_FIELD",
            "coordinate": forbidden.coordinate,
            "requiredScopes": [sorted(one) for one in forbidden.scopes],
        },
    )


def _request_error(error: GraphQLError, code: str) -> Mapping[str, Any]:
    return {**error.formatted, "extensions": {"code": code, **(error.extensions or {})}}


def _execution_error(error: GraphQLError) -> dict[str, Any]:
    """An error of execution: what the caller did is told, what the hub did is logged and told by an id."""
    formatted: dict[str, Any] = {**error.formatted}
    match error.original_error:
        case None:
            formatted["extensions"] = {"code": "BAD_USER_INPUT", **(error.extensions or {})}
        case HubError() as fault:
            formatted["extensions"] = {"code": fault.code, "messageZh": fault.message_zh}
        case DBAPIError() as fault if getattr(fault.orig, "sqlstate", None) == _STATEMENT_TIMEOUT:
            formatted["message"] = "The database took too long; ask for less at once, or narrow the filter."
            formatted["extensions"] = {
                "code": "TIMEOUT",
                "messageZh": "数据库响应超时,请减少单次查询内容或缩小筛选范围。",
            }
        case fault:
            incident = str(new_id())
            _log.error("incident %s at %s", incident, error.path, exc_info=fault)
            formatted["message"] = f"The hub failed; the incident is {incident}."
            formatted["extensions"] = {
                "code": "INTERNAL",
                "incident": incident,
                "messageZh": f"平台内部错误,事件编号 {incident}。",
            }
    return formatted


def _record(
    request: Request, name: str | None, grant: Grant, plan: Plan | None, context: Context | None,
    answer: Answer, code: str | None, started: float,
) -> AccessRecord:  # fmt: skip
    """What the ledger keeps of a request."""
    errors: Sequence[Mapping[str, Any]] = answer.body.get("errors", ())
    failed = [
        error["extensions"]["code"]
        for error in errors
        if error["extensions"]["code"] not in {"FORBIDDEN_FIELD"}
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
