"""All data of every household that a grant opens, as signs. A sign is a short text for a value of a household or person."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLInterfaceType, get_named_type, is_composite_type

from auth.grant import Grant
from schema.engine.declare import ids
from schema.hub_schema import build
from tests.schema.fuzz.conftest import Both
from tests.schema.fuzz.inference.reviewed import NO_SIGN, SETTLED
from tests.schema.fuzz.operations import Operation

LEVELS, PAGE, LONGEST = 4, 300, 100
MANY = 5
"""From this number on, all larger counts are the same sign."""
_MONTH = len("2026-11")
_LONGEST_VALUE = 40
_NUMBERS = re.compile(r"[0-9.,/-]+")
"""Days and amounts. Without them, sentences of the same kind are equal."""
_LEADS_BACK = {"Household", "AccessRecord"}
_LISTED = {
    "AidRecord", "Recovery", "Referral", "Application", "Certification", "Circumstance", "Alert", "Visit", "Conference",
    "OverlapCase", "NearRelative", "ChainEvent",
}  # fmt: skip
"""Types that households list. At other places the existence of such an object is a sign."""
_ASKED_ELSEWHERE = {
    "Person.aidRecords", "Person.chain", "Person.entitlements", "Chain.verified", "Chain.head",
    "ChainEvent.answers", "ChainEvent.followsFrom", "ChainEvent.answeredBy", "Provenance.event",
}  # fmt: skip
"""Fields that repeat data from a household's lists: for a member, or for events before and after."""
_SENTENCES = {"ChainEvent.summary", "ChainEvent.summaryZh"}
_TOGETHER: Mapping[str, tuple[str, ...]] = {
    "Provenance": ("field", "agency", "origin"),
    "FieldChange": ("field", "before", "after"),
    "ChainEvent": ("type", "agency", "policyBasis"),
}
"""Fields of a type whose values together are a sign too: which field came from whom, and how a value changed."""


def questions(grant: Grant) -> Iterator[str]:
    """Documents that together select every field that a grant opens, from households downwards: one document for each field
    of a household or a member that leads to objects, and one for all other fields."""
    types = build().graphql.type_map
    flat: dict[str, list[str]] = {"Household": [], "Person": []}
    for name, asked in flat.items():
        for one in _fields(types[name], grant, LEVELS, (name,)):
            if "{" not in one:
                asked.append(one)
            elif not one.startswith("members "):
                yield _page(one if name == "Household" else f"members {{ __typename id {one} }}")
    household, person = (" ".join(one) for one in flat.values())
    members = grant.covers(build().guards.scopes["Household.members"])
    yield _page(f"{household} members {{ __typename {person} }}" if members else household)


def _page(body: str) -> str:
    page = f"households(first: {PAGE}, after: $after)"
    return f"query ($after: String) {{ {page} {{ pageInfo {{ endCursor hasNextPage }} nodes {{ __typename id {body} }} }} }}"


def _selection(kind: Any, grant: Grant, levels: int, within: tuple[str, ...]) -> str:
    if isinstance(kind, GraphQLInterfaceType):
        kinds = build().graphql.get_possible_types(kind)
        parts = [f"... on {one.name} {_selection(one, grant, levels, within)}" for one in kinds]
        return "{ __typename " + " ".join([*_of_all_kinds(kind, grant, levels, within), *parts]) + " }"
    return "{ __typename " + " ".join(_fields(kind, grant, levels, (*within, kind.name))) + " }"


def _of_all_kinds(kind: Any, grant: Grant, levels: int, within: tuple[str, ...]) -> list[str]:
    """Provenance, which is planned once for all kinds of aid."""
    scopes = build().guards.scopes
    if "provenance" not in kind.fields or not all(
        grant.covers(scopes[f"{one.name}.provenance"]) for one in build().graphql.get_possible_types(kind)
    ):
        return []
    answered = get_named_type(kind.fields["provenance"].type)
    return [f"provenance {_selection(answered, grant, levels - 1, within)}"]


