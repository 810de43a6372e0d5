"""Rows of a sheet that are not data: titles, repeated headers, the row of column numbers, totals, notes, signatures and the
example of a template.

A row with an identity number is always data. A doubtful row is data too, and is refused with its reason.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence

from hub.imports.cells import Cell, UnreadableCell
from hub.imports.headers import EXAMPLE, Header, normalized

_IDENTITY = re.compile(r"[0-9]{14,19}[0-9Xx]")
_CHINESE = re.compile("[\u4e00-\u9fff]")
_TOTAL = re.compile(r".{0,12}(小计|合计|总计|共计|累计|总数|页计)(\(.*\))?[::]?")
_NOTE = re.compile(
    r"(注|附注|备注|说明|填表|填报|制表|造表|审核|审批|复核|校对|负责人|经办|主管|分管|签字|签章|盖章|公章|单位|日期|时间|打印|导出|联系人|联系电话)"
    r"([人员者()]|说明|单位|日期|时间|领导|负责人|签字|签章|盖章|公章)*([::].*|[0-9]+[.、,].*)?"
    r"|以下(空白|无正文).*|\W*第.{1,6}页.*|\W*共.{1,6}页.*",
    re.DOTALL,
)
_DAY = re.compile(r"\d{4}年\d{1,2}月(\d{1,2}日)?")
"""The date of a signature. A row of data may begin with a date too."""
_LEAF = re.compile(
    r".*(社区|居委会|村|街道|办事处|乡|镇|组|名册|花名册|登记表|统计表|明细表|汇总表|名单|台账|页\W*)"
)
_COLUMN_NUMBER = re.compile(r"\(?([0-9]{1,3})\)?")
_COLUMN_LETTERS = ("甲", "乙", "丙", "丁", "戊", "栏次", "列次", "序号", "编号", "A", "B", "C", "D")


def notes_of(header: Header) -> Callable[[Sequence[Cell]], bool]:
    """A function that checks whether a row below a header, with at least one filled cell, is not data."""
    numbers = [header.places[key] for key in ("idNumber", "headIdNumber") if key in header.places]
    name = header.places.get("name", -1)

    def is_note(cells: Sequence[Cell]) -> bool:
        for place in numbers:
            if place < len(cells) and is_identity(cells[place]):
                return False
        filled = {place: text for place, cell in enumerate(cells) if (text := _text(cell))}
        if any(map(is_identity, filled.values())):
            return False
        texts = list(filled.values())
        if not texts or any(isinstance(cell, UnreadableCell) for cell in cells):
            return False
        if texts[0] == EXAMPLE:
            return True
        if len(texts) == 1:
            return _is_line(texts[0], in_names=name in filled)
        return (
            _is_header(filled, header)
            or _is_column_numbers(texts)
            or any(map(_TOTAL.fullmatch, texts[:2]))
            or _NOTE.fullmatch(texts[0]) is not None
            or all(_NOTE.fullmatch(text) or _DAY.fullmatch(text) for text in texts)
        )

    return is_note


def _text(cell: Cell) -> str:
    if type(cell) is not str:
        if isinstance(cell, float) and cell.is_integer():
            cell = int(cell)
        return "" if cell is None else str(cell)
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", cell))


def is_identity(cell: Cell) -> bool:
    """Whether a cell looks like an identity number, damaged or not."""
    if type(cell) is not str:
        return isinstance(cell, float | int) and cell >= 10**14
    return len(cell) >= 15 and _IDENTITY.fullmatch(cell.strip().lstrip("'")) is not None


def _is_line(text: str, *, in_names: bool) -> bool:
    """Whether the only cell of a row is a title or a note. A name alone is a person whose other cells are missing."""
    if _NOTE.fullmatch(text) or _TOTAL.fullmatch(text) or _DAY.fullmatch(text):
        return True
    if not _CHINESE.search(text):
        return False
    return len(text) > 6 or (not in_names and _LEAF.fullmatch(text) is not None)


def _is_header(filled: dict[int, str], header: Header) -> bool:
    labels = {place: normalized(text) for place, text in filled.items()}
    return any(
        all(place < len(line) and line[place] == label for place, label in labels.items())
        for line in header.lines
    )


def _is_column_numbers(texts: Sequence[str]) -> bool:
    numbers = [found[1] for text in texts if (found := _COLUMN_NUMBER.fullmatch(text))]
    letters = [text for text in texts if text in _COLUMN_LETTERS]
    if len(numbers) < 2 or len(numbers) + len(letters) < len(texts) or len(texts) < 3:
        return False
    first = int(numbers[0])
    return [int(number) for number in numbers] == list(range(first, first + len(numbers)))
