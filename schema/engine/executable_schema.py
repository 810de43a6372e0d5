"""The schema in the forms in which the engine executes it; `schema.hub_schema` makes it of the nouns' types."""

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
    """`sdl` is the published definition, `guards` the scopes of every coordinate, `inputs` make the inputs of commands, `codes`
    say where the codes stand that a read may name, `note_named` notes whom an input names."""

    sdl: str
    graphql: GraphQLSchema
    guards: Guards
    inputs: Inputs
    codes: Mapping[Named, KnownCodes]
    note_named: Callable[[GraphQLInputType, Any, NamedSubjects, Secrecy], None]
