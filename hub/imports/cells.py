"""Converts a cell of a file to a value: text, codes, dates, money, numbers.

A cell is text in CSV. In a workbook it is text, a number, a boolean or a date, or its value cannot be read. Common habits are
accepted (full-width digits, spaces between the characters of a name, an apostrophe before a number, `2026年3月31日`);
ambiguous values are refused. Each function returns None for an empty cell and raises a HubError of `refusals.py`.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import TypeVar

from hub.foundation.amounts import amount_of
from hub.foundation.calendar import YEARS
from hub.foundation.errors import HubError
from hub.foundation.texts import LONGEST_EXTERNAL_ID, Form, is_ordinary
from hub.households import values
from hub.households.refusals import InvalidMoney, InvalidNumber, InvalidText
from hub.imports.refusals import DigitsLost, FormulaWithoutValue, InvalidDate, MergedCellValue

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class UnreadableCell:
    """A cell that is not empty, but whose value cannot be read. `shown`: the text that a person sees there."""

    shown: str
    refusal: Callable[[], HubError]

    def __str__(self) -> str:
        return self.shown


Cell = str | int | float | bool | date | datetime | time | timedelta | UnreadableCell | None

_EXACT = 10**15
_SERIAL_DAYS = range(20_000, 80_000)
_EXCEL_EPOCH = date(1899, 12, 30)

_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_APOSTROPHES = "'’‘`"
_EQUALS = ("=", "\uff1d")
_FORMULA_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_SPREADSHEET_ERROR = re.compile(
    r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|BUSY!|GETTING_DATA|#+)|Err:[0-9]{3}"
)
"""The texts that Excel, WPS and LibreOffice show for a failed formula; `####` shows that a column is too narrow for its
value."""
_SHORTENED = re.compile(
    r"[-+]?(?:[0-9](?:\.[0-9]+)?E[-+][0-9]+|[0-9]\.[0-9]+E[0-9]+|[0-9]{16,}\.[0-9]*|[0-9]{1,3}(?:,[0-9]{3}){5,})",
    re.I,
)
"""How programs write a number that is too long for them: `4.10199E+17`, `410199191604278000.0`. Lost digits that do not show
like this are found by `digits.py`."""
_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_EIGHT_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_PLAIN_MONEY = re.compile(r"[1-9][0-9]{0,8}(?:\.[0-9]{2})?")
"""The most common form of an amount. It needs no further checks."""
_MONEY = re.compile(r"¥?0*([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)((?:\.[0-9]+)?)元?")


def text(cell: Cell, most: int = values.LONGEST_LINE, form: Form = Form.LINE) -> str | None:
    """The text of a cell in a form, without surrounding spaces; raises InvalidText, DigitsLost."""
    if type(cell) is not str:
        return _text_of_value(cell)
    if is_ordinary(cell) and len(cell) <= most:
        return cell
    cell = cell.strip()
    if not cell:
        return None
    if not is_ordinary(cell):
        cell = _without_tricks(cell)
        if form is not Form.PROSE and cell[:1] in _EQUALS and len(cell) > 1:
            raise FormulaWithoutValue()
    return values.text(cell, form, most)


def _text_of_value(cell: Cell) -> str | None:
    match cell:
        case None:
            return None
        case bool():
            return "是" if cell else "否"
        case int() | float():
            if not abs(cell) < _EXACT:  # also true for NaN
                raise DigitsLost()
            return str(int(cell)) if cell == int(cell) else repr(cell)
        case UnreadableCell():
            raise cell.refusal()
        case _:
            return str(cell)


def _without_tricks(cell: str) -> str:
    """The text without invisible marks and without the apostrophe or `="…"` that marks text in Excel."""
    cell = _INVISIBLE.sub("", cell).strip()
    if formula := _FORMULA_TEXT.fullmatch(cell):
        return formula[1].strip()
    if cell[:1] in _APOSTROPHES:
        return cell[1:].strip()
    plain = unicodedata.normalize("NFKC", cell)
    if _SPREADSHEET_ERROR.fullmatch(plain):
        raise spreadsheet_error(plain).refusal()
    if "\ufffd" in cell:
        raise _character_lost()
    if plain[:1] in "+-0123456789" and _SHORTENED.fullmatch(plain):
        raise DigitsLost()
    return cell


def _character_lost() -> InvalidText:
    return InvalidText(
        reason="a character was lost when the file was saved", reason_zh="文件保存时丢失了字符(显示为 � 或 ?)"
    )


def spreadsheet_error(shown: str) -> UnreadableCell:
    """A cell that shows an error such as `#REF!`."""
    shown = shown[:20] or "#N/A"
    return UnreadableCell(
        shown,
        lambda: InvalidText(
            reason=f"the spreadsheet shows the error {shown}; mend the cell or empty it",
            reason_zh=f"表格公式出错 {shown},请改正该单元格,确无内容的清空",
        ),
    )


def formula_without_value() -> UnreadableCell:
    """A cell whose formula was never computed."""
    return UnreadableCell("", FormulaWithoutValue)


def shared_by_rows(value: Cell) -> UnreadableCell:
    """A merged cell whose value cannot be true for each of its rows."""
    return UnreadableCell(str(value), MergedCellValue)


def compact(cell: Cell, most: int = values.LONGEST_CODE) -> str | None:
    """A code or word: half-width (Unicode NFKC), without spaces. Raises as `text` does."""
    if type(cell) is str and len(cell) <= most and is_ordinary(cell):
        return cell
    return text(cell, most, Form.CODE)


def key(cell: Cell) -> str | None:
    """An id of the office's own system: half-width; inner spaces stay."""
    return text(cell, LONGEST_EXTERNAL_ID, Form.KEY)


