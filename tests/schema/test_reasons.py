"""The errors of graphql-core have a Chinese and an English message, and never contain a value of the caller."""

import ast
import importlib
import inspect
import re
import time
from collections.abc import Iterator
from itertools import product
from types import ModuleType
from typing import Any

import pytest
from graphql import GraphQLError, build_schema, get_variable_values, parse, specified_rules, validate
from graphql.language import lexer, parser
from graphql.type import definition, scalars
from graphql.utilities import validate_input_value

from schema.engine.execute.variable_usages import RULES, VariableUsagesRule
from schema.engine.reasons import UNKNOWN, reason_of
from schema.hub_schema import build
from tests.fixtures.served import Served

SCHEMA = build_schema("""
  directive @once(of: Int!) on FIELD | FRAGMENT_SPREAD
  type Query { leaf(a: Int, e: E, b: Boolean, f: Float, s: String, id: ID, in: In, one: One): Int  some(need: Int!): [Thing]
               pet: Pet }
  type Subscription { a: Int b: Int }
  interface Thing { n: Int }   type Pet implements Thing { n: Int }   type Rock { n: Int }
  enum E { X Y }   input In { need: Int! list: [Int!] }   input One @oneOf { a: Int b: One }
""")
A_NUMBER = "410105195001010013"
OF_RULES = {
    "ExecutableDefinitionsRule": ["type T { a: Int } { leaf }", "extend schema { query: T } { leaf }"],
    "KnownOperationTypesRule": ["mutation { a }"],
    "UniqueOperationNamesRule": ["query A { leaf } query A { leaf }"],
    "LoneAnonymousOperationRule": ["{ leaf } query A { leaf }"],
    "SingleFieldSubscriptionsRule": ["subscription S { a b }", "subscription { a b }",
        "subscription S { a @skip(if: true) }", "subscription { __typename }"],
    "KnownTypeNamesRule": ["query ($a: Nothing) { leaf }"],
    "FragmentsOnCompositeTypesRule": ["{ ... on E { n } }", "{ ...F } fragment F on E { n }"],
    "VariablesAreInputTypesRule": ["query ($a: Pet) { leaf }"],
    "ScalarLeafsRule": ["{ leaf { n } }", "{ pet }"],
    "FieldsOnCorrectTypeRule": ["{ nothing }"],
    "UniqueFragmentNamesRule": ["{ ...F } fragment F on Query { leaf } fragment F on Query { leaf }"],
    "KnownFragmentNamesRule": ["{ ...Nothing }"],
    "NoUnusedFragmentsRule": ["{ leaf } fragment F on Query { leaf }"],
    "PossibleFragmentSpreadsRule": ["{ pet { ... on Rock { n } } }", "{ pet { ...F } } fragment F on Rock { n }"],
    "NoFragmentCyclesRule": ["{ ...F } fragment F on Query { ...F }",
        "{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }"],
    "UniqueVariableNamesRule": ["query ($a: Int, $a: Int) { leaf(a: $a) }"],
    "NoUndefinedVariablesRule": ["{ leaf(a: $a) }", "query A { leaf(a: $a) }"],
    "NoUnusedVariablesRule": ["query ($a: Int) { leaf }", "query A($a: Int) { leaf }"],
    "KnownDirectivesRule": ["{ leaf @nothing }", "query @skip(if: true) { leaf }"],
    "UniqueDirectivesPerLocationRule": ["{ leaf @once(of: 1) @once(of: 1) }"],
    "KnownArgumentNamesRule": ["{ leaf(nothing: 1) }", "{ leaf @once(of: 1, nothing: 1) }"],
    "UniqueArgumentNamesRule": ["{ leaf(a: 1, a: 2) }"],
    "ValuesOfCorrectTypeRule": [
        *(f"{{ leaf({name}: {value}) }}" for name in ("a", "e", "b", "f", "s", "id", "in", "one")
          for value in (f'"{A_NUMBER}"', A_NUMBER, "1.5", f"N{A_NUMBER}", f'{{x: "{A_NUMBER}"}}', f'["{A_NUMBER}"]', "true")),
        "{ leaf(in: {need: null}) }", "{ leaf(one: {a: null}) }", "{ leaf(in: {need: 1, list: [null]}) }", "{ leaf(in: {}) }"],
    "ProvidedRequiredArgumentsRule": ["{ some { n } }", "{ leaf @once }"],
    "VariableUsagesRule": ["query ($a: String) { leaf(a: $a) }", "query ($a: Int) { leaf(one: {a: $a}) }"],
    "OverlappingFieldsCanBeMergedRule": ["{ x: leaf x: pet { n } }", "{ leaf(a: 1) leaf(a: 2) }",
        "{ pet { x: n } pet { x: __typename } }"],
    "UniqueInputFieldNamesRule": ["{ leaf(in: {need: 1, need: 2}) }"],
    "MaxIntrospectionDepthRule": [
        "{ __schema { types " + "{ fields { type " * 4 + "{ name } " + "} } " * 4 + "} }"],
    "DeferStreamDirectiveLabel": ['{ ... @defer(label: "a") { leaf } ... @defer(label: "a") { leaf } }'],
    "DeferStreamDirectiveOnRootField": ["mutation { ... @defer { a } }"],
    "DeferStreamDirectiveOnValidOperationsRule": ["subscription { ... @defer { a } }"],
    "StreamDirectiveOnListField": ["{ leaf @stream(initialCount: 0) }"],
}  # fmt: skip
"""For each rule, documents that it refuses."""
NO_DOCUMENTS = [
    "", "{", "{ leaf", "query (", "{ leaf(a: ) }", "}", "nothing", 'query { leaf(s: "x) }', "{ leaf(a: 01) }", "{ leaf(a: 1.) }",
    "{ leaf(a: .5) }", "{ leaf .. }", "{ leaf(s: 'x') }", "{ leaf(s: ¥) }", '{ leaf(s: "\\q") }', '{ leaf(s: "\\u00zz") }',
    '{ leaf(s: "\\u{zz}") }', "{ leaf(s: \"a\nb\") }", '"words" { leaf }', "query ($a: Int = $b) { leaf(a: $a) }",
    "enum E { true }", "fragment on on Query { leaf }", f'{{ leaf "{A_NUMBER}" }}', f"{{ leaf {A_NUMBER} }}",
    f"{{ leaf {A_NUMBER}X }}", f'{{ leaf """{A_NUMBER}""" }}', f"{{ leaf {A_NUMBER}.5 }}", "{ leaf\x00 }", "{ leaf \ud800 }",
    '"words" extend type T { a: Int }', "{ " * 300,
]  # fmt: skip
OF_VARIABLES: list[tuple[str, Any]] = [
    *((kind, value) for kind in ("Int", "Int!", "E", "Boolean", "Float", "String", "ID", "In", "One", "[Int!]!", "Pet", "Nothing")
      for value in (None, A_NUMBER, int(A_NUMBER), 1.5, True, [A_NUMBER], {"x": A_NUMBER}, {A_NUMBER: 1}, {}, {"need": None},
                    {"a": 1, "b": {"a": 2}}, {"b": {"a": None}})),
]  # fmt: skip


