"""GraphQL documents: parsed and validated once, then cached."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    Node,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
    Visitor,
    parse,
    validate,
    visit,
)

from auth.documents import document_digest
from hub.foundation.weighted_lru import WeightedLru
from hub.ledger.access import OperationText
from schema.engine.compile.weight import PlanningTooCostly
from schema.engine.execute.field_merging import merging_cost
from schema.engine.execute.recorded_forms import without_texts
from schema.engine.execute.variable_usages import RULES
from schema.engine.refusals import (
    GraphqlParseFailed,
    GraphqlValidationFailed,
    OperationNotFound,
    RequestRefused,
)

MOST_TOKENS = 5000
_MOST_ERRORS = 20
_MOST, _LONGEST = 1000, 600_000
"""The most documents in the cache, and the most characters of all together: a parsed document takes some 100 bytes for each."""


@dataclass(frozen=True)
class Document:
    """A valid document. `shaping`: the variables of each operation that its plan may depend on: all except those that are
    passed whole to commands. `text`: its form in the ledger."""

    node: DocumentNode
    operations: Mapping[str, OperationDefinitionNode]
    fragments: Mapping[str, FragmentDefinitionNode]
    shaping: Mapping[str, frozenset[str]]
    text: OperationText

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation to run; raises RequestRefused if the name is missing or unknown."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name is not None and name in self.operations:
            return self.operations[name]
        wanted = "name one with operationName" if name is None else f"there is none called {name!r}"
        raise RequestRefused.by(OperationNotFound(count=len(self.operations), wanted=wanted))


class Documents:
    """The documents of a schema. Only valid ones are cached, so refused ones displace nothing."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._kept: WeightedLru[str, Document] = WeightedLru(_MOST, _LONGEST)

    def find(self, text: str) -> Document | None:
        """The cached document of a text."""
        return self._kept.find(text)

    def read(self, text: str, pay: Callable[[int], None] = lambda _cost: None) -> Document:
        """The document of a text; raises RequestRefused. `pay` is called with the cost of validating it, before that is done,
        and may raise RequestRefused."""
        return self.find(text) or self._kept.store(text, self._read(text, pay), len(text))

    def _read(self, text: str, pay: Callable[[int], None]) -> Document:
        try:
            node = parse(text, max_tokens=MOST_TOKENS)
            pay(merging_cost(node))
            errors = validate(self._schema, node, RULES, max_errors=_MOST_ERRORS, hide_suggestions=True)
        except GraphQLSyntaxError as error:
            raise RequestRefused(GraphqlParseFailed, [error]) from error
        except PlanningTooCostly as error:
            raise RequestRefused.by(error) from error
        except RecursionError as error:
            raise RequestRefused(
                GraphqlParseFailed, [GraphQLError("The document is nested too deeply.")]
            ) from error
        if errors:
            raise RequestRefused(GraphqlValidationFailed, errors)
        operations = {
            one.name.value if one.name else "": one
            for one in node.definitions
            if isinstance(one, OperationDefinitionNode)
        }
        fragments = {
            one.name.value: one for one in node.definitions if isinstance(one, FragmentDefinitionNode)
        }
        shaping = {name: _shaping(one, fragments.values()) for name, one in operations.items()}
        kept = OperationText(document_digest(text), lambda: without_texts(node))
        return Document(node, operations, fragments, shaping, kept)


def _shaping(
    operation: OperationDefinitionNode, fragments: Iterable[FragmentDefinitionNode]
) -> frozenset[str]:
    parts: list[Node] = [*(operation.directives or ()), *fragments]
    for selection in operation.selection_set.selections:
        if operation.operation is OperationType.MUTATION and isinstance(selection, FieldNode):
            parts += selection.directives or ()
            parts += [selection.selection_set] if selection.selection_set else []
        else:
            parts.append(selection)
    found = _Variables()
    for part in parts:
        visit(part, found)
    return frozenset(found.names)


class _Variables(Visitor):
    """The names of the variables in a part of a document."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.names.add(node.name.value)
