"""Money and other quantities as text: one form on every way in, and one value for each."""

import re
from decimal import Decimal

_FORM = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?")
_CENT = Decimal("0.01")


def amount_of(text: str) -> Decimal:
    """The number that is written as `1500`, `1500.5` or `1500.00`, always with two decimals; raises ValueError.

    Digits and at most one point: no sign but the minus, no exponent, no separators, no spaces, no other script's digits,
    no infinity. A part of a cent is kept as it is, for whoever has to refuse it with its place.
    """
    if not _FORM.fullmatch(text):
        raise ValueError("not written as an amount")
    exact = Decimal(text)
    cents = exact.quantize(_CENT) + 0  # plus 0, since Decimal knows a minus zero
    return cents if cents == exact else exact
