"""The allowed positions of variables (GraphQL spec, September 2025, 5.8.5: All Variable Usages Are Allowed).

graphql-core's rule overlooks a oneOf input whose own type is not null (`subject: SubjectInput!`), as all of ours are. In
other places it refuses a variable with a non-null default, which the specification allows.
"""

from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLNonNull,
    ObjectFieldNode,
    OperationDefinitionNode,
    ValidationContext,
    ValidationRule,
    VariableDefinitionNode,
    VariableNode,
    VariablesInAllowedPositionRule,
    get_named_type,
    is_non_null_type,
    specified_rules,
    type_from_ast,
)
from graphql.validation.rules.variables_in_allowed_position import allowed_variable_usage
from graphql.validation.validation_context import VariableUsage


class VariableUsagesRule(ValidationRule):
    """IsVariableUsageAllowed and IsNonNullPosition: a field of a oneOf input is a non-null position."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._in_one_of: set[int] = set()

    def enter_object_field(self, node: ObjectFieldNode, *_: Any) -> None:
        """Note a variable in a oneOf input, by its node."""
        owner = get_named_type(self.context.get_parent_input_type())
        if isinstance(owner, GraphQLInputObjectType) and owner.is_one_of:
            self._in_one_of.add(id(node.value))

    def leave_document(self, document: DocumentNode, *_: Any) -> None:
        """Check every usage of every operation, also in fragments, once all are known."""
        for operation in document.definitions:
            if isinstance(operation, OperationDefinitionNode):
                definitions = {one.variable.name.value: one for one in operation.variable_definitions or ()}
                for usage in self.context.get_recursive_variable_usages(operation):
                    if definition := definitions.get(usage.node.name.value):
                        self._look(definition, usage)

    def _look(self, definition: VariableDefinitionNode, usage: VariableUsage) -> None:
        schema, node = self.context.schema, usage.node
        given, wanted = type_from_ast(schema, definition.type), self._wanted(node, usage.type)
        if given is None or wanted is None:
            return  # another rule reports it
        if not allowed_variable_usage(schema, given, definition.default_value, wanted, usage.default_value):
            told = (
                f"Variable '${node.name.value}' of type '{given}' used in position expecting type '{wanted}'."
            )
            self.report_error(GraphQLError(told, [definition, node]))

    def _wanted(self, node: VariableNode, type_: Any) -> Any:
        if type_ is not None and id(node) in self._in_one_of and not is_non_null_type(type_):
            return GraphQLNonNull(type_)
        return type_


RULES = tuple(
    VariableUsagesRule if rule is VariablesInAllowedPositionRule else rule for rule in specified_rules
)
"""The validation rules for documents."""
