"""Converts each value of a household and of its members to its stored form, or refuses it.

Only the form of a value changes. Habits of spreadsheets are handled in `hub/imports/cells.py`, which uses these functions.
None means no value.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from hub.foundation.database import MOST_YUAN
from hub.foundation.texts import Form, InvalidValue, is_ordinary, refined
from hub.households.refusals import InvalidAccount, InvalidMoney, InvalidNumber, InvalidPhone, InvalidText
from hub.persons.identity_number import IdentityNumber, parse_identity_number
from hub.regions.places import Places

LONGEST_CODE = 64
LONGEST_NAME = 100
LONGEST_LINE = 200
LONGEST_PROSE = 500

_SPACES = re.compile(r"\s+")
_PHONE = re.compile(r"\+?[0-9]{3,5}[0-9-]{4,15}")
_ACCOUNT = re.compile(r"[0-9A-Z]{6,34}")


def text(value: str, form: Form, most: int) -> str | None:
    """A text in a form with a maximum length; raises InvalidText."""
    if not is_ordinary(value):
        try:
            value = refined(value, form)
        except InvalidValue as unfit:
            raise InvalidText(reason=unfit.reason, reason_zh=unfit.reason_zh) from unfit
    if len(value) > most:
        raise InvalidText(reason=f"more than {most} characters", reason_zh=f"超过 {most} 个字符")
    return value or None


def spaced(name: str) -> str:
    """A person's name: `张　三` is 张三, and the spaces of a name in letters become single."""
    return _SPACES.sub(" " if name.isascii() else "", name)


def phone(written: str) -> str:
    """One telephone number, without spaces; raises InvalidPhone."""
    if not _PHONE.fullmatch(written):
        raise InvalidPhone()
    return written


def account(written: str) -> str:
    """An account number, without spaces; raises InvalidAccount."""
    if not _ACCOUNT.fullmatch(written := written.upper()):
        raise InvalidAccount()
    return written


def yuan(amount: Decimal) -> Decimal:
    """An amount, with two decimals; raises InvalidMoney."""
    if not (amount.is_finite() and 0 <= amount <= MOST_YUAN and amount == round(amount, 2)):
        raise InvalidMoney()
    return round(amount, 2) + 0  # plus 0, because Decimal has a negative zero


def whole_number(number: int, least: int, most: int) -> int:
    """A whole number within bounds; raises InvalidNumber."""
    if not least <= number <= most:
        raise InvalidNumber(least=least, most=most)
    return number


def code(value: str) -> str | None:
    """A number or code: half-width, without spaces. Invisible characters are refused, even those that count as spaces.
    Raises InvalidText."""
    seen = value if value.isascii() and value.isprintable() else text(value, Form.PROSE, len(value))
    return None if seen is None else text(seen, Form.CODE, LONGEST_CODE)


def _name(value: str) -> str | None:
    line = text(value, Form.LINE, LONGEST_NAME)
    return None if line is None else spaced(line)


def _coded(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """The reader of a code."""

    def of(value: str) -> Any:
        written = code(value)
        return None if written is None else read(written)

    return of


def forms(places: Places, sample: bool) -> Mapping[str, Callable[[Any], Any]]:
    """The converter of each value that has a form, by name; other values stay as they are. `sample`: identity numbers of
    sample data are accepted."""

    def identity(value: str | IdentityNumber) -> IdentityNumber | None:
        if isinstance(value, IdentityNumber):
            return value
        written = code(value)
        return None if written is None else parse_identity_number(written, sample=sample)

    return {
        "idNumber": identity,
        "name": _name,
        "head": _name,
        "phone": _coded(phone),
        "account": _coded(account),
        "disabilityGrade": partial(whole_number, least=1, most=4),
        "school": partial(text, form=Form.LINE, most=LONGEST_LINE),
        "region": _coded(places.dwelling),
        "address": partial(text, form=Form.PROSE, most=LONGEST_PROSE),
        "incomePerCapita": yuan,
    }
