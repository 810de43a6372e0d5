"""The report of an import: what landed, what was refused and why, in Chinese and English.

It never shows an identity, telephone or account number in full, and the CSV is safe to open in a spreadsheet.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hub.foundation.errors import HubError
from hub.persons.identity_number import masked, veiled

_SENSITIVE = frozenset({"idNumber", "headIdNumber", "phone", "account"})
_LONG_NUMBER = re.compile(r"(?:[0-9][ -]?){14,}[0-9Xx]")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_MOST_SHOWN = 60
_HEADINGS = ("行号 row", "列 column", "字段 field", "代码 code", "原因", "reason", "原值 value")


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why one row was refused. `row` and `column` are those of the file, `field` the English key,
    `numbers` those that the message tells, by name."""

    row: int
    column: str
    field: str
    code: str
    message: str
    message_zh: str
    value: str
    numbers: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to know about the file, or about one row of it that landed."""

    code: str
    message: str
    message_zh: str
    row: int | None = None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file. `accepted` rows landed or stood there already, `changed` ones were new or differed."""

    rows: int
    accepted: int
    changed: int
    refused: list[Refusal]
    warnings: list[Notice]

    @property
    def refused_rows(self) -> int:
        """How many rows were refused; a row can have more than one reason."""
        return len({refusal.row for refusal in self.refused})


@dataclass
class Tally:
    """The report while it grows. `labels` are the file's own headers by key."""

    labels: Mapping[str, str]
    rows: int = 0
    changed: int = 0
    residences_inferred: int = 0
    refused: list[Refusal] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def refuse(self, row: int, key: str, error: HubError, cell: object = None) -> None:
        """Refuse a row for what stands in one of its columns."""
        self.refused.append(
            Refusal(
                row,
                self.labels.get(key, key),
                key,
                error.code,
                error.message,
                error.message_zh,
                shown(key, cell),
                error.told_numbers,
            )
        )

    def notice(self, fact: HubError, row: int | None = None) -> None:
        """Tell a fact that refuses nothing."""
        self.warn(fact.code, fact.message, fact.message_zh, row)

    def notice_rows(self, facts: Iterable[tuple[int, HubError]]) -> None:
        """Tell facts of single rows."""
        for row, fact in facts:
            self.notice(fact, row)

    def warn(self, code: str, message: str, message_zh: str, row: int | None = None) -> None:
        """Tell a fact that has its words already."""
        self.notices.append(Notice(code, message, message_zh, row))

    def report(self) -> ImportReport:
        """The finished report, refusals in the order of the file's rows."""
        refused = sorted(self.refused, key=lambda refusal: refusal.row)
        accepted = self.rows - len({refusal.row for refusal in refused})
        return ImportReport(self.rows, accepted, self.changed, refused, self.notices)


def shown(key: str, cell: object) -> str:
    """A cell as the report may show it: short, and with long numbers masked wherever they stand."""
    if cell is None:
        return ""
    if key in _SENSITIVE:
        return veiled(str(cell))
    value = unicodedata.normalize("NFKC", str(cell)).strip()
    return _LONG_NUMBER.sub(lambda found: masked(found[0]), value)[:_MOST_SHOWN]


def write_report(path: Path, report: ImportReport) -> None:
    """Write the refusals as CSV in UTF-8 with BOM, which spreadsheets open as it is meant."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
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
                        ),
                    ),
                ]
            )


def harmless(value: str) -> str:
    """The value with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