def is_chinese(text: str) -> bool:
    """Whether a text is Chinese, except for names of the schema or the document in quotes, and words that are not English."""
    told = re.sub(r"“[^”]*”|true|false|GraphQL", "", text)
    return re.search(r"[\u4e00-\u9fff]", told) is not None and re.search(r"[A-Za-z]", told) is None


def assert_told(error: GraphQLError) -> None:
    """The message exists in both languages and does not contain the value."""
    reason = reason_of(error)
    assert reason.message not in (UNKNOWN.message, ""), error.message
    assert UNKNOWN.message not in reason.message, error.message
    assert UNKNOWN.message_zh not in reason.message_zh, error.message
    assert is_chinese(reason.message_zh), (error.message, reason.message_zh)
    assert A_NUMBER not in reason.message + reason.message_zh + "".join(map(str, reason.path)), error.message


def test_every_rule_has_a_document_that_it_refuses() -> None:
    assert OF_RULES.keys() >= {rule.__name__ for rule in RULES}
    assert len(RULES) == len(specified_rules)
    assert VariableUsagesRule in RULES


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_what_each_rule_says_is_told_in_chinese_and_without_values(rule: Any) -> None:
    for document in OF_RULES[rule.__name__]:
        errors = validate(SCHEMA, parse(document), [rule], hide_suggestions=True)
        for error in errors:
            assert_told(error)
    if rule.__name__[:12] not in ("DeferStreamD", "StreamDirect"):
        assert any(validate(SCHEMA, parse(one), [rule]) for one in OF_RULES[rule.__name__])


def test_too_many_errors_are_told_in_chinese() -> None:
    for error in validate(SCHEMA, parse("{ a b c d e }"), RULES, max_errors=2):
        assert_told(error)


@pytest.mark.parametrize("text", NO_DOCUMENTS)
def test_what_is_no_document_is_told_in_chinese_and_without_values(text: str) -> None:
    with pytest.raises(GraphQLError) as refused:
        parse(text, max_tokens=5000)
    assert_told(refused.value)
    assert reason_of(refused.value).message.startswith("Syntax Error: ")


def test_too_long_a_document_is_told_in_chinese() -> None:
    with pytest.raises(GraphQLError) as refused:
        parse("{ a b c d e }", max_tokens=3)
    assert_told(refused.value)


@pytest.mark.parametrize(("kind", "value"), OF_VARIABLES)
def test_a_value_that_cannot_be_used_is_told_in_chinese_and_not_repeated(kind: str, value: Any) -> None:
    operation: Any = parse(f"query ($v: {kind}) {{ leaf }}").definitions[0]
    values = get_variable_values(SCHEMA, operation.variable_definitions, {"v": value}, hide_suggestions=True)
    for error in values if isinstance(values, list) else []:
        assert_told(error)
        assert "“v”" in reason_of(error).message_zh


