"""The refused rows of a file as a workbook: the file's own columns in their order, as text, and the reasons in 错误原因.

The corrected workbook can be imported as it is; the column of the reasons is not read.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path

from hub.imports.cells import Cell
from hub.imports.files import Table
from hub.imports.headers import REASONS
from hub.imports.report import ImportReport
from hub.imports.workbooks.writer import SheetToWrite, write_sheets


def rows_file(report: Path, file: Path) -> Path:
    """The path of the workbook beside the report: `FILE.rejected.xlsx` beside `FILE.rejected.csv`. It is never the path of
    the imported file."""
    stem = (
        report.name.removesuffix(".csv")
        if report.name.endswith(".rejected.csv")
        else f"{report.name}.rejected"
    )
    beside = report.with_name(f"{stem}.xlsx")
    return beside.with_name(f"again.{beside.name}") if beside.resolve() == file.resolve() else beside


def write_refused_rows(path: Path, table: Table, report: ImportReport) -> None:
    """Write the refused rows, with their numbers in full. If there are none, delete the workbook of an earlier run."""
    reasons: dict[int, list[str]] = {}
    for refusal in report.refused:
        reasons.setdefault(refusal.row, []).append(
            f"{refusal.column}:{refusal.message_zh}" if refusal.column else refusal.message_zh
        )
    if not reasons:
        if not path.is_symlink():  # a symlink is the link to an open file that has no name
            path.unlink(missing_ok=True)
        return
    titles = [title for title in table.header.titles if title != REASONS]
    width = len(titles)

    def rows() -> Iterator[Sequence[str]]:
        yield [*titles, REASONS]
        for row, cells in table.as_written():
            if row in reasons:
                written = [_as_text(cell) for at, cell in enumerate(cells) if at not in left_out]
                yield [*(written + [""] * width)[:width], "\n".join(reasons[row])]

    left_out = {at for at, title in enumerate(table.header.titles) if title == REASONS}
    write_sheets(path, [SheetToWrite("未通过", rows(), width + 1)])


def _as_text(cell: Cell) -> str:
    """A cell as a person would write it."""
    match cell:
        case None:
            return ""
        case bool():
            return "是" if cell else "否"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case date():
            return cell.isoformat()
        case _:
            return str(cell)
