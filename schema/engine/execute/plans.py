"""Plans: the compiled form of a request for a grant, made once for every request of its shape."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import orjson
from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_argument_values,
    is_non_null_type,
)
from graphql.execution.values import VariableValues

from auth.grant import Grant
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import HubError
from hub.foundation.weighted_lru import WeightedLru
from hub.ledger.access import CoordinateSet
from hub.policy.permissions.jurisdiction import grant_shape
from schema.engine.compile.argument_errors import InvalidArgument, places
from schema.engine.compile.authorize import AuthorizedOperation, Forbidden, authorize
from schema.engine.compile.collect import META_FIELDS, TYPENAME, Collector, SelectedField, walk
from schema.engine.compile.cost import cost_of, entries_of
from schema.engine.compile.forbidden_nulls import ForbiddenNulls, place_of
from schema.engine.compile.ir import Choice, Selection
from schema.engine.compile.lowering import Lowering
from schema.engine.compile.members import fields_of_members
from schema.engine.compile.mutations import PayloadLowering, PreparedWrite, SavedRead
from schema.engine.compile.placeholders import new_word
from schema.engine.compile.shape import shape_of
from schema.engine.compile.statement import Arguments, Statement, compile_statement
from schema.engine.compile.weight import MOST_PLANNED, PlanningTooCostly, Weights
from schema.engine.declare.bind_parameters import Named, Parameter
from schema.engine.declare.field_sources import TYPES, Write
from schema.engine.executable_schema import ExecutableSchema
from schema.engine.execute.budget import Budget
from schema.engine.execute.coercion import Coercion
from schema.engine.execute.documents import Document, Documents
from schema.engine.execute.known_codes import NamedCode
from schema.engine.execute.request import Request
from schema.engine.refusals import (
    BadUserInput,
    ForbiddenField,
    ForbiddenFilter,
    MutationByGet,
    RequestRefused,
)

_MOST, _HEAVIEST = 2000, 1_200_000
"""The most plans in the cache, and their total weight: characters of the document, at some 100 bytes for each, since a plan
refers to it, and of its SQL, at 3."""
_SQL_LIGHTER = 33


@dataclass(frozen=True)
class Plan:
    """A planned operation; it holds no values of a caller except those in the document.

    A query has a `statement`, a mutation its `writes`. `left_out` are the coordinates that they do not answer: if there are
    any, the reference executor answers the operation, and the statements only check its arguments. `bound` are the fields
    with arguments for the statements, `places` their paths in the response (see `compile.argument_errors`), `roots` the nodes
    of the root fields by response key, `read` and `forbidden` coordinates, `errors` those of the forbidden fields, and
    `nulls` their nulls in the answer. `nothing` is the answer if every root field failed. `reads_members`: reading a
    household counts as reading all its members (`compile.members`).
    """

    cost: int
    read: CoordinateSet
    forbidden: tuple[str, ...]
    errors: tuple[GraphQLError, ...]
    nulls: ForbiddenNulls
    nothing: bytes
    roots: Mapping[str, tuple[FieldNode, ...]]
    left_out: tuple[str, ...]
    bound: Mapping[tuple[str, ...], tuple[GraphQLField, FieldNode]]
    places: Mapping[tuple[str, ...], tuple[str, ...]]
    statement: Statement | None = None
    writes: tuple[PreparedWrite, ...] = ()
    reads_members: bool = False

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """Every statement of the plan."""
        own = () if self.statement is None else (self.statement,)
        return (*own, *(read.statement for one in self.writes for read in one.reads))

    @cached_property
    def marked(self) -> bool:
        """Whether an answer may contain marks."""
        return bool(self.errors) or any(statement.marks for statement in self.statements)

    @cached_property
    def naming(self) -> tuple[tuple[Named, Parameter], ...]:
        """The parameters whose values are codes that must exist, each with the kind of code."""
        given = (one for statement in self.statements for one in statement.parameters.values())
        return tuple((one.names, one) for one in given if one.names is not None)

    def entries(self, understood: "Understood") -> int:
        """The number of list entries that a request writes."""
        nodes = (one.node for one in self.writes if not one.forbidden)
        return entries_of(nodes, understood.variables.coerced)

    @cached_property
    def searching(self) -> tuple[Parameter, ...]:
        """The parameters whose values are blind indexes of identity numbers that the caller searches for."""
        return tuple(
            one for statement in self.statements for one in statement.parameters.values() if one.searches
        )

    def bind(self, understood: "Understood", grant: Grant) -> "Bound":
        """Take the values of one request; raises RequestRefused if one is invalid, so that nothing is written whose answer
        could not be read."""
        arguments = {
            at: get_argument_values(definition, node, understood.variables)
            for at, (definition, node) in self.bound.items()
        }
        word = new_word() if self.marked else ""
        try:
            values = [statement.values(arguments, grant, word) for statement in self.statements]
        except InvalidArgument as invalid:
            raise self.refusal(invalid) from invalid
        named = [
            NamedCode(names, one.value(arguments, grant), one.at, one.steps) for names, one in self.naming
        ]
        searched = [one.value(arguments, grant) for one in self.searching] if self.searching else ()
        return Bound(arguments, word, values[0] if self.statement is not None else (), named, searched)

    def refusal(self, invalid: InvalidArgument) -> RequestRefused:
        """The refusal for an error in an argument, at the field that has it."""
        _, node = self.bound[invalid.at]
        return RequestRefused.at(invalid.error, node, self.places.get(invalid.at, ()))


@dataclass(frozen=True)
class Bound:
    """The values of one request for its plan: arguments, the random word of its marks, the values of a query's statement, the
    codes that must exist, and the blind indexes of identity numbers that it searches for."""

    arguments: Arguments
    word: str
    values: Sequence[Any]
    named: Sequence[NamedCode]
    searched: Sequence[bytes]


@dataclass(frozen=True)
class Understood:
    """A request with its document parsed and its variables checked."""

    request: Request
    document: Document
    operation: OperationDefinitionNode
    variables: VariableValues

    @property
    def name(self) -> str | None:
        """The operation's name."""
        return self.operation.name.value if self.operation.name else None


