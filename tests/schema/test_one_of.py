"""In a oneOf input exactly one field is present and is not null, in a literal and in a variable (GraphQL spec 3.10.1 and
5.8.5)."""

from typing import Any

import pytest
from graphql import build_schema, get_variable_values, parse, validate
from graphql.execution.values import VariableValues

from schema.engine.execute.coercion import Coercion
from schema.engine.execute.variable_usages import RULES
from tests.fixtures.served import Served

SCHEMA = build_schema("""
  type Query { one(input: One!): Int  nullable(input: One): Int  list(input: [One!]!): Int  nested(input: In!): Int
               plain(a: String = "x", b: String! = "x", c: String!): Int }
  input One @oneOf { a: String  b: Int  one: One  tags: [String] }
  input In { one: One!  list: [One]  other: Other }   input Other @oneOf { one: One  n: Int }
""")


@pytest.mark.parametrize(
    "document",
    [
        "query ($v: String) { one(input: {a: $v}) }",
        "query ($v: String) { nullable(input: {a: $v}) }",
        "query ($v: String) { list(input: [{a: $v}]) }",
        "query ($v: String) { list(input: {a: $v}) }",
        "query ($v: One) { list(input: [$v]) }",
        "query ($v: One) { one(input: {one: $v}) }",
        "query ($v: String) { one(input: {one: {a: $v}}) }",
        "query ($v: String) { nested(input: {one: {a: $v}}) }",
        'query ($v: Int) { nested(input: {one: {a: "x"}, other: {n: $v}}) }',
        'query ($v: String) { nested(input: {one: {a: "x"}, other: {one: {a: $v}}}) }',
        "query ($v: String = null) { one(input: {a: $v}) }",
        "query ($v: [String!]) { one(input: {tags: $v}) }",
        "query ($v: Int!) { one(input: {a: $v}) }",
        "query ($v: String) { ...F } fragment F on Query { one(input: {a: $v}) }",
        "query A($v: String!) { ...F } query B($v: String) { ...F } fragment F on Query { one(input: {a: $v}) }",
        "{ one(input: {a: null}) }",
        "{ one(input: {}) }",
        '{ one(input: {a: "x", b: 1}) }',
        "query ($v: String!) { one(input: {a: $v, b: 1}) }",
        "{ nested(input: {one: {one: {a: null}}}) }",
        "query ($v: One! = {a: null}) { one(input: $v) }",
        "query ($v: String) { plain(c: $v) }",
        "query ($v: String = null) { plain(c: $v) }",
    ],
)
def test_what_may_be_null_is_refused_where_nothing_may_be_null(document: str) -> None:
    assert len(validate(SCHEMA, parse(document), RULES)) == 1


@pytest.mark.parametrize(
    "document",
    [
        "query ($v: String!) { one(input: {a: $v}) nullable(input: {a: $v}) list(input: {a: $v}) }",
        "query ($v: One!) { one(input: $v) nullable(input: $v) list(input: [$v]) nested(input: {one: $v, list: [$v]}) }",
        'query ($v: String = "x") { one(input: {a: $v}) nullable(input: {a: $v}) plain(c: $v) }',
        "query ($v: [String]!) { one(input: {tags: $v}) }",
        "query ($v: String) { one(input: {tags: [$v]}) }",
        'query ($v: One) { nullable(input: $v) nested(input: {one: {a: "x"}, list: [$v]}) }',
        'query ($v: String) { plain(a: $v, b: $v, c: "x") }',
    ],
)
def test_what_the_specification_allows_is_allowed(document: str) -> None:
    assert validate(SCHEMA, parse(document), RULES) == []


VALUES: list[Any] = [
    {"a": None}, {}, {"a": "x", "b": 1}, {"a": "x", "b": None}, {"one": {"a": None}}, {"one": {}}, {"c": 1}, {"a": "x"}, None,
    {"one": {"b": 1}}, {"tags": [None]}, {"tags": None}, "a",
]  # fmt: skip


@pytest.mark.parametrize("kind", ["One", "One!", "[One]", "In", "Other"])
@pytest.mark.parametrize("value", VALUES)
def test_the_quick_way_takes_of_a_one_of_what_graphql_core_takes(kind: str, value: Any) -> None:
    operation: Any = parse(f"query ($v: {kind}) {{ one(input: {{b: 1}}) }}").definitions[0]
    given = {"v": {"one": value} if kind in ("In", "Other") else value}
    ours = Coercion(SCHEMA).values(operation.variable_definitions, given)
    theirs = get_variable_values(SCHEMA, operation.variable_definitions, given, max_errors=20)
    assert isinstance(ours, VariableValues) is isinstance(theirs, VariableValues)
    if isinstance(ours, VariableValues) and isinstance(theirs, VariableValues):
        assert ours.coerced == theirs.coerced


AID = """{ recordAid(input: {externalId: "ONE-OF", subject: %s, program: "x", periodFrom: "2026-01-01", periodUntil: "2026-02-01",
  decidedOn: "2026-01-01", status: APPROVED, detail: {education: {form: GRANT, schoolYear: 2026, stage: PRIMARY}}})
  { created errors { code } } }"""


@pytest.mark.parametrize(
    ("declared", "subject", "variables", "code", "path"),
    [
        ("$v: ID", "{personId: $v}", {"v": "x"}, "GRAPHQL_VALIDATION_FAILED", None),
        ("$v: ID", "{personId: $v}", {}, "GRAPHQL_VALIDATION_FAILED", None),
        ("$v: ID!", "{personId: $v}", {}, "BAD_USER_INPUT", ["v"]),
        ("$v: ID!", "{personId: $v}", {"v": None}, "BAD_USER_INPUT", ["v"]),
        ('$v: ID = "x"', "{personId: $v}", {"v": None}, "BAD_USER_INPUT", ["input", "subject"]),
        ("$v: SubjectInput!", "$v", {"v": {"personId": None}}, "BAD_USER_INPUT", ["v", "personId"]),
        ("$v: SubjectInput!", "$v", {"v": {}}, "BAD_USER_INPUT", ["v"]),
        ("$v: SubjectInput!", "$v", {"v": {"personId": "x", "householdId": "x"}}, "BAD_USER_INPUT", ["v"]),
        ("$v: Boolean = true", "{personId: null} @include(if: $v)", {}, "GRAPHQL_PARSE_FAILED", None),
    ],
)
def test_the_hub_refuses_a_one_of_with_nothing_or_null_in_it_before_it_writes(
    hub: Served, declared: str, subject: str, variables: dict[str, Any], code: str, path: list[str] | None
) -> None:
    reply = hub.ask("education@410105", f"mutation ({declared}) {AID % subject}", variables)
    assert reply.status == 400
    assert reply.codes == [code]
    assert "data" not in reply.body
    assert reply.body["errors"][0]["extensions"].get("path") == path


def test_the_hub_takes_a_default_that_is_not_null(hub: Served) -> None:
    reply = hub.ask("education@410105", f'mutation ($v: ID = "x") {AID % "{personId: $v}"}')
    assert reply.data["recordAid"]["errors"] == [{"code": "INVALID_ID"}]
