"""The schema documents itself: everything that a caller can write or read has a description in Chinese and English."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from graphql import (
    GraphQLEnumType,
    is_introspection_type,
    is_specified_directive,
    is_specified_scalar_type,
)

from schema.hub_schema import build

CHINESE, ENGLISH = re.compile(r"[\u4e00-\u9fff]"), re.compile(r"[A-Za-z]{3,}")
QUOTED = re.compile(r"`[^`]*`")


def _types() -> Iterator[tuple[str, Any]]:
    for name, kind in build().graphql.type_map.items():
        if not is_introspection_type(kind) and not is_specified_scalar_type(kind):
            yield name, kind


def _said() -> Iterator[tuple[str, str | None]]:
    """Each coordinate with its description, without elements that the GraphQL specification defines."""
    for name, kind in _types():
        yield name, kind.description
        for value, one in kind.values.items() if isinstance(kind, GraphQLEnumType) else ():
            yield f"{name}.{value}", one.description
        for field, one in getattr(kind, "fields", {}).items():
            yield f"{name}.{field}", one.description
            for argument, asked in getattr(one, "args", {}).items():
                yield f"{name}.{field}({argument}:)", asked.description
    for directive in build().graphql.directives:
        if not is_specified_directive(directive):
            yield f"@{directive.name}", directive.description
            for argument, asked in directive.args.items():
                yield f"@{directive.name}({argument}:)", asked.description


def _is_bilingual(description: str | None) -> bool:
    text = description or ""
    chinese, english = CHINESE.search(text), ENGLISH.search(QUOTED.sub("", text))
    return chinese is not None and english is not None


def test_everything_is_described_in_both_languages() -> None:
    lacking = {coordinate for coordinate, description in _said() if not _is_bilingual(description)}
    assert lacking == set()


def test_the_chinese_stands_first() -> None:
    late = []
    for coordinate, description in _said():
        if description is not None and coordinate.partition(".")[0] != "ErrorCode":
            first = CHINESE.search(description)
            english = re.search(r"[a-z]{3,}", description)
            if first is None or english is None or first.start() > english.start():
                late.append(coordinate)
    assert late == []


def test_no_two_values_of_an_enum_mean_the_same() -> None:
    for name, kind in _types():
        if isinstance(kind, GraphQLEnumType):
            said = Counter(one.description for one in kind.values.values())
            assert [one for one, times in said.items() if times > 1] == [], name


def test_the_published_schema_carries_the_words() -> None:
    sdl = build().sdl
    for words in (
        "资金已支付",
        "取前若干条 The first so many rows",
        "权限组合 Sets of scopes",
        "不负责{need_zh}",
    ):
        assert words in sdl, words
