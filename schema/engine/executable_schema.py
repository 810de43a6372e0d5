"""The schema in the forms that the engine executes; `schema.hub_schema` makes it from the nouns' types."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLInputType, GraphQLSchema

from hub.foundation.encryption import Secrecy
from hub.ledger.named_subjects import NamedSubjects
from schema.engine.compile.guards import Guards
from schema.engine.declare.bind_parameters import KnownCodes, Named
from schema.engine.declare.inputs import Inputs


@dataclass(frozen=True, eq=False)
class ExecutableSchema:
    """`sdl` is the published definition, `guards` the scopes of every coordinate, `inputs` make the inputs of commands,
    `codes` are the columns of the public codes that a read may name, `note_named` notes the subjects that an input names."""

    sdl: str
    graphql: GraphQLSchema
    guards: Guards
    inputs: Inputs
    codes: Mapping[Named, KnownCodes]
    note_named: Callable[[GraphQLInputType, Any, NamedSubjects, Secrecy], None]
