"""The contract that is checked: the printed SDL, reduced to the part that plain Python covers, and the scopes in it."""

from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from graphql import (
    REMOVE,
    DocumentNode,
    FieldDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    InputValueDefinitionNode,
    ListValueNode,
    ObjectTypeDefinitionNode,
    StringValueNode,
    Visitor,
    build_ast_schema,
    parse,
    visit,
)

SDL = Path(__file__).parents[4] / "schema" / "schema.graphql"

KINDS = {
    "BASIC_LIVING": "BasicLivingAid", "MEDICAL": "MedicalAid", "EDUCATION": "EducationAid", "HOUSING": "HousingAid",
    "EMPLOYMENT": "EmploymentAid", "DISASTER": "DisasterAid", "TEMPORARY": "TemporaryAid", "SERVICE": "ServiceAid",
    "OTHER": "OtherAid", "CHARITY": "CharityAid", "RELAPSE_PREVENTION": "RelapsePreventionAid",
}  # fmt: skip
"""The type of each kind of aid (46-3)."""
LISTED = ("Household", "AidRecord", "Referral", "Alert", "Visit")
"""The types that have connections."""
NODES = ("Household", "Person", "AidRecord", "Referral", "Certification", "Circumstance", "Alert", "Visit")
ROOT = ("node", "household", "person", "households", "aidRecords", "referrals", "alerts", "visits")
COVERED = {
    "Query", "PageInfo", "AidPeriod", "Region", "Agency", *NODES, *KINDS.values(), "Node",
    *(f"{name}{part}" for name in LISTED for part in ("Connection", "Edge")),
}  # fmt: skip
_OF_AID = {"provenance", "recoveries", "programme"}
NOT_COVERED: Mapping[str, Collection[str]] = {
    "Household": {
        "recoveries", "applications", "conferences", "overlapCases", "entitlements", "chain", "accessRecords",
        "accessNotices", "provenance", "entitlementsWithheld", "alertsWithheld",
    },
    "Person": {
        "monthlySupplement", "entitlements", "entitlementsWithheld", "provenance", "chain", "accessRecords", "accessNotices",
        "searches",
    },
    "Referral": {"application", "asSent"},
    "Certification": {"provenance", "nearRelatives"},
    "Circumstance": {"provenance"},
    "Alert": {"words", "wordsZh", "conference", "overlapCase"},
    **dict.fromkeys(("AidRecord", *KINDS.values()), _OF_AID),
    "HouseholdFilter": {"missing"},
}  # fmt: skip
"""Fields of the covered types, and of their filters, that plain Python does not implement: they lead to other types, are
words of the glossary, or are evaluations with tests of their own (entitlements, supplements)."""
_CURSORS = {"after", "before"}
"""Arguments whose values only a response contains. Tests of pages walk through them."""


class _Cut(Visitor):
    """Removes the parts that are not covered."""

    def __init__(self) -> None:
        super().__init__()
        self._of = ""

    def enter(self, node: Any, *_: Any) -> Any:
        kind = node.kind
        if kind in ("object_type_definition", "interface_type_definition", "input_object_type_definition"):
            self._of = node.name.value
            if kind != "input_object_type_definition" and self._of not in COVERED:
                return REMOVE
        if isinstance(node, FieldDefinitionNode) and self._left_out(node.name.value):
            return REMOVE
        if isinstance(node, InputValueDefinitionNode) and (
            node.name.value in _CURSORS or node.name.value in NOT_COVERED.get(self._of, ())
        ):
            return REMOVE
        return None

    def _left_out(self, name: str) -> bool:
        return name in NOT_COVERED.get(self._of, ()) or (self._of == "Query" and name not in ROOT)


@cache
def printed() -> DocumentNode:
    """The whole printed SDL."""
    return parse(SDL.read_text(encoding="utf-8"), no_location=True)


@cache
def covered_schema() -> GraphQLSchema:
    """The schema of the covered part. Operations are drawn from it and run on it."""
    kept = visit(printed(), _Cut())
    definitions = [
        node for node in kept.definitions if node.kind not in ("schema_definition", "schema_extension")
    ]
    return build_ast_schema(DocumentNode(definitions=tuple(definitions)), assume_valid=True)


@cache
def scopes_of() -> Mapping[str, tuple[frozenset[str], ...]]:
    """The scope sets of `@requiresScopes` in the SDL, by coordinate."""
    found: dict[str, tuple[frozenset[str], ...]] = {}
    for kind in printed().definitions:
        if not isinstance(kind, ObjectTypeDefinitionNode):
            continue
        for field in kind.fields or ():
            for directive in field.directives or ():
                if directive.name.value == "requiresScopes":
                    (given,) = directive.arguments or ()
                    assert isinstance(given.value, ListValueNode)
                    coordinate = f"{kind.name.value}.{field.name.value}"
                    found[coordinate] = tuple(map(_words, given.value.values))
    return found


def _words(one: Any) -> frozenset[str]:
    assert isinstance(one, ListValueNode)
    return frozenset(word.value for word in one.values if isinstance(word, StringValueNode))


def open_to(coordinate: str, scopes: Collection[str]) -> bool:
    """Whether scopes open a coordinate: they contain one of its sets; a coordinate without sets is open."""
    sets = scopes_of().get(coordinate, ())
    return not sets or any(one <= set(scopes) for one in sets)


def fields_of(name: str) -> set[str]:
    """The covered fields of a type."""
    kind = covered_schema().type_map[name]
    assert isinstance(kind, GraphQLObjectType)
    return set(kind.fields)
