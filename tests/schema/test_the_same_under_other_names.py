"""A field that an operation selects under several aliases has the same value under each of them."""

import pytest

from tests.fixtures.served import Served

CITY = "civil_affairs@4101"
LEAVES = "code category members { name } certifications { category } region { name }"
ASKED = [
    ("{ %s }", "households(first: 2) { totalCount nodes { " + LEAVES + " } pageInfo { hasNextPage } }"),
    ("{ households(first: 2) { %s } }", "nodes { code }"),
    ("{ households(first: 2) { %s } }", "totalCount"),
    ("{ households(first: 2) { %s } }", "edges { node { code } }"),
    ("{ households(first: 2) { edges { %s } } }", "node { code aidRecords { totalCount } }"),
    ("{ households(last: 2) { pageInfo { endCursor } nodes { code %s } } }", "members { name idNumberMasked }"),
    ("{ households(first: 2) { nodes { code %s } } }", "entitlements { aidKind status }"),
    ("{ households(first: 2) { nodes { code %s } } }", "aidRecords(first: 3) { totalCount nodes { kind amount } }"),
    ("{ households(first: 2) { nodes { code %s } } }", "chain { head { number } }"),
    ("{ chainEvents(first: 9) { nodes { number %s } } }", "summaryZh"),
    ("{ aidRecords(first: 9) { nodes { kind %s } } }", "history { id status }"),
    ("{ aidRecords(first: 9) { nodes { kind ... on MedicalAid { form hospital %s } } } }", "history { id status }"),
    ("{ aidRecords(first: 9) { nodes { kind %s } } }", "household { code }"),
    ("{ %s }", 'household(code: "1") { code }'),
    ("{ %s }", 'person(idNumber: "410199190001010010") { name }'),
]  # fmt: skip


@pytest.mark.parametrize(("around", "asked"), ASKED)
def test_each_name_answers_what_it_would_answer_alone(hub: Served, around: str, asked: str) -> None:
    alone = hub.ask(CITY, around % f"a: {asked}")
    both = hub.ask(CITY, around % f"a: {asked} b: {asked}")
    assert without(both.data, "b") == alone.data
    assert without(renamed(both.data), "b") == alone.data


def without(data: object, name: str) -> object:
    """A response without one name, at any depth."""
    if isinstance(data, list):
        return [without(one, name) for one in data]
    if isinstance(data, dict):
        return {key: without(one, name) for key, one in data.items() if key != name}
    return data


def renamed(data: object) -> object:
    """A response with the names a and b exchanged."""
    if isinstance(data, list):
        return [renamed(one) for one in data]
    if isinstance(data, dict):
        return {{"a": "b", "b": "a"}.get(key, key): renamed(one) for key, one in data.items()}
    return data
