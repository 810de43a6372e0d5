"""Each scalar has one form, the same as a literal and in a variable."""

from decimal import Decimal
from typing import Any

import pytest
from graphql import GraphQLError, GraphQLScalarType, StringValueNode, parse_value

from schema.hub_schema import build


def scalar(name: str) -> GraphQLScalarType:
    """A scalar of the built schema."""
    found = build().graphql.type_map[name]
    assert isinstance(found, GraphQLScalarType)
    return found


def taken(name: str, value: Any) -> Any:
    """The value that a scalar makes of a variable."""
    return scalar(name).coerce_input_value(value)


@pytest.mark.parametrize("written", ["1500", "1500.0", "1500.00", "1500.000", 1500])
def test_an_amount_is_one_however_many_zeros_it_has(written: Any) -> None:
    assert str(taken("Decimal", written)) == "1500.00"


@pytest.mark.parametrize(
    ("written", "exact"), [("0.10", "0.10"), ("-0", "0.00"), ("9999999999.99", "9999999999.99")]
)
def test_an_amount_is_exact(written: str, exact: str) -> None:
    assert taken("Decimal", written) == Decimal(exact)
    assert str(taken("Decimal", written)) == exact


@pytest.mark.parametrize(
    "written",
    ["1_500", "１５００", "५००", "1e3", "+5", " 5 ", "1,500", ".5", "5.", "05", "", "nan", "sNaN", "inf", "1e400", 0.1, 1500.0,
     True, 10**40, None, ["1"]],
)  # fmt: skip
def test_an_amount_is_written_in_no_other_way(written: Any) -> None:
    with pytest.raises(GraphQLError, match=r"1500\.00"):
        taken("Decimal", written)


@pytest.mark.parametrize(
    "written",
    ["20260101", "2026-W01-1", "2026-001", "2026-1-1", "２０２６-01-01", " 2026-01-01", "2026-02-30", 5],
)
def test_a_date_is_written_in_one_way(written: Any) -> None:
    with pytest.raises(GraphQLError, match="2026-03-31"):
        taken("Date", written)


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-03-31T08:00:00+08:00", "2026-03-31T00:00:00.000000Z"),
        ("2026-03-31T00:00:00Z", "2026-03-31T00:00:00.000000Z"),
        ("2026-03-31t00:00:00z", "2026-03-31T00:00:00.000000Z"),
        ("2026-03-31T00:00:00.5-00:00", "2026-03-31T00:00:00.500000Z"),
        ("2026-03-31T00:00:00.123456789Z", "2026-03-31T00:00:00.123456Z"),
    ],
)
def test_an_instant_is_written_as_rfc_3339_says(written: str, utc: str) -> None:
    assert scalar("DateTime").coerce_output_value(taken("DateTime", written)) == utc


@pytest.mark.parametrize(
    "written",
    ["2026-03-31T08:00:00", "2026-03-31 08:00:00Z", "2026-03-31T08:00Z", "20260331T080000Z", "2026-03-31T08:00:00+0800",
     "2026-03-31T08:00:00+08", "2026-W14-2T08:00:00Z", "2026-03-31T24:00:00Z", "2026-03-31T08:00:00,5Z", "2026-03-31",
     "2026-12-31T23:59:60Z", "２０２６-03-31T08:00:00Z", "2026-03-31T08:00:00+24:00", 5],
)  # fmt: skip
def test_an_instant_is_written_in_no_other_way(written: Any) -> None:
    with pytest.raises(GraphQLError, match=r"instant|leap second"):
        taken("DateTime", written)


@pytest.mark.parametrize("name", ["Decimal", "Date", "DateTime"])
def test_a_literal_is_read_as_a_variable_is(name: str) -> None:
    literals = {
        '"1500"': "1500",
        "1500": 1500,
        "1500.5": 1500.5,
        "1e3": 1e3,
        '"1e3"': "1e3",
        '"2026-01-01"': "2026-01-01",
        '"20260101"': "20260101",
        '"2026-03-31T08:00:00Z"': "2026-03-31T08:00:00Z",
        "true": True,
    }
    of = scalar(name)

    def made(read: Any, value: Any) -> Any:
        try:
            return read(value)
        except GraphQLError as error:
            return error.message, error.extensions

    for literal, value in literals.items():
        assert made(of.coerce_input_literal or of.parse_literal, parse_value(literal)) == made(
            of.coerce_input_value, value
        ), literal
    assert isinstance(parse_value('"1"'), StringValueNode)


@pytest.mark.parametrize("name", ["Decimal", "Date", "DateTime"])
def test_a_scalar_says_its_form_in_both_languages_with_an_example_and_where_it_is_specified(
    name: str,
) -> None:
    of = scalar(name)
    assert of.specified_by_url is not None
    assert of.specified_by_url.startswith("https://")
    assert of.description is not None
    assert any(example in of.description for example in ("2026-03-31", '"1500.00"'))
    assert not of.description.isascii()
    with pytest.raises(GraphQLError) as refused:
        taken(name, "nonsense")
    assert not (refused.value.extensions or {})["messageZh"].isascii()
