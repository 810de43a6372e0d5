"""The reason of an error of graphql-core: in both languages, with its path, and without any text of the caller.

graphql-core writes English and repeats the refused value, which may be an identity number. Each of its messages is recognised
by its pattern (`graphql_reasons`); for an unknown message only its subject is named.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graphql import GraphQLError

from schema.engine.graphql_reasons import DOCUMENTS, OPERATIONS, SYNTAX, TOKENS, VALUES, Row

_SYNTAX_ERROR = "Syntax Error: "
_ARGUMENT = re.compile(
    r"Argument '(?P<name>[^']+)' has invalid value(?: at (?P<at>[^:]+))?: (?P<why>.*)", re.DOTALL
)
_VARIABLE = re.compile(
    r"Variable '\$(?P<name>\w+)'(?: defined by fragment '\w+')? has invalid (?:default )?value(?: at (?P<at>[^:]+))?:"
    r" (?P<why>.*)",
    re.DOTALL,
)
_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")
_NUMBER = re.compile(r"\d{6}")
_TOKEN = re.compile(r"(?P<kind><?\w+>?)(?: '(?P<value>.*)')?", re.DOTALL)
_NAMED = ("Name",)
_LONGEST = 2000
"""The most characters of a message that are examined: a value that it repeats may be as long as a request."""


@dataclass(frozen=True)
class Reason:
    """The reason of an error. `path`: the argument or variable, and the path in its value."""

    message: str
    message_zh: str
    path: tuple[str | int, ...] = ()


UNKNOWN = Reason("It is not valid.", "内容无效")
"""The reason for a message of graphql-core that is not in the table."""


def reason_of(error: GraphQLError) -> Reason:
    """The reason of an error of graphql-core. The text of our own scalars is in the error's `extensions.messageZh`, and names
    no value."""
    own = (error.extensions or {}).get("messageZh")
    message = error.message[:_LONGEST]
    if message.startswith(_SYNTAX_ERROR):
        reason = _reason_of(message.removeprefix(_SYNTAX_ERROR), _SYNTAX)
        return Reason(_SYNTAX_ERROR + reason.message, reason.message_zh)
    for pattern, noun_zh, mark in ((_ARGUMENT, "参数", ""), (_VARIABLE, "变量", "$")):
        if placed := pattern.fullmatch(message):
            return _placed(placed, noun_zh, mark, own)
    return Reason(message, own) if own else _reason_of(message, _EXECUTABLE)


def is_of_an_argument(error: object) -> bool:
    """Whether an error is about an invalid value of an argument."""
    return isinstance(error, GraphQLError) and _ARGUMENT.fullmatch(error.message) is not None


def _placed(found: re.Match[str], noun_zh: str, mark: str, own: str | None) -> Reason:
    """A reason with its argument or variable, and the path in its value."""
    name, at = found["name"], found["at"]
    inner = Reason(found["why"], own.rstrip("。")) if own else _reason_of(found["why"], _EXECUTABLE)
    steps = [int(step) if step.isdecimal() else step for step in re.findall(r"\w+", at or "")]
    where, where_zh = (f" at {at}", f"中的“{'.'.join(map(str, steps))}”") if at else ("", "")
    noun = "Variable" if mark else "Argument"
    message = f"{noun} '{mark}{name}' has invalid value{where}: {inner.message}"
    return Reason(message, f"{noun_zh}“{name}”{where_zh}:{inner.message_zh}", (name, *steps))


def _reason_of(message: str, rows: Iterable[tuple[re.Pattern[str], Row]]) -> Reason:
    for pattern, row in rows:
        if found := pattern.fullmatch(message):
            words = {name: value for name, value in found.groupdict().items() if value is not None}
            english = (row.english or row.message).format(**_english(words))
            return Reason(english, row.chinese.format(**_chinese(words)))
    return UNKNOWN


def _english(words: Mapping[str, str]) -> dict[str, str]:
    filled = {**words, "maybe": ""}
    if "key" in words:
        filled["key"] = f" '{words['key']}'" if _is_name(words["key"]) else ""
    return filled | {name: _token(words[name]) for name in ("token", "wanted") if name in words}


def _chinese(words: Mapping[str, str]) -> dict[str, str]:
    filled = dict(words)
    if "key" in words:
        filled["key"] = f"“{words['key']}”" if _is_name(words["key"]) else "此"
    if "operation" in words:
        filled["operation"] = OPERATIONS.get(words["operation"], words["operation"])
    return filled | {name: _token_zh(words[name]) for name in ("token", "wanted") if name in words}


def _is_name(key: str) -> bool:
    """Whether a key may be in an answer: it is a name, and contains no identity number."""
    return bool(_NAME.fullmatch(key)) and not _NUMBER.search(key)


def _token(token: str) -> str:
    """A token as graphql-core calls it, without its value unless that is a name."""
    found = _TOKEN.fullmatch(token)
    return token if found is None or found["kind"] in _NAMED else found["kind"]


def _token_zh(token: str) -> str:
    found = _TOKEN.fullmatch(token)
    if found is None or found["kind"] not in TOKENS:
        return f"“{token.strip(chr(39))}”"
    value = f"“{found['value']}”" if found["kind"] in _NAMED and found["value"] else ""
    return TOKENS[found["kind"]] + value


def _compiled(rows: Iterable[Row]) -> tuple[tuple[re.Pattern[str], Row], ...]:
    return tuple(
        (_pattern(row.message), Row(row.message.replace("{*}", ""), row.chinese, row.english)) for row in rows
    )


def _pattern(template: str) -> re.Pattern[str]:
    """The pattern of a message; the braces stand for names and for text of the caller."""
    parts = re.split(r"\{(\*|\w+)\}", template.removesuffix(".") if template.endswith("{*}.") else template)
    text = ""
    for place, part in enumerate(parts):
        if place % 2 == 0:
            text += re.escape(part)
        elif part == "*":
            text += ".*"
        elif part == "maybe":
            text += "(?P<maybe>.*?)"
        else:
            quoted = parts[place - 1].endswith(("'", "$", "@"))
            character = "[^']" if quoted else "."
            text += f"(?P<{part}>{character}+?)"
    return re.compile(text, re.DOTALL)


_EXECUTABLE = _compiled((*VALUES, *DOCUMENTS))
_SYNTAX = _compiled(SYNTAX)
