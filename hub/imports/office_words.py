"""`hub import --words FILE`: the meanings of an office's own words. They are stored for the office and apply to its later
files.

The file has a row for each word: the column (its Chinese header or English key), the word, and its meaning, which is a word
that the column accepts. The meaning of an official word, or of a word with one meaning, cannot be changed. A word with two
meanings gets one of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from auth.grant import Grant
from hub.foundation.database import now, table_of
from hub.foundation.errors import HubError
from hub.imports.cells import compact, text
from hub.imports.files import open_table
from hub.imports.headers import Column, normalized
from hub.imports.records import read_records
from hub.imports.refusals import UnknownWord
from hub.imports.words import AmbiguousWord, ColumnVocabulary
from hub.model.office_words import OfficeWordRow

_word = table_of(OfficeWordRow)
_COLUMNS = (
    Column("column", "列 列名 栏目 表头", text, required=True),
    Column("word", "词语 原词 本单位用语", compact, required=True),
    Column("meaning", "含义 对应词语 标准词语", text, required=True),
)
OfficeWords = Mapping[str, Mapping[str, str]]
"""The meanings of an office's words, by vocabulary."""


class InvalidWordFile(HubError):
    """Row {row} of the file of words cannot be used: {reason}. No word of the file was saved.
    词语文件第 {row} 行不可用:{reason_zh},该文件的词语均未保存。
    """


def read_office_words(path: Path, columns: Sequence[Column]) -> list[tuple[str, str, str]]:
    """(vocabulary, word, value) of each row of a file of words for the columns of an import. Raises InvalidWordFile and the
    errors of `open_table`."""
    vocabularies = {
        normalized(name): column.read
        for column in columns
        if isinstance(column.read, ColumnVocabulary)
        for name in (column.key, *column.chinese_headers)
    }
    return [
        _checked(record.row, record.values, record.faults, vocabularies)
        for record in read_records(open_table(path, _COLUMNS), _COLUMNS)
    ]


def _checked(
    row: int,
    values: Mapping[str, Any],
    faults: Sequence[Any],
    vocabularies: Mapping[str, ColumnVocabulary[Any]],
) -> tuple[str, str, str]:
    if faults:
        raise InvalidWordFile(
            row=row, reason="a cell is empty or cannot be read", reason_zh="有空单元格或无法识别的内容"
        )
    vocabulary = vocabularies.get(normalized(values["column"]))
    if vocabulary is None:
        raise InvalidWordFile(
            row=row, reason="no column with words has that name", reason_zh="没有这一列,或该列不填词语"
        )
    if _has_one_meaning(vocabulary, values["word"]):
        raise InvalidWordFile(
            row=row, reason="the word already has a meaning", reason_zh="该词已有确定的含义"
        )
    try:
        meaning = vocabulary(values["meaning"])
    except HubError as error:
        raise InvalidWordFile(
            row=row, reason=error.message.rstrip("."), reason_zh=error.message_zh.rstrip("。")
        ) from None
    if meaning is None:
        raise InvalidWordFile(row=row, reason="it is given no meaning", reason_zh="没有填写含义")
    return vocabulary.name, values["word"].upper(), values["meaning"]


def _has_one_meaning(vocabulary: ColumnVocabulary[Any], word: str) -> bool:
    try:
        return vocabulary(word) is not None
    except (AmbiguousWord, UnknownWord):
        return False


async def save_office_words(
    session: AsyncSession, grant: Grant, words: Sequence[tuple[str, str, str]]
) -> None:
    """Store the meanings of words for an office. They replace earlier meanings of the same words."""
    if not words:
        return
    rows = [
        {
            "agency_id": grant.agency,
            "vocabulary": vocabulary,
            "word": word,
            "value": value,
            "client_id": grant.client,
            "recorded_at": now(),
        }
        for vocabulary, word, value in {
            (name, word): (name, word, value) for name, word, value in words
        }.values()
    ]
    insert = pg.insert(_word).values(rows)
    values = {name: insert.excluded[name] for name in ("value", "client_id", "recorded_at")}
    await session.execute(
        insert.on_conflict_do_update(index_elements=["agency_id", "vocabulary", "word"], set_=values)
    )


async def office_words(connection: AsyncConnection, agency: str) -> OfficeWords:
    """The words that an office has defined."""
    found: dict[str, dict[str, str]] = {}
    for row in await connection.execute(sa.select(_word).where(_word.c.agency_id == agency)):
        found.setdefault(row.vocabulary, {})[row.word] = row.value
    return found


def with_stated(known: OfficeWords, stated: Sequence[tuple[str, str, str]]) -> OfficeWords:
    """The words that an office had defined, and those that it defines now."""
    words = {name: dict(own) for name, own in known.items()}
    for name, word, value in stated:
        words.setdefault(name, {})[word] = value
    return words


def with_office_words(columns: Sequence[Column], words: OfficeWords) -> tuple[Column, ...]:
    """The columns of an import, with the office's words in their vocabularies."""
    return tuple(_with_words(columns, words)) if words else tuple(columns)


def _with_words(columns: Sequence[Column], words: OfficeWords) -> Iterator[Column]:
    for column in columns:
        read = column.read
        if isinstance(read, ColumnVocabulary) and (own := words.get(read.name)):
            yield replace(column, read=read.also_with(own))
        else:
            yield column
