"""Money and other quantities as text: one form for every input, and one value for each form."""

import re
from decimal import Decimal

_FORM = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,18})?")
_CENT = Decimal("0.01")


def amount_of(text: str) -> Decimal:
    """The number that is written as `1500`, `1500.5` or `1500.00`, always with two decimals; raises ValueError.

    Digits and at most one point: no sign but the minus, no exponent, no separators, no spaces, no other script's digits, no
    infinity. A part of a cent is kept, so that the caller of this function can refuse it with its path.
    """
    if not _FORM.fullmatch(text):
        raise ValueError("not written as an amount")
    exact = Decimal(text)
    cents = exact.quantize(_CENT) + 0  # plus 0, since Decimal knows a minus zero
    return cents if cents == exact else exact
