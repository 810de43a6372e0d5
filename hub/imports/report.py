"""The report of an import: saved rows, and refused rows with the reasons, in Chinese and English.

It never shows a full identity, telephone or account number, and its CSV is safe to open in a spreadsheet.
"""

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from hub.foundation.canonical_json import plain
from hub.foundation.errors import HubError
from hub.foundation.private_files import owners_alone
from hub.imports.refusals import TooManyRefusedRows
from hub.persons.identity_number import veiled

MOST_REASONS = 100_000
"""The most reasons for a file; they are stored in memory."""
_KIND_OF_CHANGE = {"name": "RENAMED", "region": "MOVED"}
_SENSITIVE = frozenset({"idNumber", "headIdNumber", "formerNumber", "phone", "account"})
_LONG_NUMBER = re.compile(r"(?:[0-9][ -]?){14,}[0-9Xx]")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_MOST_SHOWN = 60
_HEADINGS = (
    "行号 row",
    "列 column",
    "字段 field",
    "代码 code",
    "原因",
    "reason",
    "原值 value",
    "本行 the row",
)
_REFUSED, _CELL_ONLY = "未录入 refused", "已录入,仅缺此项 taken without this value"


@dataclass(frozen=True, slots=True)
class RowRefusal:
    """One reason why a row was refused. `row` and `column` are those of the file, `field` is the English key, `numbers` holds
    the numbers of the message by name. `cell_only`: only this value was left out, and the rest of the row was accepted."""

    row: int
    column: str
    field: str
    code: str
    message: str
    message_zh: str
    value: str
    numbers: Mapping[str, object]
    cell_only: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice about the file, or about one saved row."""

    code: str
    message: str
    message_zh: str
    row: int | None = None


@dataclass(frozen=True, slots=True)
class FieldChanged:
    """What a row changes in the stored data: a value that it replaces, as text (None is no value; long numbers are masked),
    or what it begins or ends. `kind` is NEW, CHANGED, CLEARED, RENAMED, MOVED or ENDED."""

    row: int
    column: str
    before: str | None
    after: str | None
    kind: str = "CHANGED"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The result of a file. `accepted` rows were saved or already existed; `changed` rows were new or different. `cleared`
    counts the stored values that are empty now, by column; `ended` counts the rows that ended something. In a preview,
    `changes` has the result of each row, and `preview` is the hash; after an import, `run` is the id of the run."""

    rows: int
    accepted: int
    changed: int
    refused: list[RowRefusal]
    warnings: list[Notice]
    cleared: Mapping[str, int] = field(default_factory=dict)
    changes: list[FieldChanged] = field(default_factory=list)
    preview: str | None = None
    ended: int = 0
    run: UUID | None = None

    @property
    def refused_rows(self) -> int:
        """The number of refused rows; a row can have several reasons."""
        return len({refusal.row for refusal in self.refused if not refusal.cell_only})

    @property
    def refused_cells(self) -> int:
        """The number of values that were left out of accepted rows."""
        return sum(refusal.cell_only for refusal in self.refused)


