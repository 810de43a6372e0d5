"""Texts that people and systems write, in the one form in which they are stored, compared and looked up.

Every incoming text goes through `refined`: an input of a mutation, an argument of a read, a cell of a file. Texts that look
the same are then equal: spaces around them are removed, letters are composed (Unicode NFC), and invisible characters are
refused by name.
"""

import re
import unicodedata
from enum import Enum

from hub.foundation.errors import InvalidInput

LONGEST_EXTERNAL_ID = 64


class Form(Enum):
    """The kind of a text, which decides the characters that it may hold."""

    CODE = "a number or code that a registry gives: half-width, and no space means anything in it"
    KEY = "an id of the caller's own system: half-width, one line; spaces inside it stay"
    LINE = "a name: one line; every kind of space inside it is the ordinary one"
    PROSE = "what somebody tells: tabs and ends of lines may stand in it"


class InvalidValue(Exception):
    """A value cannot be used; `reason` and `reason_zh` say why, `at` where in it."""

    def __init__(self, reason: str, reason_zh: str, *at: str | int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.reason_zh = reason_zh
        self.at = at


_SPACES = re.compile(r"\s+")
_ORDINARY = re.compile("[0-9A-Za-z\u4e00-\u9fff]+")
_OTHER_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_IDEOGRAPHS = range(0x20000, 0x3FFFE)
"""The planes of rare characters. People's names use characters that Unicode assigned after this Python's release, too."""
_UNSEEN = {
    "Cc": ("a control character", "控制字符"),
    "Cf": ("an invisible character", "不可见字符"),
    "Cs": ("half a character", "不完整的字符"),
    "Co": (
        "a private-use character, which every system shows otherwise",
        "私用区字符(各系统显示不同,请改用国标字符)",
    ),
    "Cn": ("a character that Unicode does not have", "未定义的字符"),
    "Zl": ("an invisible end of line", "不可见的行分隔符"),
    "Zp": ("an invisible end of paragraph", "不可见的段落分隔符"),
}
"""Invisible characters, by their general category in Unicode."""
_VARIATION_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_BLANKS = "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufffc\U0001d159"
_BLANK = re.compile(f"[{_BLANKS}{_VARIATION_SELECTORS}]")
"""Invisible characters whose category is that of letters, marks or symbols: Unicode's Default_Ignorable_Code_Point
(DerivedCoreProperties), and the blanks among the symbols."""
_BLANK_IN_WORDS = re.compile(f"[{_BLANKS}]|^[{_VARIATION_SELECTORS}]")
"""In names and prose a variation selector may follow a character: it selects one of its forms, which matters in names."""


def is_ordinary(text: str) -> bool:
    """Whether a text is not empty and has only ASCII letters, digits and common ideographs: then every form accepts it
    unchanged."""
    return _ORDINARY.fullmatch(text) is not None


def refined(text: str, form: Form) -> str:
    """The text in the form in which it is stored and looked up; raises InvalidValue. It may be empty.

    Invisible characters are refused, not removed: they are mistakes, and only the sender can find their source. Zero-width
    joiners are among them, since no name here is written in a script that needs one.
    """
    if text.isascii() and text.isprintable():
        if form is Form.CODE:
            return text.replace(" ", "")
        return text.strip() if text[:1] == " " or text[-1:] == " " else text
    if form is Form.CODE or form is Form.KEY:
        text = unicodedata.normalize("NFKC", text)
    elif not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    text = text.strip()
    if form is Form.CODE:
        text = unicodedata.normalize(
            "NFC", _SPACES.sub("", text)
        )  # characters that a space separated may compose now
    elif form is Form.LINE:
        text = _OTHER_SPACE.sub(" ", text)
    if not text.isprintable():
        _refuse_unseen(text, form)
    if blank := (_BLANK if form in {Form.CODE, Form.KEY} else _BLANK_IN_WORDS).search(text):
        raise _unseen(blank[0], *_UNSEEN["Cf"])
    return text


def _refuse_unseen(text: str, form: Form) -> None:
    """Raise InvalidValue for the first invisible character, with its number and name."""
    for one in text:
        category = unicodedata.category(one)
        if category not in _UNSEEN or (category == "Cn" and ord(one) in _IDEOGRAPHS):
            continue
        if one in "\t\n\r":
            if form is Form.PROSE:
                continue
            raise InvalidValue("it holds a tab or the end of a line", "含有制表符或换行")
        raise _unseen(one, *_UNSEEN[category])


def _unseen(one: str, what: str, what_zh: str) -> InvalidValue:
    """The error that refuses a character, with its number and name."""
    number, name = f"U+{ord(one):04X}", unicodedata.name(one, "")
    return InvalidValue(
        f"it holds {what}, {number} {name}".rstrip(),
        f"含有{what_zh} {number} {name}".rstrip(),
    )


def required_text(name: str, value: str | None, most: int) -> str:
    """A text without the spaces around it. Raises InvalidInput if it is empty, longer than `most` characters, or has
    invisible characters. `name` is the field's name in the input."""
    try:
        text = refined(value or "", Form.PROSE)
    except InvalidValue as unfit:
        raise InvalidInput(
            path=(name,), field=name, reason=unfit.reason, reason_zh=unfit.reason_zh
        ) from unfit
    if not 1 <= len(text) <= most:
        raise InvalidInput(
            path=(name,), field=name, reason=f"1 to {most} characters", reason_zh=f"须为 1 至 {most} 个字符"
        )
    return text
