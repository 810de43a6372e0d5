"""The dates of a file. Each column needs either the exact day, or the beginning or the end of a period.

Many systems write months: `202405`, `2024年9月`. A period may begin or end with a month: its first or its last day is used,
and the report counts such values. The day of a decision, a payment or an event cannot be a month.
"""

import calendar
import re
import unicodedata
from datetime import date, datetime
from math import isfinite

from hub.foundation.errors import HubError
from hub.imports.cells import Cell, day
from hub.imports.words import NOTHING, Fuller

_MONTH = re.compile(r"(\d{4})\s*[-/年]\s*(\d{1,2})\s*月?|(\d{4})\.(\d{2})|(\d{4})(\d{2})")
_TENTH = re.compile(r"\d{4}\.1")
"""`2024.1` is January, or October without the zero that a spreadsheet dropped."""
_PLAIN = re.compile(r"[12]\d{3}-\d{2}-\d{2}")
"""The most common form of a date. It needs no further checks."""
_SERIAL = re.compile(r"[2-7]\d{4}")
_OPEN = frozenset({"长期", "长期有效", "无固定期限", "永久", "永久有效", "无期限", "至今"})
_FOR_EVER = re.compile(r"(9999|2999|3000|2099)\s*[-/.年]?\s*12\s*[-/.月]?\s*31\s*日?.*")


class MonthsWithoutDay(HubError):
    """{count} dates are months; a period begins on the first day of its month and ends on the last.
    {count} 处日期只有年月,起始按当月第一日、截止按当月最后一日登记。
    """


class DayRequired(HubError):
    """It is a month without a day, and this date needs its day as the document has it.
    此处只有年月,须按凭证填写具体日期。
    """


class AmbiguousMonth(HubError):
    """It may be January, or October whose zero was lost; write 2024-01 or 2024-10.
    可能是 1 月,也可能是末位 0 丢失的 10 月,请写成 2024-01 或 2024-10。
    """


def exact(cell: Cell) -> date | None:
    """A day; raises InvalidDate, DayRequired, AmbiguousMonth."""
    if type(cell) is str and _PLAIN.fullmatch(cell):
        return day(cell)
    if _month(cell) is not None:
        raise DayRequired()
    return _day(cell)


def beginning(cell: Cell) -> date | Fuller[date] | None:
    """The first day of a period; for a month, the first day of the month. Raises InvalidDate, AmbiguousMonth."""
    if type(cell) is str and _PLAIN.fullmatch(cell):
        return day(cell)
    month = _month(cell)
    return _day(cell) if month is None else Fuller(month, {}, MonthsWithoutDay)


def ending(cell: Cell) -> date | Fuller[date] | None:
    """The last day of a period; for a month, the last day of the month. None if the period is open: `长期`, `9999-12-31`.
    Raises InvalidDate, AmbiguousMonth."""
    written = _text(cell)
    if written is not None and (written in _OPEN or _FOR_EVER.fullmatch(written)):
        return None
    month = _month(cell)
    if month is None:
        return _day(cell)
    last = calendar.monthrange(month.year, month.month)[1]
    return Fuller(month.replace(day=last), {}, MonthsWithoutDay)


def _text(cell: Cell) -> str | None:
    """The cell as half-width text; None for a spreadsheet's own date."""
    match cell:
        case bool():
            return None
        case datetime() | date():
            return cell.isoformat()[:10] if cell.year > 2100 else None
        case int() | float():
            return str(int(cell)) if isfinite(cell) and cell == int(cell) else f"{cell:g}"
        case str():
            return unicodedata.normalize("NFKC", cell).strip().replace("号", "日")
        case _:
            return None


def _month(cell: Cell) -> date | None:
    """The first day of the month, if the cell is a month."""
    written = _text(cell)
    if written is None:
        return None
    if _TENTH.fullmatch(written):
        raise AmbiguousMonth()
    found = _MONTH.fullmatch(written)
    year, month = [group for group in found.groups() if group] if found else ("", "")
    if not found or not 1 <= int(month) <= 12:
        return None
    return day(f"{year}-{month}-1")


def _day(cell: Cell) -> date | None:
    """A day, from a date, from text, or from the serial number of a day that a spreadsheet wrote as text. None if the cell
    says "nothing"."""
    if type(cell) is not str:
        return day(cell)
    written = _text(cell) or ""
    if written.upper() in NOTHING:
        return None
    return day(int(written) if _SERIAL.fullmatch(written) else written)
