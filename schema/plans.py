"""Plans: what a request comes to for a grant, made once for every request of its shape."""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_argument_values,
)
from graphql.execution.values import VariableValues, get_variable_values

from auth.grant import Grant
from hub.errors import HubError
from hub.secrecy import Secrecy
from schema.built import Built
from schema.compile.authorize import Forbidden, Plan, authorize
from schema.compile.collect import Asked, Collector, walk
from schema.compile.cost import cost_of
from schema.compile.lower import Lowering
from schema.compile.shape import shape_of
from schema.compile.statement import Statement, compile_statement
from schema.documents import Document, Documents
from schema.refusals import BadUserInput, ForbiddenField, ForbiddenFilter, MutationByGet, RequestRefused
from schema.request import Request

_REMEMBER = 2000


@dataclass(frozen=True)
class Prepared:
    """A plan with its cost and its statement. `left_out` are the coordinates that the statement does not answer: where
    there are any, the reference executor answers the operation, and the statement only checks its arguments. `bound`
    are the fields whose arguments it takes values from."""

    plan: Plan
    cost: int
    statement: Statement
    left_out: tuple[str, ...]
    bound: Mapping[tuple[str, ...], tuple[GraphQLField, FieldNode]]

    def values(self, understood: "Understood", grant: Grant, word: str) -> list[Any]:
        """The statement's parameters for one request; raises RequestRefused where an argument cannot be used."""
        arguments = {
            at: get_argument_values(definition, node, understood.variables)
            for at, (definition, node) in self.bound.items()
        }
        try:
            return self.statement.values(arguments, grant, word)
        except HubError as error:
            raise RequestRefused.by(error) from error


@dataclass(frozen=True)
class Understood:
    """A request with its document read and its variables checked."""

    request: Request
    document: Document
    operation: OperationDefinitionNode
    variables: VariableValues

    @property
    def name(self) -> str | None:
        """The operation's name."""
        return self.operation.name.value if self.operation.name else None


class Plans:
    """The plans of one process, the least recently used forgotten first."""

    def __init__(self, built: Built, secrecy: Secrecy) -> None:
        self._schema: GraphQLSchema = built.graphql
        self._guards = built.guards
        self._secrecy = secrecy
        self._documents = Documents(built.graphql)
        self._kept: OrderedDict[Hashable, Prepared] = OrderedDict()

    def understand(self, request: Request) -> Understood:
        """Read a request's document and variables; raises RequestRefused."""
        document = self._documents.read(request.query)
        operation = document.operation(request.operation_name)
        if request.read_only and operation.operation is not OperationType.QUERY:
            raise RequestRefused.by(MutationByGet())
        variables = get_variable_values(
            self._schema, operation.variable_definitions or (), dict(request.variables),
            max_errors=20, hide_suggestions=True,
        )  # fmt: skip
        if isinstance(variables, list):
            raise RequestRefused(BadUserInput, variables)
        return Understood(request, document, operation, variables)

    def prepare(self, understood: Understood, grant: Grant) -> Prepared:
        """The plan of a request, kept where it compiles; raises RequestRefused."""
        request = understood.request
        key = (
            request.query, request.operation_name, grant.scopes, len(grant.regions), shape_of(understood.variables.coerced),
        )  # fmt: skip
        if (kept := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return kept
        prepared = self._prepare(understood, grant)
        if not prepared.left_out:  # a mutation's plan would keep what the caller wrote
            self._kept[key] = prepared
            if len(self._kept) > _REMEMBER:
                self._kept.popitem(last=False)
        return prepared

    def decide(self, understood: Understood, grant: Grant) -> Plan:
        """What is answered and what is forbidden; raises RequestRefused."""
        try:
            collector = Collector(self._schema, understood.document.fragments, understood.variables)
            asked = collector.collect(understood.operation)
        except GraphQLError as error:
            raise RequestRefused(BadUserInput, [error]) from error
        except HubError as error:
            raise RequestRefused.by(error) from error
        return authorize(self._schema, self._guards, asked, grant)

    def _prepare(self, understood: Understood, grant: Grant) -> Prepared:
        plan = self.decide(understood, grant)
        if plan.refusals:
            raise RequestRefused(ForbiddenFilter, [forbidden_error(one) for one in plan.refusals])
        lowering = Lowering(self._schema, self._guards, plan, grant)
        try:
            statement = compile_statement(lowering.lower(), grant, self._secrecy)
        except HubError as error:
            raise RequestRefused.by(error) from error
        needed = {parameter.at for parameter in statement.given.values()}
        bound = {one.at: self._definition(one) for one in walk(plan.fields) if one.at in needed}
        return Prepared(plan, cost_of(plan, self._guards), statement, tuple(lowering.left_out), bound)

    def _definition(self, one: Asked) -> tuple[GraphQLField, FieldNode]:
        parent: Any = self._schema.type_map[one.parent]
        return parent.fields[one.name], one.nodes[0]


def forbidden_error(forbidden: Forbidden) -> GraphQLError:
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
