"""Header rows: maps the column names that offices use to the columns of an import."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.imports.cells import Cell
from hub.imports.refusals import (
    AmbiguousColumn,
    DuplicateColumn,
    HeaderNotFound,
    MissingColumns,
    SeveralPersonsInRow,
)

HEADER_WITHIN = 10
"""The header is searched in this number of rows from the top; titles and notes may come before it."""

HEADER_LINES = 3
"""The most rows of a header. A header may have names above groups of columns: 家庭成员 above 姓名, 身份证号."""

TOP = HEADER_WITHIN + HEADER_LINES
"""The header is complete within this number of rows of a file."""

REASONS = "错误原因"
"""The column of reasons in a workbook of refused rows; it is not read."""

EXAMPLE = "示例"
"""The first cell of a template's example row, which is not read. In that row it also replaces codes, names and numbers."""

_SAME_WORDS = (
    ("情况", "状况"), ("时间", "日期"), ("号码", "号"), ("类型", "类别"), ("种类", "类别"), ("级别", "等级"), ("编码", "编号"),
    ("住址", "地址"), ("帐", "账"),
)  # fmt: skip
_LONG = 6
"""In a name of four characters, another character makes another word: 受理日期 is not 受灾日期."""

_OF_A_PERSON = frozenset({"name", "idNumber", "relation", "headIdNumber"})
_CATEGORY = re.compile(r"(低保|特困|救助|保障|困难|帮扶|监测|认定|对象|人员|身份).{0,4}(类别|类型|种类|类)")
"""Headers under which offices write a person's category. Such a column is too important to be left out."""

_PARENTHESES = re.compile(r"[(\[【].*?[)\]】]")
_DECORATION = re.compile(r"[\s*:_\-'\u200b-\u200f\ufeff]+")


@dataclass(frozen=True)
class Column:
    """A column of an import: its key (the English header), its Chinese headers with the recommended one first, and its
    reader.

    `required` columns must exist in the file and be filled in each row.
    """

    key: str
    chinese: str
    read: Callable[[Cell], Any]
    required: bool = False

    @property
    def chinese_headers(self) -> list[str]:
        """The Chinese headers, the recommended one first."""
        return self.chinese.split()


@dataclass(frozen=True)
class Header:
    """The positions of columns in a file. `places` and `labels` have the column's key. `lines`: the rows of the header as
    written, normalized; `titles`: the names of all columns."""

    rows: int
    width: int
    places: Mapping[str, int]
    labels: Mapping[str, str]
    unknown: Sequence[str]
    lines: Sequence[Sequence[str]] = ()
    titles: Sequence[str] = ()


def normalized(label: str) -> str:
    """A header without units, asterisks, spaces and case: `家庭人均月收入(元)*` is `家庭人均月收入`."""
    plain = unicodedata.normalize("NFKC", label)
    return _DECORATION.sub("", _PARENTHESES.sub("", plain) or plain).casefold()


def find_header(top: Sequence[Sequence[Cell]], columns: Sequence[Column]) -> Header:
    """The header among the first rows of a file.

    Raises HeaderNotFound, MissingColumns, DuplicateColumn, SeveralPersonsInRow, AmbiguousColumn.
    """
    names = _names(columns)
    best = _best(top, names)
    required = [column for column in columns if column.required]
    if best is None:
        raise HeaderNotFound(rows=HEADER_WITHIN, columns=_keys(required), columns_zh=_chinese(required))
    rows, labels, lines = best
    header = _placed(rows, labels, names, lines)
    absent = [column for column in columns if column.key not in header.places]
    if missing := [column for column in absent if column.required]:
        raise MissingColumns(columns=_keys(missing), columns_zh=_chinese(missing))
    for label in header.unknown:
        if like := next((column for column in absent if _alike(normalized(label), column)), None):
            raise AmbiguousColumn(label=label, column=like.key, column_zh=like.chinese_headers[0])
    return header


def _alike(label: str, column: Column) -> bool:
    """Whether an unknown header may mean a column: a category under another name, a name in other words, a name with one
    character more or less or, if the name is long, one other character."""
    if column.key == "category" and _CATEGORY.fullmatch(label):
        return True
    plain = _plain(label)
    return any(
        plain == (known := _plain(normalized(name))) or (len(known) > 3 and _one_apart(plain, known))
        for name in column.chinese_headers
    )


