"""Builds the schema once: from Strawberry's types to graphql-core's schema with its guards."""

from functools import cache

import strawberry
from graphql import GraphQLInputObjectType
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryObjectDefinition

from hub.foundation.database import table_of
from hub.foundation.texts import InvalidValue
from hub.model.agencies import AgencyRow
from hub.model.regions import RegionRow
from schema.aid.mutations import AidMutations
from schema.aid.types import KINDS
from schema.alerts.mutations import AlertMutations
from schema.applications.mutations import ApplicationMutations
from schema.certifications.mutations import CertificationMutations
from schema.circumstances.mutations import CircumstanceMutations
from schema.conferences.mutations import ConferenceMutations
from schema.county_options.mutations import CountyOptionMutations
from schema.disclosures.mutations import DisclosureMutations
from schema.engine.compile.guards import read_guards
from schema.engine.declare.bind_parameters import KnownCodes, Named
from schema.engine.declare.inputs import Inputs
from schema.engine.declare.scalars import SCALARS
from schema.engine.executable_schema import ExecutableSchema
from schema.households.mutations import HouseholdMutations
from schema.liability.mutations import LiabilityMutations
from schema.near_relatives.mutations import NearRelativeMutations
from schema.offers.mutations import OfferMutations
from schema.overlaps.mutations import OverlapMutations
from schema.persons.named import note_named
from schema.queries import Query
from schema.recoveries.mutations import RecoveryMutations
from schema.referrals.mutations import ReferralMutations


@strawberry.type(description="写入 Every write; each returns its object and its errors in the same response")
class Mutation(
    AidMutations,
    AlertMutations,
    HouseholdMutations,
    ApplicationMutations,
    CertificationMutations,
    CircumstanceMutations,
    ConferenceMutations,
    CountyOptionMutations,
    DisclosureMutations,
    LiabilityMutations,
    NearRelativeMutations,
    OfferMutations,
    OverlapMutations,
    RecoveryMutations,
    ReferralMutations,
):
    """写入."""


CODES = {
    Named.REGION: KnownCodes(
        table_of(RegionRow).c.code,
        InvalidValue(
            "no region has this code; the codes are those of GB/T 2260 and GB/T 10114, as in 410105",
            "没有此代码的行政区划,请按 GB/T 2260、GB/T 10114 填写,如 410105",
        ),
    ),
    Named.AGENCY: KnownCodes(
        table_of(AgencyRow).c.id,
        InvalidValue(
            "no agency has this code; it is department@region, as in education@410105",
            "没有此代码的单位,代码写作 部门@区划,如 education@410105",
        ),
    ),
}


@cache
def build() -> ExecutableSchema:
    """Build the schema; raises UnguardedField where a declaration does not hold."""
    schema = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        types=KINDS,
        config=StrawberryConfig(auto_camel_case=True, scalar_map=SCALARS),
    )
    # Strawberry cannot describe an argument of a directive.
    guard = schema._schema.get_directive("requiresScopes")
    assert guard is not None
    guard.args["scopes"].description = "权限组合 Sets of scopes: all of one set are needed"
    definitions = {
        name: converted.definition
        for name, converted in schema.schema_converter.type_map.items()
        if isinstance(converted.definition, StrawberryObjectDefinition)
    }
    names = schema.config.name_converter
    for kind in schema._schema.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            # Set here: Strawberry's own check of one-of inputs does not report the path of the error.
            kind.is_one_of = definitions[kind.name].is_one_of
    return ExecutableSchema(
        schema.as_str(), schema._schema, read_guards(definitions, names), Inputs(names), CODES, note_named
    )
