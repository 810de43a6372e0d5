"""What a workbook's own markup shows about its sheets, and the library that reads the values does not report."""

from dataclasses import dataclass, field

from hub.imports.cells import UnreadableCell
from hub.imports.refusals import UnreadableFile

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
"""The size of a sheet of Excel."""
MOST_CELLS = 20_000_000
"""The most cells of the rectangle that contains all values of a sheet; the library allocates memory for each of them."""
MOST_BYTES = 1 << 30
"""The most bytes of all parts of a workbook, unpacked."""
MOST_FINDINGS = 100_000

Merge = tuple[int, int, int, int]
"""First row, last row, first column, last column of merged cells; all count from 0."""


@dataclass
class Findings:
    """The findings of one sheet. Rows and columns count from 0.

    `unreadable`: the cells that show an error or have a formula without a value, by row and column. `hidden`: the first and
    last row of each group of hidden rows. Raises UnreadableFile if there are more findings than any office's file has.
    """

    unreadable: dict[int, dict[int, UnreadableCell]] = field(default_factory=dict)
    hidden: list[tuple[int, int]] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    rows: int = 0
    columns: int = 0
    _count: int = 0

    def add_unreadable(self, row: int, column: int, cell: UnreadableCell) -> None:
        """Note a cell without a value."""
        self._counted()
        self.add_value(row, column)
        self.unreadable.setdefault(row, {})[column] = cell

    def add_merge(self, merge: Merge) -> None:
        """Note merged cells."""
        self._counted()
        self.merges.append(merge)

    def add_hidden(self, first: int, last: int) -> None:
        """Note hidden rows, in their order."""
        if self.hidden and self.hidden[-1][1] + 1 == first:
            self.hidden[-1] = self.hidden[-1][0], last
        else:
            self._counted()
            self.hidden.append((first, last))

    def add_value(self, row: int, column: int) -> None:
        """Note a cell with a value; raises UnreadableFile if the sheet becomes too large."""
        if row >= self.rows:
            self.rows = row + 1
        if column >= self.columns:
            self.columns = column + 1
        if self.rows > MOST_ROWS or self.columns > MOST_COLUMNS or self.rows * self.columns > MOST_CELLS:
            raise too_large()

    def is_hidden(self, row: int) -> bool:
        """Whether a row is hidden."""
        return any(first <= row <= last for first, last in self.hidden)

    def _counted(self) -> None:
        self._count += 1
        if self._count > MOST_FINDINGS:
            raise UnreadableFile(
                reason=f"it has more than {MOST_FINDINGS} merged cells, hidden rows, errors and formulas without a value",
                reason_zh=f"合并单元格、隐藏行、出错或没有结果的公式超过 {MOST_FINDINGS} 处",
            )


def too_large() -> UnreadableFile:
    """The refusal of a workbook that would need too much memory."""
    return UnreadableFile(
        reason="the workbook is too large; delete what is not part of the list, save it as CSV, or split it",
        reason_zh="工作簿过大,请删除名单以外的内容、另存为 CSV 或拆分后再导入",
    )


def damaged() -> UnreadableFile:
    """The refusal of a workbook that cannot be parsed."""
    return UnreadableFile(
        reason="the workbook is damaged, protected by a password, or of an unknown kind; save it as XLSX",
        reason_zh="工作簿已损坏、有密码保护或格式未知,请另存为 XLSX 后再导入",
    )
