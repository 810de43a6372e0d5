"""Executes a query: graphql-core walks the document, and each field is looked up in the rows."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLResolveInfo,
    Visitor,
    execute_sync,
    parse,
    value_from_ast_untyped,
    visit,
)

from tests.schema.fuzz.plain.contract import covered_schema, open_to
from tests.schema.fuzz.plain.facts import Facts
from tests.schema.fuzz.plain.lists import LARGEST_PAGE, NotCovered, Page, Refused, filtered, ordered, paged
from tests.schema.fuzz.plain.objects import Object, Opaque, objects, of_page, value_of
from tests.schema.fuzz.plain.sight import Sight
from tests.schema.fuzz.plain.tables import Row, Tables

TABLE_OF = {
    "Household": "household",
    "Person": "person",
    "AidRecord": "aid_record",
    "Referral": "referral",
    "Certification": "certification",
    "Circumstance": "circumstance",
    "Alert": "alert",
    "Visit": "visit",
}
NODE_NEEDS = {
    "Household": "Household.version",
    "Person": "Person.name",
    "AidRecord": "OtherAid.kind",
    "Referral": "Referral.status",
    "Certification": "Certification.category",
    "Circumstance": "Circumstance.kind",
    "Alert": "Alert.status",
    "Visit": "Visit.found",
}
"""For each type a field that stands for the whole object: a caller who may not read it does not learn that the object exists."""
LISTS = {
    "households": "Household",
    "aidRecords": "AidRecord",
    "referrals": "Referral",
    "alerts": "Alert",
    "visits": "Visit",
}
Path = tuple[str | int, ...]


@dataclass
class Answer:
    """The data, the paths of forbidden nulls with their coordinates, and whether the operation is refused as a whole."""

    data: Any = None
    forbidden: dict[Path, str] = field(default_factory=dict)
    refused: bool = False
    skipped: str | None = None

    @property
    def of_coordinates(self) -> Counter[str]:
        """The number of nulls of each forbidden coordinate."""
        return Counter(self.forbidden.values())


@dataclass
class Plain:
    """Dumped tables, queried as an agency with scopes. `known`: ids that a query may contain, with their objects."""

    tables: Tables
    known: Mapping[str, tuple[Any, ...]]
    today: date
    now: datetime

    @cached_property
    def numbers(self) -> set[str]:
        """Every identity number."""
        return {row["id_number"] for row in self.tables.rows["person"]}

    def answer(
        self,
        query: str,
        variables: Mapping[str, Any],
        agency: str,
        regions: tuple[str, ...],
        scopes: frozenset[str],
    ) -> Answer:
        """Execute a query."""
        document = parse(query)
        if page := _refused_page(document, variables):
            return Answer(skipped=page)
        asked = _Asked(self, Facts(Sight(self.tables, agency, regions, scopes), self.today, self.now))
        result = execute_sync(
            covered_schema(),
            document,
            variable_values=dict(variables),
            field_resolver=asked.resolve,
            type_resolver=lambda one, *_: one.type,
        )
        for error in result.errors or ():
            match error.original_error:
                case Refused():
                    return Answer(refused=True)
                case NotCovered() as reason:
                    asked.result.skipped = str(reason)
                case _:
                    raise error
        asked.result.data = result.data
        return asked.result


def _refused_page(document: DocumentNode, variables: Mapping[str, Any]) -> str | None:
    """Why the hub refuses a page anywhere in a document, even if no row leads to it."""

    class Pages(Visitor):
        found: str | None = None

        def enter_field(self, node: FieldNode, *_: Any) -> None:
            sizes = [one.value for one in node.arguments or () if one.name.value in ("first", "last")]
            given = [value_from_ast_untyped(one, dict(variables)) for one in sizes]
            if len(given) > 1 or not all(0 <= one <= LARGEST_PAGE for one in given):
                self.found = f"a page of {given}"

    pages = Pages()
    visit(document, pages)
    return pages.found


@dataclass(frozen=True)
class _Listed:
    """A page, with the agency, connection and order of its cursors."""

    page: Page
    connection: tuple[Any, ...]

    def cursor(self, row: Row) -> Opaque:
        """The cursor of a row."""
        return Opaque(("cursor", *self.connection, row.get("household_id"), row["id"]))


@dataclass
class _Asked:
    """One operation while it runs."""

    plain: Plain
    facts: Facts
    result: Answer = field(default_factory=Answer)

    def resolve(self, source: Any, info: "GraphQLResolveInfo[Any]", **given: Any) -> Any:
        """The value of a field."""
        coordinate = f"{info.parent_type.name}.{info.field_name}"
        if not open_to(coordinate, self.facts.scopes):
            self.result.forbidden[tuple(info.path.as_list())] = coordinate
            return None
        match source:
            case None:
                value = self._root(info.field_name, given)
            case Object():
                value = value_of(self.facts, source, info.field_name, given)
            case _Listed():
                value = of_page(source.page, info.field_name, source.cursor)
                return source if value is source.page else value
            case (cursor, node):
                return cursor if info.field_name == "cursor" else node
        if isinstance(value, Page):
            order = given.get("orderBy") or {}
            of = self.facts.sight.agency, coordinate, order.get("field"), order.get("direction")
            return _Listed(value, of)
        return value

    def _root(self, name: str, given: Mapping[str, Any]) -> Any:
        match name:
            case "node":
                return self._node(given["id"])
            case "household":
                return self._household(given["code"])
            case "person":
                return self._person(given["idNumber"])
        of = LISTS[name]
        current = {"superseded_at": None} if of == "AidRecord" else {}
        rows = self.facts.sight.rows(TABLE_OF[of], **current)
        kept = filtered(self.facts, of, rows, given.get("filter"))
        whole = ordered(self.facts, of, kept, given.get("orderBy"))
        return paged(of, whole, given.get("first"), given.get("last"))

    def _node(self, text: str) -> Object | None:
        if text not in self.plain.known:
            raise NotCovered(f"not an id: {text!r}")
        word, *key = self.plain.known[text]
        if not open_to(NODE_NEEDS[word], self.facts.scopes):
            return None
        of_household = {} if word == "Household" else {"household": key[0]}
        current = {"superseded_at": None} if word == "AidRecord" else {}
        rows = list(self.facts.sight.rows(TABLE_OF[word], **of_household, id=key[-1], **current))
        return next(iter(objects(word, rows)), None)

    def _household(self, code: str) -> Object | None:
        if not (code.isascii() and code.replace("-", "").isalnum()):
            raise NotCovered(f"not a code: {code!r}")
        return next((Object("Household", row) for row in self.facts.sight.rows("household", code=code)), None)

    def _person(self, number: str) -> Object | None:
        found = list(self.facts.sight.rows("person", id_number=number, left_on=None))
        if len(found) > 1 or number not in self.plain.numbers:
            raise NotCovered(f"several persons, or not an identity number: {number!r}")
        return Object("Person", found[0]) if found else None