def name(cell: Cell) -> str | None:
    """A person's name: `张 三` becomes 张三; several spaces in a Latin name become one."""
    if type(cell) is str and is_ordinary(cell) and len(cell) <= values.LONGEST_NAME:
        return cell
    value = text(cell, values.LONGEST_NAME)
    if (
        value is not None and "?" in value
    ):  # A `?` replaces a character that the file's encoding does not have.
        raise _character_lost()
    return None if value is None else values.spaced(value)


def long_text(cell: Cell) -> str | None:
    """An address or remark of up to 500 characters."""
    return text(cell, values.LONGEST_PROSE, Form.PROSE)


@lru_cache(maxsize=65_536)
def _date_of_text(value: str) -> date:
    written = _DATE.fullmatch(value) or _EIGHT_DIGITS.fullmatch(value)
    try:
        found = date(*map(int, written.groups())) if written else None
    except ValueError:
        found = None
    if found is None or found.year not in YEARS:
        raise InvalidDate()
    return found


def day(cell: Cell) -> date | None:
    """A date, from text, a spreadsheet date or its serial number; raises InvalidDate."""
    match cell:
        case datetime():
            cell = cell.date().isoformat()
        case date():
            cell = cell.isoformat()
        case bool() | time() | timedelta():
            raise InvalidDate()
        case int() | float() if isfinite(cell) and int(cell) in _SERIAL_DAYS:
            cell = (_EXCEL_EPOCH + timedelta(days=int(cell))).isoformat()
        case _:
            pass
    value = text(cell)
    return None if value is None else _date_of_text(unicodedata.normalize("NFKC", value))


def day_or_open(cell: Cell) -> date | None:
    """The last day of a period, or None if it is open (`长期`, `无固定期限`)."""
    return None if compact(cell) in ("长期", "长期有效", "无固定期限", "永久", "无") else day(cell)


def money(cell: Cell) -> Decimal | None:
    """An amount in yuan; binary rounding errors of a spreadsheet are removed. Raises InvalidMoney."""
    if type(cell) is str and _PLAIN_MONEY.fullmatch(cell):
        return round(Decimal(cell), 2)
    if isinstance(cell, bool):
        raise InvalidMoney()
    if isinstance(cell, float | int):
        exact = Decimal(repr(cell))
        if not exact.is_finite() or abs(exact - round(exact, 2)) > Decimal("0.000001"):
            raise InvalidMoney()
        amount = round(exact, 2)
    else:
        value = compact(cell)
        if value is None:
            return None
        amount = _money_of_text(value)
    return values.yuan(amount)


def _money_of_text(value: str) -> Decimal:
    """An amount as people write it: `¥1,500.00元` is 1500.00. Raises InvalidMoney."""
    written = _MONEY.fullmatch(value)
    try:
        return amount_of(written[1].replace(",", "") + written[2] if written else "")
    except ValueError:
        raise InvalidMoney() from None


def whole_number(cell: Cell, least: int, most: int) -> int | None:
    """A whole number within bounds; raises InvalidNumber."""
    value = compact(cell)
    if value is None:
        return None
    if not (value.isascii() and value.isdigit()):
        raise InvalidNumber(least=least, most=most)
    return values.whole_number(int(value), least, most)


def coded(read: Callable[[str], T]) -> Callable[[Cell], T | None]:
    """A reader for cells that hold a half-width code without spaces."""

    def of(cell: Cell) -> T | None:
        value = compact(cell)
        return None if value is None else read(value)

    return of


phone = coded(values.phone)
account = coded(values.account)