def _fields(kind: Any, grant: Grant, levels: int, within: tuple[str, ...]) -> list[str]:
    asked = []
    for name, one in kind.fields.items():
        coordinate, answered = f"{kind.name}.{name}", get_named_type(one.type)
        if (
            coordinate in NO_SIGN | _ASKED_ELSEWHERE
            or (
                name == "provenance"
                and kind.interfaces
                and "AidRecord" in {one.name for one in kind.interfaces}
            )
            or not grant.covers(build().guards.scopes.get(coordinate, ()))
        ):
            continue
        # The `form` of each kind of aid has a type of its own.
        written = f"{kind.name}_form: form" if name == "form" else name
        if not is_composite_type(answered):
            asked.append(written)
        elif answered.name == "Agency":
            asked.append(f"{written} {{ __typename department }}")
        elif answered.name == "Person" and coordinate != "Household.members":
            asked.append(f"{written} {{ __typename id }}")
        elif answered.name in _LISTED and kind.name not in ("Household", "Person", "Chain"):
            asked.append(f"{written} {{ __typename }}")
        elif levels > 1 and answered.name not in (*_LEADS_BACK, *within):
            asked.append(_nested(written, answered, grant, levels - 1, within))
    return [one for one in asked if one]


def _nested(written: str, answered: Any, grant: Grant, levels: int, within: tuple[str, ...]) -> str:
    if not answered.name.endswith("Connection"):
        return f"{written} {_selection(answered, grant, levels, within)}"
    node = get_named_type(answered.fields["nodes"].type)
    if node.name in within:
        return ""
    return f"{written}(first: {LONGEST}) {{ nodes {_selection(node, grant, levels, within)} }}"


@dataclass
class Signs:
    """The signs of each household and of each person, by their keys."""

    of_household: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    of_person: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def read(self, one: Mapping[str, Any], household: str, person: str | None = None) -> None:
        """Add the signs of an object to its person, if it has one, and to its household."""
        kind = one["__typename"]
        if kind == "Person":
            person = _key(one["id"])
        else:
            of = [
                value
                for value in one.values()
                if isinstance(value, dict) and value.get("__typename") == "Person"
            ]
            person = _key(of[0]["id"]) if of and of[0].keys() == {"__typename", "id"} else person
        self._take_together(one, household, person)
        for key, value in one.items():
            name = f"{kind}.{key.rpartition('_')[2]}"
            if key in ("__typename", "id") or name in SETTLED:
                if key == "members":
                    for member in value:
                        self.read(member, household)
                continue
            self._take(name, value, household, person)

    def _take_together(self, one: Mapping[str, Any], household: str, person: str | None) -> None:
        """Add the values of an object that reveal more together than alone."""
        names = [name for name in _TOGETHER.get(one["__typename"], ()) if one.get(name) is not None]
        if len(names) > 1:
            values = [one[name]["department"] if isinstance(one[name], dict) else one[name] for name in names]
            of = f"{one['__typename']} {' '.join(names)}"
            self._add(f"{of}={' '.join(str(value)[:_LONGEST_VALUE] for value in values)}", household, person)

    def _take(self, name: str, value: Any, household: str, person: str | None) -> None:
        match value:
            case {"nodes": list(nodes)}:
                self._take(name, nodes, household, person)
            case {"__typename": "Agency"}:
                self._add(f"{name}={value['department']}", household, person)
            case {"__typename": "Person"}:
                pass
            case dict():
                self._add(f"{name} is there", household, person)
                self.read(value, household, person)
            case list():
                self._add(f"{name} has {min(len(value), MANY)}", household, person)
                for one in value:
                    if isinstance(one, dict):
                        self.read(one, household, person)
                    else:
                        self._add(f"{name} holds {one}", household, person)
            case str() if name in _SENTENCES:
                self._add(f"{name}={_NUMBERS.sub('', value)}", household, person)
            case str() if value[:2] == "20" and value[4:5] == "-":
                self._add(f"{name} in {value[:_MONTH]}", household, person)
            case _:
                self._add(f"{name}={value}", household, person)

    def _add(self, sign: str, household: str, person: str | None) -> None:
        self.of_household[household].add(sign)
        if person is not None:
            self.of_person[person].add(sign)


def _key(id: str) -> str:
    return str(ids.decode(id)[1][-1])


def signs(both: Both, grant: Grant) -> Signs:
    """Query everything, page by page, and collect the signs from the responses."""
    found = Signs()
    for asked in questions(grant):
        after = None
        while True:
            answer = both.ask(Operation(asked, {"after": after}), grant, reference=False)
            assert "errors" not in answer, answer["errors"][:2]
            page = answer["data"]["households"]
            for household in page["nodes"]:
                found.read(household, _key(household["id"]))
            if not page["pageInfo"]["hasNextPage"]:
                break
            after = page["pageInfo"]["endCursor"]
    return found
