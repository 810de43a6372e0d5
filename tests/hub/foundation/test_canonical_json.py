"""The canonical form that the ledger hashes follows RFC 8785."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from hub.foundation.canonical_json import NotCanonical, canonical, whole

LARGEST = 2**53 - 1
"""RFC 8785 section 3.2.2.3: numbers are IEEE 754 doubles, which represent every integer up to this one."""

SCALARS = st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | st.text()
KEYS = st.text(st.characters(max_codepoint=127))
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20)


@given(VALUES)
def test_it_is_byte_for_byte_what_the_reference_makes(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@given(st.dictionaries(KEYS, SCALARS, min_size=2))
def test_the_order_in_which_an_object_was_written_does_not_show(value: dict[str, Any]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


@pytest.mark.parametrize(
    "value",
    [1.0, 0.1, float("nan"), float("inf"), {"金额": "1.00"}, {1: "one"}, LARGEST + 1, -LARGEST - 1, 2**70],
    ids=repr,
)
def test_what_has_no_single_form_is_refused_at_any_depth(value: Any) -> None:
    for nested in (value, [value], {"a": {"b": [None, value]}}, ("x", (value,))):
        with pytest.raises(NotCanonical):
            canonical(nested)


@dataclass(frozen=True)
class Said:
    """A draft."""

    reason: str
    changes: Mapping[str, object]
    amount: Decimal = Decimal("7")
    later: str | None = None


def test_what_is_said_the_same_is_the_same_however_it_is_written() -> None:
    expected = {"reason": "有误", "changes": {"outcome": None, "on": "2026-11-01"}, "amount": "7.00"}
    assert whole(Said(" 有误 ", {"outcome": None, "on": date(2026, 11, 1)})) == expected, (
        "an empty field may be of later"
    )
    assert whole([Said("有误", {}, Decimal("7.0"), "x")]) == [expected | {"changes": {}, "later": "x"}]
