"""The errors of a file and of its rows.

An unreadable file is refused as a whole before anything is written: the error is raised. The errors of one row become lines
of the report, and the other rows are saved.
"""

from hub.foundation.errors import HubError


class UnreadableFile(HubError):
    """The file cannot be read: {reason}.
    文件无法读取:{reason_zh}。
    """


class HeaderNotFound(HubError):
    """No header row was found in the first {rows} rows; the file needs at least the columns {columns}.
    前 {rows} 行中没有找到表头,至少需要以下各列:{columns_zh}。
    """


class MissingColumns(HubError):
    """The file lacks these columns: {columns}; add them and import again.
    文件缺少以下各列:{columns_zh},请补充后重新导入。
    """


class DuplicateColumn(HubError):
    """Columns {first} and {second} of the file both mean {column}; keep one of them.
    文件第 {first} 列和第 {second} 列都表示“{column_zh}”,请只保留一列。
    """


class SeveralPersonsInRow(HubError):
    """Columns {first} and {second} both mean {column}. A row holds one person: give each member a row of its own.
    文件第 {first} 列和第 {second} 列都表示“{column_zh}”。每行只能填写一人,并排填写的成员请改为每人一行。
    """


class AmbiguousColumn(HubError):
    """Column {label} looks like {column}, which the file lacks; name it {column}, or leave it out if it is not that.
    “{label}”一列与“{column_zh}”相似,而文件没有该列;如为同一内容,请将表头改为“{column_zh}”,否则请不要放入文件。
    """


class SheetNotFound(HubError):
    """The file has no sheet {sheet} with content; it has: {sheets}.
    文件中没有名为“{sheet}”的工作表(或该表为空),现有:{sheets}。
    """


class SheetsNotRead(HubError):
    """These sheets hold rows that would not be read: {sheets}. Give them the same header, or name the sheets to read by --sheet.
    以下工作表有数据但无法一并读取:{sheets}。请统一表头,或用 --sheet 指明要导入的工作表。
    """


class NotYourList(HubError):
    """This list comes from {department} (46-1.2.2); import it as that agency.
    此名单由{department_zh}提供(46-1.2.2),请以该部门的单位导入。
    """


class ExampleNotReplaced(HubError):
    """This cell still holds the example of the template; write the person's own.
    该单元格仍是模板中的示例,请填写实际内容。
    """


class RowTooLong(HubError):
    """The row has more cells than the header has columns; a value probably contains the delimiter.
    此行的单元格多于表头的列数,可能有内容含分隔符。
    """


class DigitsLost(HubError):
    """A spreadsheet stored it as a number and lost its last digits; enter it again as text, with spaces if it really ends in 000.
    表格将其存为数字,末几位已丢失,请将单元格设为文本格式后重新录入;末三位确为 000 的,请在号码中加空格。
    """


class FormulaWithoutValue(HubError):
    """The formula in this cell has no value; open the file in Excel or WPS, save it there and import it again.
    单元格中的公式没有计算结果,请用 Excel 或 WPS 打开文件,保存后重新导入。
    """


class MergedCellValue(HubError):
    """One merged cell gives this value to several rows; unmerge it and give each row its own.
    此单元格由多行合并,无法确定各行的数值,请取消合并后逐行填写。
    """


class CellsMerged(HubError):
    """Row {row} below has no household code: cells were probably merged. Unmerge them, give each row its code, import again.
    第 {row} 行没有户编号,原表的单元格可能是合并的;请取消合并,每行填写户编号后重新导入。
    """


class InvalidDate(HubError):
    """It is not a date between 1900 and 2100; write 2026-03-31.
    不是 1900 年至 2100 年间的日期,请写成 2026-03-31。
    """


class UnknownWord(HubError):
    """Not an accepted value; use: {words}.
    该值不在可选范围内,可填:{words_zh}。
    """


class UnknownHousehold(HubError):
    """There is no such household, or you may not see it. A new household is registered by the township first.
    未找到该户,或您无权查看;未登记的请先由乡镇(街道)录入。
    """


class SubjectMissing(HubError):
    """Give {columns}.
    请填写{columns_zh}。
    """


class HeadMismatch(HubError):
    """This person is not the head of the household with that code.
    此人不是该户编号对应家庭的户主。
    """


class ColumnsIgnored(HubError):
    """These columns are not known and were left out: {columns}.
    以下各列无法识别,未导入:{columns}。
    """


class SheetsIgnored(HubError):
    """Only the sheet {sheet} was read; left out, with their number of rows: {others}.
    只读取了工作表“{sheet}”,未读取(括号内为行数):{others}。
    """


class SheetsRead(HubError):
    """{count} sheets with the same header were read: {sheets}.
    读取了表头相同的 {count} 个工作表:{sheets}。
    """


class RowsSkipped(HubError):
    """{count} rows are titles, headers, totals, notes, signatures or examples and were not read: {rows}.
    以下 {count} 行为标题、表头、合计、说明、签字或示例,未作为数据读取:{rows}。
    """


class HiddenRowsRead(HubError):
    """{count} rows are hidden in the file; they were read like the others: {rows}.
    文件中有 {count} 行被隐藏,已照常读取:{rows}。
    """


class ResidenceInferred(HubError):
    """{count} new households did not state urban or rural; streets were registered as urban, other townships as rural.
    {count} 个新户未填城乡类别,街道按城市、其他乡镇按农村登记。
    """


class TooManyRefusedRows(HubError, numbers=("most",)):
    """More than {most} reasons for refusal: the import stopped, earlier valid rows are saved. Correct the file, import it again.
    不合格的原因超过 {most} 条,导入已停止,此前合格的行已录入;请改正文件后重新导入。
    """


class ValuesCleared(HubError):
    """Empty cells cleared {count} registered values: {columns}. To keep them, leave the column out.
    空单元格清空了 {count} 项已登记的内容:{columns}。如需保留,请在文件中去掉该列后导入。
    """


class PreviewOutdated(HubError):
    """The result would not be that of the preview with this hash; read the new preview and confirm it.
    导入结果与该校验码对应的预览不同,请查看新的预览后再确认。
    """


class NoRows(HubError):
    """The file has a header, but no rows below it.
    文件只有表头,没有数据行。
    """


class NoMonthlyList(HubError):
    """Such a file is no monthly list; leave the month out.
    此类文件不是每月共享的名单,请不要填写月份。
    """


class MonthRequiredToShare(HubError):
    """Saved, but not counted for any month. Add --month, as in 2026-11.
    此文件未计入任何月份的共享名单;如为每月名单,请加 --month(如 2026-11)重新导入。
    """


class CheckDeferred(HubError):
    """A preview does not check records outside your sight; the import reports whether they refuse a row.
    预览不反映辖区外的记录;有关行是否因此退回,导入时告知。
    """
