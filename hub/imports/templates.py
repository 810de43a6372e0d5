"""Templates: workbooks that an office fills in and imports (`hub import template KIND`, `GET /imports/templates/KIND`).

The first sheet has the columns as text cells, drop-downs of their words and of the office's regions, and an example row,
which is never imported (`EXAMPLE`). The second sheet explains each column in Chinese. The examples and explanations are in
`template_columns.csv`: each line has the kind, the key of the column, its cell in the example row, and the note.
"""

import csv
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import IO, NamedTuple

from auth.grant import Grant
from hub.certifications.rules import authority_refusal
from hub.circumstances.rules import kinds_of
from hub.glossary.code_sets import term
from hub.imports.aid_words import FORMS, truth
from hub.imports.cells import Cell
from hub.imports.days import beginning, ending, exact
from hub.imports.headers import EXAMPLE, Column
from hub.imports.imports import IMPORTS
from hub.imports.lines import month
from hub.imports.words import ColumnVocabulary
from hub.imports.workbooks.writer import SheetToWrite, write_workbook
from hub.model.aid import AidKind
from hub.model.certifications import Category
from hub.model.import_runs import ImportKind
from hub.policy.permissions.aid_scopes import write_scope
from hub.policy.permissions.written_fields import closed_to
from hub.regions.places import Places

_SHEETS = {
    ImportKind.HOUSEHOLDS: "家庭与成员",
    ImportKind.MONITORED: "防止返贫监测",
    ImportKind.AID: "救助结果反馈",
    ImportKind.LINES: "标准线",
    ImportKind.CIRCUMSTANCES: "困难情形",
}
_NOTES = "填写说明"
_DAYS: Sequence[tuple[Callable[[Cell], object], str]] = (
    (exact, "日期,如 2026-03-31"),
    (beginning, "日期,如 2026-03-31;可只填年月"),
    (ending, "日期,如 2026-03-31;可只填年月"),
    (month, "月份,如 2026-07"),
)
_HOW = (
    "每行一人(一户、一条),表头请勿改动;带 * 的列必填,其余各列可以删去。",
    f"第 2 行是示例:首格为“{EXAMPLE}”的行不会导入,可以保留。",
    "各列均为文本格式,请勿改为数字格式,以免身份证号、户编号和账号丢失末几位。",
    "有下拉列表的列可从中选择,也可填写 docs/imports.md 所列的其他词语。",
    "列中的空单元格会清空已登记的内容;不填报的列请整列删去。",
)


class _Line(NamedTuple):
    example: str
    note: str


@cache
def lines_of(kind: ImportKind) -> Mapping[str, _Line]:
    """The lines of `template_columns.csv` for the columns of a kind, by key."""
    written = files(__package__).joinpath("template_columns.csv").read_text("utf-8")
    return {
        line["key"]: _Line(line["example"], line["note"])
        for line in csv.DictReader(written.splitlines())
        if line["kind"].upper() == kind
    }


def write_template(file: IO[bytes], kind: ImportKind, grant: Grant, places: Places) -> None:
    """Write the template of a kind for an agency: the columns that it may write, and the words that it may choose. A grant
    without an agency gets every column and word."""
    columns = template_columns(kind, grant, places)
    choices = {
        place: words
        for place, column in enumerate(columns)
        if (words := choices_of(kind, column, grant, places))
    }
    headers = [column.chinese_headers[0] + "*" * column.required for column in columns]
    lines = lines_of(kind)
    example = [lines[column.key].example for column in columns]
    notes = [
        ("列", "是否必填", "填写内容"),
        *(
            (column.chinese_headers[0], "必填" if column.required else "", _note(kind, column))
            for column in columns
        ),
        *(("", "", line) for line in _HOW),
    ]
    filled = SheetToWrite(_SHEETS[kind], [headers, example], len(columns), choices, examples=1)
    write_workbook(file, [filled, SheetToWrite(_NOTES, notes, 3)])


def template_columns(kind: ImportKind, grant: Grant, places: Places) -> list[Column]:
    """The columns of a kind without those that the agency may not write."""
    columns = IMPORTS[kind].columns(places, False)
    closed = closed_to(grant) if kind is ImportKind.HOUSEHOLDS and grant.agency else {}
    return [column for column in columns if column.required or column.key not in closed]


def choices_of(kind: ImportKind, column: Column, grant: Grant, places: Places) -> Sequence[str]:
    """The words that can be chosen in a column; empty if it has no list of words."""
    match kind, column.key:
        case _, "region":
            return places.dwellings_with_names()
        case ImportKind.LINES, "county":
            return places.counties()
        case ImportKind.HOUSEHOLDS, "category":
            return [term(category).zh for category in Category if _certifies(grant, category)]
        case ImportKind.CIRCUMSTANCES, "kind" if grant.agency:
            return [term(circumstance).zh for circumstance in kinds_of(grant.department)]
        case ImportKind.AID, "kind" if grant.agency:
            return [term(aid_kind).zh for aid_kind in AidKind if write_scope(aid_kind) in grant.scopes]
        case ImportKind.AID, "form":
            names = [zh for words in FORMS.values() for _, zh in words.name_of.values()]
            return list(dict.fromkeys(names))
        case _:
            pass
    if isinstance(column.read, ColumnVocabulary):
        return [zh for _, zh in column.read.name_of.values()]
    return ("是", "否") if column.read is truth else ()


def _certifies(grant: Grant, category: Category) -> bool:
    """Whether a row of a household may have a category. Monitored households have a list of their own."""
    if category is Category.POVERTY_RELAPSE_MONITORED:
        return False
    return not grant.agency or authority_refusal(grant, category) is None


def _note(kind: ImportKind, column: Column) -> str:
    day = next((form for read, form in _DAYS if read is column.read), "")
    return ";".join(filter(None, (lines_of(kind)[column.key].note, day)))