PlanCache = WeightedLru[Hashable, Plan]
"""Plans by what they depend on, but for the schema and the keys: each pair of these has a cache of its own."""


def plan_cache() -> PlanCache:
    """An empty cache of plans, within its bounds. Threads may share one."""
    return WeightedLru(_MOST, _HEAVIEST)


class Plans:
    """The plans of one process; the least recently used are dropped first. Thread-safe.

    A client pays for parsing a document, by its length and by the fields that must be compared, and for writing its
    statements, by their length, before the work is done; a cached plan costs nothing. In a minute a client may plan as many
    characters of SQL as it may request objects (`per_minute`), and at least one statement of the largest size.
    """

    def __init__(
        self, built: ExecutableSchema, secrecy: Secrecy, per_minute: int, cache: "PlanCache | None" = None
    ) -> None:
        self._schema: GraphQLSchema = built.graphql
        self._guards = built.guards
        self._of_members = fields_of_members(built.guards.reads)
        self._secrecy = secrecy
        self._documents = Documents(built.graphql)
        self._coercion = Coercion(built.graphql)
        self._kept = plan_cache() if cache is None else cache
        self._weights = Weights()
        minute = max(per_minute, 2 * MOST_PLANNED)
        self._budget = Budget(MOST_PLANNED, minute, too_costly=PlanningTooCostly)

    def understood(self, request: Request) -> Understood | None:
        """A request whose document is cached, else None; raises RequestRefused."""
        document = self._documents.find(request.query)
        return None if document is None else self._with_variables(request, document)

    def understand(self, request: Request, client: str) -> Understood:
        """Read a request's document and variables; raises RequestRefused."""
        if (understood := self.understood(request)) is not None:
            return understood
        self.charge(client, len(request.query))
        document = self._documents.read(request.query, partial(self.charge, client))
        return self._with_variables(request, document)

    def charge(self, client: str, cost: int) -> None:
        """Charge a client for characters to be read or written; raises RequestRefused."""
        try:
            self._budget.charge(client, cost)
        except HubError as error:
            raise RequestRefused.by(error) from error

    def _with_variables(self, request: Request, document: Document) -> Understood:
        operation = document.operation(request.operation_name)
        if request.read_only and operation.operation is not OperationType.QUERY:
            raise RequestRefused.by(MutationByGet())
        variables = self._coercion.values(operation.variable_definitions or (), request.variables)
        if isinstance(variables, list):
            raise RequestRefused(BadUserInput, variables)
        return Understood(request, document, operation, variables)

    def prepared(self, understood: Understood, grant: Grant) -> Plan | None:
        """The cached plan of a request, if there is one."""
        return self._kept.find(_key(understood, grant))

    def prepare(self, understood: Understood, grant: Grant) -> Plan:
        """The plan of a request; raises RequestRefused."""
        if (kept := self.prepared(understood, grant)) is not None:
            return kept
        made = self._prepare(understood, grant)
        sql = sum(len(statement.text) for statement in made.statements)
        weight = len(understood.request.query) + sql // _SQL_LIGHTER
        return self._kept.store(_key(understood, grant), made, weight)

    def decide(self, understood: Understood, grant: Grant) -> AuthorizedOperation:
        """Authorise an operation: the answered and the forbidden coordinates; raises RequestRefused."""
        try:
            collector = Collector(self._schema, understood.document.fragments, understood.variables)
            asked = collector.collect(understood.operation)
        except GraphQLError as error:
            raise RequestRefused(BadUserInput, [error]) from error
        except HubError as error:
            raise RequestRefused.by(error) from error
        return authorize(self._schema, self._guards, asked, grant)

    def _prepare(self, understood: Understood, grant: Grant) -> Plan:
        authorized = self.decide(understood, grant)
        if authorized.refusals:
            raise RequestRefused(ForbiddenFilter, [forbidden_error(one) for one in authorized.refusals])
        lowering = Lowering(self._schema, self._guards, authorized, grant)
        statement: Statement | None = None
        writes: tuple[PreparedWrite, ...] = ()
        try:
            if understood.operation.operation is OperationType.MUTATION:
                writes = tuple(self._write(one, authorized, lowering, grant) for one in authorized.fields)
            else:
                statement = self._compiled(lowering.lower(), grant)
        except InvalidArgument as invalid:
            (node, *_), *_ = (one.nodes for one in walk(authorized.fields) if one.at == invalid.at)
            place = places(self._schema, authorized.fields).get(invalid.at, ())
            raise RequestRefused.at(invalid.error, node, place) from invalid
        except HubError as error:
            raise RequestRefused.by(error) from error
        errors = tuple(forbidden_error(one) for one in authorized.forbidden)
        prepared = Plan(
            cost=cost_of(self._schema, authorized, self._guards),
            read=CoordinateSet.of(authorized.answered),
            forbidden=tuple(sorted({one.coordinate for one in authorized.forbidden})),
            errors=errors,
            nulls=ForbiddenNulls.of(authorized, errors),
            nothing=self._nothing(authorized),
            roots={one.response_key: one.nodes for one in authorized.fields},
            left_out=tuple(lowering.left_out),
            bound={},
            places={},
            statement=statement,
            writes=writes,
            reads_members=not self._of_members.isdisjoint(authorized.answered),
        )
        needed = {parameter.at for each in prepared.statements for parameter in each.parameters.values()}
        bound = {one.at: self._definition(one) for one in walk(authorized.fields) if one.at in needed}
        at = places(self._schema, authorized.fields) if bound else {}
        return replace(prepared, bound=bound, places={one: at[one] for one in bound if one in at})

    def _compiled(self, asked: Selection | Choice, grant: Grant) -> Statement:
        """A statement; the client is charged before it is written. Raises InvalidArgument, PlanningTooCostly, RateLimited."""
        self._budget.charge(grant.client, self._weights.of(asked, grant))
        made = compile_statement(asked, grant, self._secrecy)
        if len(made.text) > MOST_PLANNED:
            raise PlanningTooCostly(cost=len(made.text), most=MOST_PLANNED)
        return made

    def _write(
        self, one: SelectedField, authorized: AuthorizedOperation, lowering: Lowering, grant: Grant
    ) -> PreparedWrite:
        if one.name in META_FIELDS:
            return PreparedWrite(one.response_key, one.nodes[0])
        definition, node = self._definition(one)
        command = self._guards.reads[one.coordinate]
        if authorized.forbids(one.coordinate):
            return PreparedWrite(one.response_key, node, definition, forbidden=place_of(one))
        assert isinstance(command, Write)
        payload = PayloadLowering(self._schema, self._guards, lowering, grant)
        (children,) = one.children.values()
        template = payload.template(children)
        reads = tuple(
            SavedRead(TYPES[choice.to].reads.id_key, self._compiled(choice, grant))
            for choice in payload.choices
        )
        return PreparedWrite(one.response_key, node, definition, command, template, reads)

    def _nothing(self, authorized: AuthorizedOperation) -> bytes:
        """A null for each root field, or a single null if one of them cannot be null (GraphQL spec 6.4.4)."""
        fields = [one for one in authorized.fields if one.name not in META_FIELDS]
        if any(is_non_null_type(self._definition(one)[0].type) for one in fields):
            return b"null"
        names = {one.response_key: one.parent for one in authorized.fields if one.name == TYPENAME}
        return orjson.dumps({one.response_key: names.get(one.response_key) for one in authorized.fields})

    def _definition(self, one: SelectedField) -> tuple[GraphQLField, FieldNode]:
        parent: Any = self._schema.type_map[one.parent]
        return parent.fields[one.name], one.nodes[0]


def _key(understood: Understood, grant: Grant) -> Hashable:
    """The cache key of a plan: everything that it depends on."""
    request, coerced = understood.request, understood.variables.coerced
    shaping = understood.document.shaping[understood.name or ""]
    shape = shape_of({name: value for name, value in coerced.items() if name in shaping})
    return request.query, request.operation_name, grant_shape(grant), shape


def forbidden_error(forbidden: Forbidden) -> GraphQLError:
    """The error of a forbidden field, without its path: it names the scopes that would open it."""
    sets = [sorted(one) for one in forbidden.scopes]
    wanted, wanted_zh = " or ".join(map(" and ".join, sets)), " 或 ".join(map(" 和 ".join, sets))
    kind = ForbiddenFilter if forbidden.as_filter else ForbiddenField
    error = kind(coordinate=forbidden.coordinate, scopes=wanted, scopes_zh=wanted_zh)
    return GraphQLError(
        error.message,
        nodes=list(forbidden.selected.nodes[:1]),
        extensions={
            "code": error.code,
            "messageZh": error.message_zh,
            "coordinate": forbidden.coordinate,
            "requiredScopes": sets,
        },
    )