def _texts(node: ast.expr) -> list[str]:
    """The texts of a message; `7` stands for each value that is filled in."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=parts):
            return ["".join(some) for some in product(*(_texts(part) for part in parts))]
        case ast.FormattedValue(value=ast.IfExp() as chosen):
            return _texts(chosen)
        case ast.IfExp(body=one, orelse=other):
            return _texts(one) + _texts(other)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [a + b for a, b in product(_texts(left), _texts(right))]
    return ["7"]


def _messages(module: ModuleType, *, of: tuple[str, ...], place: int) -> Iterator[str]:
    """The messages that a module of graphql-core passes to its errors."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in of and len(node.args) > place:
            yield from (text for text in _texts(node.args[place]) if re.search(r"[a-z]{3}", text))
        if (
            isinstance(node, ast.Assign)
            and getattr(node.targets[0], "id", "") in ("msg", "message")
            and module in (scalars, lexer)
        ):
            yield from (text for text in _texts(node.value) if re.search(r"[a-z]{3}", text))


def _of_graphql_core() -> Iterator[tuple[str, bool]]:
    rules = [inspect.getmodule(rule) for rule in specified_rules]
    for module in (*rules, scalars):
        assert module is not None
        yield from ((text, False) for text in _messages(module, of=("GraphQLError",), place=0))
    reports = ("report_invalid_value", "report_invalid_literal")
    yield from ((text, False) for text in _messages(validate_input_value_module(), of=reports, place=1))
    for module in (lexer, parser):
        yield from ((text, True) for text in _messages(module, of=("GraphQLSyntaxError",), place=2))


def validate_input_value_module() -> ModuleType:
    """The module, which the function of the same name hides."""
    assert callable(validate_input_value)
    return importlib.import_module("graphql.utilities.validate_input_value")


@pytest.mark.parametrize(("text", "syntax"), sorted(set(_of_graphql_core())))
def test_every_message_that_graphql_core_can_give_has_its_chinese(text: str, syntax: bool) -> None:
    """The messages are read from graphql-core itself, so that a new message of a new version fails here."""
    if "Output" in text or text.startswith(("Missing", "Unsupported")):
        pytest.skip("no message of a refusal")
    assert_told(GraphQLError(f"Syntax Error: {text}" if syntax else text))


def test_a_message_that_nobody_knows_is_told_without_its_words() -> None:
    reason = reason_of(GraphQLError(f"Something new about {A_NUMBER}"))
    assert reason == UNKNOWN
    assert is_chinese(reason.message_zh)


@pytest.mark.parametrize(
    "value", ["x" * 500_000, "'. found: " * 50_000, {"', found: ": "'. Found: " * 50_000}, [["'"] * 9000] * 9]
)
def test_a_long_value_is_refused_at_once(value: Any) -> None:
    operation: Any = parse("query ($a: Int, $b: E, $c: In, $d: One) { leaf }").definitions[0]
    given = dict.fromkeys("abcd", value)
    values = get_variable_values(SCHEMA, operation.variable_definitions, given, hide_suggestions=True)
    assert isinstance(values, list)
    started = time.perf_counter()
    for error in values:
        assert reason_of(error).path[0] in given
    assert time.perf_counter() - started < 0.05


def test_what_a_scalar_of_ours_says_keeps_its_place() -> None:
    inner = GraphQLError(
        "A date is written as 2026-03-31.", extensions={"messageZh": "日期写作 2026-03-31。"}
    )
    outer = GraphQLError(
        f"Variable '$v' has invalid value at .days[2].from: {inner.message}", original_error=inner
    )
    reason = reason_of(outer)
    assert reason.message_zh == "变量“v”中的“days.2.from”:日期写作 2026-03-31"
    assert reason.path == ("v", "days", 2, "from")


def scalars_and_enums() -> list[str]:
    """Every input type of the hub that is not an input object."""
    kinds = build().graphql.type_map.values()
    return [
        kind.name
        for kind in kinds
        if isinstance(kind, definition.GraphQLScalarType | definition.GraphQLEnumType) and kind.name[0] != "_"
    ]


@pytest.mark.parametrize("value", [{"idNumber": A_NUMBER}, [[A_NUMBER]], f" {A_NUMBER} ", float(A_NUMBER)])
def test_no_value_of_any_type_stands_in_an_answer_of_the_hub(hub: Served, value: Any) -> None:
    for kind in scalars_and_enums():
        reply = hub.ask("education@4101", f"query ($v: {kind}) {{ viewer {{ client }} }}", {"v": value})
        assert "410105195" not in str(reply.body), kind
        for error in reply.body["errors"]:
            assert error["extensions"]["code"] in ("BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED")
            assert is_chinese(error["extensions"]["messageZh"]), error


def test_a_refused_document_is_told_in_chinese_by_the_served_hub(hub: Served) -> None:
    for query, code in (
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ viewer {", "GRAPHQL_PARSE_FAILED"),
        ('{ households(first: "2") { totalCount } }', "GRAPHQL_VALIDATION_FAILED"),
    ):
        reply = hub.ask("education@4101", query)
        assert reply.codes == [code]
        assert is_chinese(reply.body["errors"][0]["extensions"]["messageZh"]), reply.body