@dataclass
class Tally:
    """The report so far. `labels` are the file's own headers by key; `preview`: each replaced value is listed."""

    labels: Mapping[str, str]
    preview: bool = False
    rows: int = 0
    changed: int = 0
    residences_inferred: int = 0
    refused: list[RowRefusal] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    counts: Counter[type[HubError]] = field(default_factory=Counter)
    cleared: Counter[str] = field(default_factory=Counter)
    changes: list[FieldChanged] = field(default_factory=list)
    ended: int = 0

    def change_fields(self, changes: Iterable[tuple[Any, ...]]) -> None:
        """Note stored values that rows replace: (row, key of the column, old value, new value)."""
        for row, key, before, after in changes:
            column = self.labels.get(key, key)
            if after is None:
                self.cleared[column] += 1
            if self.preview:
                kind = "CLEARED" if after is None else _KIND_OF_CHANGE.get(key, "CHANGED")
                self.changes.append(
                    FieldChanged(row, column, _as_text(key, before), _as_text(key, after), kind)
                )

    def end_rows(self, ended: Iterable[tuple[int, str, date]]) -> None:
        """Note the rows that end something: (row, what it ended, on which day)."""
        column = self.labels.get("change", "change")
        for row, ending, on in ended:
            self.ended += 1
            if self.preview:
                self.changes.append(FieldChanged(row, column, None, f"{ending} {on}", "ENDED"))

    def begin_rows(self, rows: Iterable[int]) -> None:
        """Note the new rows, except those of which a value was already noted as replaced."""
        if self.preview:
            replaced = {change.row for change in self.changes}
            self.changes += [FieldChanged(row, "", None, None, "NEW") for row in rows if row not in replaced]

    def refuse(
        self, row: int, key: str, error: HubError, cell: object = None, *, cell_only: bool = False
    ) -> None:
        """Refuse a row, or with `cell_only` one value, because of a value of one column; raises TooManyRefusedRows."""
        if len(self.refused) >= MOST_REASONS:
            raise TooManyRefusedRows(most=MOST_REASONS)
        self.refused.append(
            RowRefusal(
                row,
                self.labels.get(key, key),
                key,
                error.code,
                error.message,
                error.message_zh,
                shown(key, cell),
                error.message_numbers,
                cell_only,
            )
        )

    def notice(self, fact: HubError, row: int | None = None) -> None:
        """Add a notice."""
        self.warn(fact.code, fact.message, fact.message_zh, row)

    def count(self, kind: type[HubError], more: int = 1) -> None:
        """Count notices of a kind; the report has one line for the kind."""
        self.counts[kind] += more

    def notice_rows(self, facts: Iterable[tuple[int, HubError]]) -> None:
        """Add notices about single rows."""
        for row, fact in facts:
            self.notice(fact, row)

    def warn(self, code: str, message: str, message_zh: str, row: int | None = None) -> None:
        """Add a notice with its own messages."""
        self.notices.append(Notice(code, message, message_zh, row))

    def report(self) -> ImportReport:
        """The finished report, with the refusals in the order of the file."""
        refused = sorted(self.refused, key=lambda refusal: refusal.row)
        counted = [kind(count=count) for kind, count in self.counts.items() if count]
        notices = [
            *self.notices,
            *(Notice(notice.code, notice.message, notice.message_zh) for notice in counted),
        ]
        changes = sorted(self.changes, key=lambda change: (change.row, change.column))
        report = ImportReport(
            self.rows,
            self.rows,
            self.changed,
            refused,
            notices,
            dict(self.cleared),
            changes,
            ended=self.ended,
        )
        return replace(report, accepted=self.rows - report.refused_rows)


def _as_text(key: str, value: object) -> str | None:
    return None if value is None else shown(key, plain(value))


def shown(key: str, cell: object) -> str:
    """The value of a cell for the report: short, with long numbers masked."""
    if cell is None:
        return ""
    if key in _SENSITIVE:
        return veiled(str(cell))
    value = unicodedata.normalize("NFKC", str(cell)).strip()
    return _LONG_NUMBER.sub(lambda found: veiled(found[0]), value)[:_MOST_SHOWN]


def write_report(path: Path, report: ImportReport) -> None:
    """Write the refusals as CSV in UTF-8 with BOM, so that spreadsheets detect the encoding."""
    with open(path, "w", encoding="utf-8-sig", newline="", opener=owners_alone) as file:
        writer = csv.writer(file)
        writer.writerow(_HEADINGS)
        for refusal in report.refused:
            writer.writerow(
                [
                    refusal.row,
                    *map(
                        harmless,
                        (
                            refusal.column,
                            refusal.field,
                            refusal.code,
                            refusal.message_zh,
                            refusal.message,
                            refusal.value,
                            _CELL_ONLY if refusal.cell_only else _REFUSED,
                        ),
                    ),
                ]
            )


def harmless(value: str) -> str:
    """The value, with an apostrophe before text that a spreadsheet would read as a formula."""
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