def _plain(label: str) -> str:
    for word, other in _SAME_WORDS:
        label = label.replace(word, other)
    return label


def _one_apart(one: str, other: str) -> bool:
    """Whether a character was added or left out or, in a name of six or more, replaced."""
    shorter, longer = sorted((one, other), key=len)
    replaced = len(longer) == len(shorter)
    if len(longer) - len(shorter) > 1 or (replaced and len(longer) < _LONG):
        return False
    same = next((at for at, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    return shorter[same + replaced :] == longer[same + 1 :]


def score(top: Sequence[Sequence[Cell]], columns: Sequence[Column]) -> int:
    """The number of columns that the best of the first rows names; it decides the delimiter of a file."""
    names = _names(columns)
    best = _best(top, names)
    return 0 if best is None else _known(best[1], names)


def _names(columns: Sequence[Column]) -> dict[str, Column]:
    return {normalized(name): column for column in columns for name in (column.key, *column.chinese_headers)}


_Found = tuple[int, list[str], list[list[str]]]
"""The last row of a header, its labels, and its rows as written."""


def _best(top: Sequence[Sequence[Cell]], names: Mapping[str, Column]) -> _Found | None:
    """The header that names the most columns."""
    best: _Found | None = None
    most = 1
    for end, labels, lines in _candidates(top, names):
        if (known := _known(labels, names)) > most:
            best, most = (end, labels, lines), known
    return best


def _candidates(top: Sequence[Sequence[Cell]], names: Mapping[str, Column]) -> Iterable[_Found]:
    """Each row as a possible header: alone, and combined with the next rows (names above groups of columns)."""
    rows = [[str(cell).strip() if cell is not None else "" for cell in row] for row in top[:TOP]]
    for index, row in enumerate(rows[:HEADER_WITHIN]):
        labels, lines = row, [row]
        yield index + 1, labels, lines
        for below in rows[index + 1 : index + HEADER_LINES]:
            both = _merged(labels, below, names)
            if both is None:
                break
            labels, lines = both, [*lines, below]
            if _known(below, names):
                yield index + len(lines), labels, lines


def _merged(upper: list[str], lower: list[str], names: Mapping[str, Column]) -> list[str] | None:
    """Two rows of a header combined; None if the lower one is data. A label of the lower row replaces the label above it,
    which is the name of a group: 姓名 below 家庭成员."""
    width = max(len(upper), len(lower))
    upper, lower = (row + [""] * (width - len(row)) for row in (upper, lower))
    for at, (above, below) in enumerate(zip(upper, lower, strict=True)):
        group = at + 1 < width and not upper[at + 1]
        if below and normalized(above) in names and normalized(below) not in names and not group:
            return None
    return [below or above for above, below in zip(upper, lower, strict=True)]


def _known(labels: Sequence[str], names: Mapping[str, Column]) -> int:
    return len({names[label].key for label in map(normalized, labels) if label in names})


def _placed(
    rows: int, labels: Sequence[str], names: Mapping[str, Column], lines: Sequence[Sequence[str]]
) -> Header:
    places: dict[str, int] = {}
    unknown = []
    for place, label in enumerate(labels):
        column = names.get(normalized(label))
        if column is None:
            unknown += [label] if label and label != REASONS else []
        elif column.key in places:
            error = SeveralPersonsInRow if column.key in _OF_A_PERSON else DuplicateColumn
            raise error(
                first=places[column.key] + 1,
                second=place + 1,
                column=column.key,
                column_zh=column.chinese_headers[0],
            )
        else:
            places[column.key] = place
    return Header(
        rows,
        len(labels),
        places,
        {key: labels[place] for key, place in places.items()},
        unknown,
        [[normalized(label) for label in line] for line in lines],
        labels,
    )


def _keys(columns: Sequence[Column]) -> str:
    return ", ".join(column.key for column in columns)


def _chinese(columns: Sequence[Column]) -> str:
    return "、".join(column.chinese_headers[0] for column in columns)
