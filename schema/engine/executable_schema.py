"""The schema in the forms in which the engine executes it; `schema.hub_schema` makes it of the nouns' types."""

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import GraphQLSchema

from schema.engine.compile.guards import Guards
from schema.engine.declare.bind_parameters import KnownCodes, Named
from schema.engine.declare.inputs import Inputs


@dataclass(frozen=True, eq=False)
class ExecutableSchema:
    """`sdl` is the published definition, `guards` the scopes of every coordinate, `inputs` make the inputs of commands, `codes`
    say where the codes stand that a read may name."""

    sdl: str
    graphql: GraphQLSchema
    guards: Guards
    inputs: Inputs
    codes: Mapping[Named, KnownCodes]
