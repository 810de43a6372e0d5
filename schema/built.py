"""The schema, built once: Strawberry's types in, graphql-core's schema and the guards out."""

from dataclasses import dataclass
from functools import cache

import strawberry
from graphql import GraphQLInputObjectType, GraphQLSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryObjectDefinition

from schema.aid import KINDS
from schema.aid_mutations import AidMutations
from schema.alert_mutations import AlertMutations
from schema.application_mutations import ApplicationMutations
from schema.certification_mutations import CertificationMutations
from schema.circumstance_mutations import CircumstanceMutations
from schema.compile.guards import Guards, read_guards
from schema.conference_mutations import ConferenceMutations
from schema.disclosure_mutations import DisclosureMutations
from schema.household_mutations import HouseholdMutations
from schema.inputs import Inputs
from schema.near_relative_mutations import NearRelativeMutations
from schema.offer_mutations import OfferMutations
from schema.overlap_mutations import OverlapMutations
from schema.queries import Query
from schema.recovery_mutations import RecoveryMutations
from schema.referral_mutations import ReferralMutations
from schema.scalars import SCALARS


@strawberry.type(description="写入 Every write; each answers its object and its errors in the same response")
class Mutation(
    AidMutations,
    AlertMutations,
    HouseholdMutations,
    ApplicationMutations,
    CertificationMutations,
    CircumstanceMutations,
    ConferenceMutations,
    DisclosureMutations,
    NearRelativeMutations,
    OfferMutations,
    OverlapMutations,
    RecoveryMutations,
    ReferralMutations,
):
    """写入."""


@dataclass(frozen=True)
class Built:
    """The schema in the forms that are needed."""

    sdl: str
    graphql: GraphQLSchema
    guards: Guards
    inputs: Inputs


@cache
def build() -> Built:
    """Build the schema; raises UnguardedField where a declaration does not hold."""
    schema = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        types=KINDS,
        config=StrawberryConfig(auto_camel_case=True, scalar_map=SCALARS),
    )
    # Strawberry has no way to describe an argument of a directive of the schema's own.
    guard = schema._schema.get_directive("requiresScopes")
    assert guard is not None
    guard.args["scopes"].description = "权限组合 Sets of scopes: all of one set are needed"
    definitions = {
        name: one.definition
        for name, one in schema.schema_converter.type_map.items()
        if isinstance(one.definition, StrawberryObjectDefinition)
    }
    names = schema.config.name_converter
    for one in schema._schema.type_map.values():
        if isinstance(one, GraphQLInputObjectType):
            # Strawberry would look itself, and cannot say where it found fault.
            one.is_one_of = definitions[one.name].is_one_of
    return Built(schema.as_str(), schema._schema, read_guards(definitions, names), Inputs(names))
