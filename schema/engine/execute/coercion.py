"""Coerces variables (GraphQL spec 3.10 and 6.1.2) by functions that are made once for each input type.

graphql-core looks up the type of every value again, and a batch has fifteen thousand values. Cases not handled here (an
invalid value, a default of the operation, an item that should be a list) are passed to graphql-core as a whole, which coerces
them or returns all errors.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    NonNullTypeNode,
    Undefined,
    VariableDefinitionNode,
    get_variable_values,
    is_required_input_field,
)
from graphql.execution.get_variable_signature import GraphQLVariableSignature, get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource
from graphql.utilities.coerce_input_value import coerce_default_value
from graphql.utilities.validate_input_value import validate_input_value

Coercer = Callable[[Any], Any]
_MOST_ERRORS = 20


class _NotCoerced(Exception):
    """graphql-core must handle the values."""


class Coercion:
    """The coercers of a schema's input types, made at first use."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._coercers: dict[str, Coercer] = {}

    def values(
        self, definitions: Sequence[VariableDefinitionNode], given: Mapping[str, Any]
    ) -> VariableValues | list[GraphQLError]:
        """The variables of an operation as graphql-core coerces them, or their errors."""
        try:
            return self._values(definitions, given)
        except (_NotCoerced, GraphQLError, ValueError, TypeError, ArithmeticError):
            values = get_variable_values(
                self._schema, definitions, dict(given), max_errors=_MOST_ERRORS, hide_suggestions=True
            )
            return values if isinstance(values, VariableValues) else self._placed(values, definitions, given)

    def _placed(
        self,
        errors: list[GraphQLError],
        definitions: Sequence[VariableDefinitionNode],
        given: Mapping[str, Any],
    ) -> list[GraphQLError]:
        """The errors, each with its `path`: the variable, and the path in its value; graphql-core has it only in the message."""
        paths: list[list[str | int]] = []
        for definition in definitions:
            signature = get_variable_signature(self._schema, definition)
            if isinstance(signature, GraphQLVariableSignature) and not _omitted(definition, given):
                paths += _paths(signature, given.get(signature.name, Undefined))
        of_values = [error for error in errors if error.original_error is not None]
        for error, path in zip(of_values, paths, strict=False):
            error.extensions = {**(error.extensions or {}), "path": path}
        return errors

    def _values(
        self, definitions: Sequence[VariableDefinitionNode], given: Mapping[str, Any]
    ) -> VariableValues:
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for definition in definitions:
            signature = get_variable_signature(self._schema, definition)
            if not isinstance(signature, GraphQLVariableSignature) or signature.name not in given:
                raise _NotCoerced
            value = given[signature.name]
            sources[signature.name] = VariableValueSource(signature, value)
            coerced[signature.name] = self._coercer(signature.type)(value)
        return VariableValues(sources, coerced)

    def _coercer(self, kind: GraphQLInputType) -> Coercer:
        name = str(kind)
        if name not in self._coercers:
            self._coercers[name] = (
                _left  # a type that contains itself can nest too deeply, which graphql-core counts
            )
            self._coercers[name] = self._coercer_of(kind)
        return self._coercers[name]

    def _coercer_of(self, kind: GraphQLInputType) -> Coercer:
        match kind:
            case GraphQLNonNull():
                return _required(self._coercer(kind.of_type))
            case GraphQLList():
                return _list(self._coercer(kind.of_type))
            case GraphQLInputObjectType():
                return self._object(kind)
            case GraphQLEnumType():
                return _enum(kind)
            case leaf:
                of: Coercer = leaf.coerce_input_value
                return lambda value: None if value is None else of(value)

    def _object(self, kind: GraphQLInputObjectType) -> Coercer:
        fields = [
            (
                name,
                field.out_name or name,
                self._coercer(field.type),
                _NotCoerced if is_required_input_field(field) else coerce_default_value(field),
            )
            for name, field in kind.fields.items()
        ]
        one_of, out = kind.is_one_of, kind.out_type

        def coerce(value: Any) -> Any:
            if value is None:
                return None
            if not isinstance(value, dict):
                raise _NotCoerced
            taken, made = 0, {}
            for name, out_name, of, default in fields:
                if name in value:
                    taken += 1
                    made[out_name] = of(value[name])
                elif default is _NotCoerced:
                    raise _NotCoerced
                elif default is not Undefined:
                    made[out_name] = default
            if taken != len(value) or (one_of and (taken != 1 or None in made.values())):
                raise _NotCoerced
            return out(made)

        return coerce


def _omitted(definition: VariableDefinitionNode, given: Mapping[str, Any]) -> bool:
    """Whether a variable is missing and may be, or has a default."""
    optional = definition.default_value is not None or not isinstance(definition.type, NonNullTypeNode)
    return definition.variable.name.value not in given and optional


def _paths(signature: GraphQLVariableSignature, value: Any) -> list[list[str | int]]:
    """The paths in the value of a variable at which graphql-core finds errors, in its order."""
    found: list[list[str | int]] = []

    def on_error(_error: GraphQLError, path: list[str | int]) -> None:
        found.append([signature.name, *path])

    validate_input_value(value, signature.type, on_error)
    return found


def _left(_value: Any) -> Any:
    raise _NotCoerced


def _required(of: Coercer) -> Coercer:
    def coerce(value: Any) -> Any:
        if value is None:
            raise _NotCoerced
        return of(value)

    return coerce


def _list(of: Coercer) -> Coercer:
    def coerce(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, list):
            raise _NotCoerced
        return [of(one) for one in value]

    return coerce


def _enum(kind: GraphQLEnumType) -> Coercer:
    values = {name: kind.coerce_input_value(name) for name in kind.values}

    def coerce(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, str) or value not in values:
            raise _NotCoerced
        return values[value]

    return coerce
