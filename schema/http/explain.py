"""Explains a document before it is sent: the smallest scope sets for a complete answer, and its cost.

Any caller may ask about any document, also with fields outside its own part of the schema: `FORBIDDEN_FIELD` names the same
scopes to a sender of the document, and a developer can only apply for a scope by its name. Nothing is read, no name is
suggested, and no response contains a variable's value.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLList,
    NonNullTypeNode,
    OperationDefinitionNode,
    VariableDefinitionNode,
    get_named_type,
    get_nullable_type,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values

from auth.grant import ScopeSets, covers
from auth.scopes import Scope
from hub.foundation.errors import HubError
from schema.engine.compile.authorize import AuthorizedOperation
from schema.engine.compile.collect import Collector, walk
from schema.engine.compile.cost import cost_of
from schema.engine.compile.requirements import UNKNOWN, Requirement, requirements
from schema.engine.compile.scope_sets import smallest_sets
from schema.engine.declare.paging import LARGEST_PAGE
from schema.engine.executable_schema import ExecutableSchema
from schema.engine.execute.documents import Document, Documents
from schema.engine.refusals import BadUserInput, RequestRefused


@dataclass(frozen=True)
class Explained:
    """The requirements of an operation. `sets` are the smallest scope sets for a complete answer, `()` if it needs no scope;
    `cost` is its cost then, in objects."""

    operation: str | None
    cost: int
    sets: ScopeSets
    requirements: tuple[Requirement, ...]

    def forbidden(self, scopes: frozenset[Scope]) -> tuple[Requirement, ...]:
        """The requirements that some scopes do not satisfy, including those that depend on variables."""
        return tuple(one for one in self.requirements if not covers(scopes, one.scopes))

    def body(self, scopes: frozenset[Scope]) -> dict[str, Any]:
        """The explanation as JSON for a caller with some scopes. `missing` corresponds to `requiredScopes`, set by set."""
        certain = [one for one in self.requirements if one.variable is None]
        return {
            "operation": self.operation,
            "cost": self.cost,
            "requiredScopes": [sorted(one) for one in self.sets],
            "missing": [sorted(one - scopes) for one in self.sets],
            "answeredWhole": covers(scopes, self.sets),
            "coordinates": [_requirement_body(one, scopes) for one in certain],
            "variables": [
                {"variable": one.variable, **_requirement_body(one, scopes)}
                for one in self.requirements
                if one.variable
            ],
        }


def _requirement_body(one: Requirement, scopes: frozenset[Scope]) -> dict[str, Any]:
    return {
        "coordinate": one.coordinate,
        "requiredScopes": [sorted(each) for each in one.scopes],
        "asFilter": one.as_filter,
        "forbidden": not covers(scopes, one.scopes),
    }


class Explainer:
    """Explains documents against the schema."""

    def __init__(self, built: ExecutableSchema) -> None:
        self._schema = built.graphql
        self._guards = built.guards
        self._documents = Documents(built.graphql)

    def explain(
        self, text: str, operation_name: str | None = None, variables: Mapping[str, Any] | None = None
    ) -> Explained:
        """Explain one operation of a document; raises RequestRefused.

        A missing variable may have any value: selections that depend on it count as requested, and filters that it may
        contain are listed separately, by the variable's name. A missing page size that is required counts as the largest.
        """
        document = self._documents.read(text)
        return self._explained(document, document.operation(operation_name), variables or {})

    def each_operation(self, text: str) -> Iterator[Explained]:
        """Explain each operation of a document, for all values of its variables; raises RequestRefused."""
        document = self._documents.read(text)
        for operation in document.operations.values():
            yield self._explained(document, operation, {})

    def _explained(
        self, document: Document, operation: OperationDefinitionNode, given: Mapping[str, Any]
    ) -> Explained:
        open = {
            one.variable.name.value
            for one in operation.variable_definitions or ()
            if one.variable.name.value not in given
        }
        try:
            variables = self._supposed(operation, given)
            fields = Collector(self._schema, document.fragments, variables, open).collect(operation)
            required = requirements(self._schema, self._guards, fields, open)
            sets = smallest_sets(one.scopes for one in required if one.variable is None)
        except GraphQLError as error:
            raise RequestRefused(BadUserInput, [error]) from error
        except HubError as error:
            raise RequestRefused.by(error) from error
        whole = AuthorizedOperation(fields, frozenset(one.coordinate for one in walk(fields)), (), {})
        name = operation.name.value if operation.name else None
        return Explained(name, cost_of(self._schema, whole, self._guards), sets, required)

    def _supposed(self, operation: OperationDefinitionNode, given: Mapping[str, Any]) -> VariableValues:
        """The given variables, with a substitute for each missing required one."""
        definitions = operation.variable_definitions or ()
        missing = {one.variable.name.value: one for one in definitions if _is_missing(one, given)}
        values = get_variable_values(
            self._schema,
            [one for one in definitions if one.variable.name.value not in missing],
            dict(given),
            max_errors=20,
            hide_suggestions=True,
        )
        if isinstance(values, list):
            raise RequestRefused(BadUserInput, values)
        for name, one in missing.items():
            signature = get_variable_signature(self._schema, one)
            assert isinstance(signature, GraphQLVariableSignature)
            values.sources[name] = VariableValueSource(signature)
            values.coerced[name] = _something(signature.type)
        return values


def _something(kind: GraphQLInputType) -> Any:
    """A value of a type that requests nothing by itself; the largest page size for a number."""
    if isinstance(get_nullable_type(kind), GraphQLList):
        return []
    named = get_named_type(kind)
    if isinstance(named, GraphQLInputObjectType):
        return {}
    return LARGEST_PAGE if named is GraphQLInt else UNKNOWN


def _is_missing(definition: VariableDefinitionNode, given: Mapping[str, Any]) -> bool:
    """Whether a variable is required and missing."""
    required = isinstance(definition.type, NonNullTypeNode) and definition.default_value is None
    return required and definition.variable.name.value not in given
