"""What an access record holds of the variables that were sent has bounds: a hundred paths, twenty items of a list, two hundred
characters of a path."""

from typing import Any

import pytest

from tests.fixtures.served import Served

AUDIT, STREET = "audit@4101", "civil_affairs@410105001"


def recorded(hub: Served, agency: str, document: str, variables: dict[str, Any]) -> list[str]:
    """The paths in the record of a request whose operation is named Sent."""
    assert hub.ask(agency, document, variables).codes == []
    asked = '{ accessRecords(first: 1, filter: {operation: "Sent"}) { nodes { variables } } }'
    (found,) = hub.ask(AUDIT, asked).data["accessRecords"]["nodes"]
    return list(found["variables"])


@pytest.mark.parametrize(("sent", "kept"), [(99, 99), (100, 100), (101, 100)])
def test_a_record_holds_a_hundred_paths(writable_hub: Served, sent: int, kept: int) -> None:
    names = [f"variable{place}" for place in range(sent)]
    declared = ", ".join(f"${name}: Int" for name in names)
    used = " ".join(f"{name}: households(first: ${name}) {{ nodes {{ code }} }}" for name in names)
    document = f"query Sent({declared}) {{ {used} }}"
    assert recorded(writable_hub, STREET, document, dict.fromkeys(names, 0)) == names[:kept]


@pytest.mark.parametrize(("items", "told"), [(19, True), (20, True), (21, False)])
def test_a_record_tells_the_fields_of_twenty_items_of_a_list(
    writable_hub: Served, items: int, told: bool
) -> None:
    document = """mutation Sent($input: UpsertHouseholdsInput!) {
      upsertHouseholds(input: $input) { outcomes { errors { code } } } }"""
    households: list[dict[str, Any]] = [{"code": "", "members": []} for _ in range(items)]
    households[-1]["address"] = "经八路3号"
    paths = recorded(writable_hub, STREET, document, {"input": {"households": households}})
    assert paths[0] == f"input.households[{items}]"
    assert "input.households[].code" in paths
    assert ("input.households[].address" in paths) is told


@pytest.mark.parametrize(("length", "kept"), [(199, 199), (200, 200), (201, 200)])
def test_a_record_holds_two_hundred_characters_of_a_path(
    writable_hub: Served, length: int, kept: int
) -> None:
    name = "n" * length
    document = f"query Sent(${name}: Int) {{ households(first: ${name}) {{ totalCount }} }}"
    assert recorded(writable_hub, STREET, document, {name: 1}) == ["n" * kept]
