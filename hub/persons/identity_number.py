"""Identity numbers (公民身份号码, GB 11643-1999): parsing, checking, masking.

Eighteen characters: six for a region, eight for the birth date, three for a sequence whose last digit is odd for men, and
an ISO 7064 MOD 11-2 check digit. The region is where the number was issued, not where the holder lives. People keep the
number of an abolished county (410121, 410107), so `gb2260_ever.txt` holds every code ever assigned (GB/T 2260, all
editions), separate from the regions of residence. Foreigners with a permanent residence card have a number of the same form
since 2023; it begins with 9, and its next five digits are the place of issue and the nationality.

A spreadsheet that stored the number as a number lost its last digits. Such text is refused if it shows this (an exponent, a
decimal point, final zeros); the check digit finds ten of eleven of the others.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from operator import mul

from hub.foundation.calendar import today
from hub.foundation.errors import HubError
from hub.foundation.texts import Form, InvalidValue, refined
from hub.model.persons import Gender

SAMPLE_REGION = "410199"
"""No edition of GB/T 2260 assigns this code: numbers of sample data belong to nobody."""

REGIONS_EVER = frozenset(files("hub.persons").joinpath("gb2260_ever.txt").read_text("ascii").split())

_PROVINCES = frozenset(code[:2] for code in REGIONS_EVER)

_EARLIEST = date(1900, 1, 1)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_OF_ZEROS = ord("0") * sum(_WEIGHTS)
_CHECK_DIGITS = "10X98765432"
_HALF_WIDTH = {ord(c) + 0xFEE0: c for c in "0123456789Xx"}  # U+FF10 to U+FF5E mirror ASCII
_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
_OF_A_SPREADSHEET = re.compile(r"[0-9]+(\.[0-9]*)?(E\+?[0-9]+)?")


class InvalidIdentityNumber(HubError):
    """The identity number cannot be used: {reason}.
    身份证号不可用:{reason_zh}。
    """


@dataclass(frozen=True, slots=True)
class IdentityNumber:
    """A checked number, with the birth date and gender it contains."""

    number: str
    birth_date: date
    gender: Gender


def normalized(text: str) -> str:
    """The number without spaces, in half-width characters, with a capital X; not checked. Numbers are stored and looked up
    in this form. Raises InvalidIdentityNumber for invisible characters."""
    if text.isascii() and text.isalnum():
        return text.upper()
    try:
        return refined(text, Form.LINE).replace(" ", "").translate(_HALF_WIDTH).upper()
    except InvalidValue as unfit:
        raise _invalid(unfit.reason, unfit.reason_zh) from unfit


def check_digit(first17: str) -> str:
    """The eighteenth character (ISO 7064 MOD 11-2) that belongs to seventeen digits."""
    return _CHECK_DIGITS[(sum(map(mul, _WEIGHTS, first17.encode("ascii"))) - _OF_ZEROS) % 11]


def masked(number: str) -> str:
    """The first two characters of an identity number, those of the province.

    A response also shows birth date and gender, which give eight characters and a parity, and the check digit follows from
    the rest. With two visible characters, this many numbers remain possible: 500 for each county code, 11,500 for the 23
    codes that Zhengzhou ever had, 198,000 for the 396 of Henan. With the last two characters as well it would be 9, 209 and
    3,600.
    """
    return number[:2] + "*" * (len(number) - 2)


def veiled(value: str) -> str:
    """A sensitive number in the form that a report or a history may show: an identity number masked, another number with two
    characters at each end, and a number of up to eight characters completely hidden."""
    value = unicodedata.normalize("NFKC", value).strip()
    if _SHAPE.fullmatch(value.upper()):
        return masked(value)
    return value[:2] + "*" * (len(value) - 4) + value[-2:] if len(value) > 8 else "*" * len(value)


def parse_identity_number(text: str, *, sample: bool) -> IdentityNumber:
    """Check a number in any common spelling; raises InvalidIdentityNumber, whose reason never contains the number.

    Region 410199 is accepted only in a sample database.
    """
    number = normalized(text)
    if not _SHAPE.fullmatch(number):
        raise _misshapen(number)
    region = number[:6]
    if not (region in REGIONS_EVER or _of_a_foreigner(region) or (sample and region == SAMPLE_REGION)):
        raise _invalid("no region ever had the code of its first six digits", "前六位从来不是行政区划代码")
    birth_date = _date(number[6:14])
    if birth_date is None:
        raise _invalid("digits 7 to 14 are not a birth date", "第 7 至 14 位不是有效的出生日期")
    if not _EARLIEST <= birth_date <= today():
        raise _invalid("the birth date lies before 1900 or in the future", "出生日期早于 1900 年或晚于今天")
    if check_digit(number[:17]) != number[17]:
        raise _check_digit_refusal(number)
    return IdentityNumber(number, birth_date, Gender.MALE if number[16] in "13579" else Gender.FEMALE)


def _of_a_foreigner(region: str) -> bool:
    """Whether the first six digits are those of a permanent residence card: 9 and the code of a province."""
    return region[0] == "9" and region[1:3] in _PROVINCES


@lru_cache(maxsize=65_536)
def _date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _invalid(reason: str, reason_zh: str) -> InvalidIdentityNumber:
    return InvalidIdentityNumber(reason=reason, reason_zh=reason_zh)


_WITHOUT_A_NUMBER = frozenset({
    "无", "暂无", "没有", "未办理", "未办", "待办", "未上户", "未落户", "新生儿", "无身份证", "无证件", "-", "--", "—", "——", "/",
    "NULL", "NONE", "N/A",
})  # fmt: skip
_PASSPORT = re.compile(r"(?!E\+)[A-Z]{1,2}[0-9]{7,9}")
_HOME_RETURN_PERMIT = re.compile(r"[HM][0-9]{8}([0-9]{2})?")


def _misshapen(number: str) -> InvalidIdentityNumber:
    if not number:
        return _invalid("it is empty", "为空")
    if number in _WITHOUT_A_NUMBER:
        return _invalid(
            "this person has no number yet; the others are taken, and this row when the number is issued",
            "此人尚无身份证号,其他人员照常录入,取得号码后再录入此人",
        )
    if _HOME_RETURN_PERMIT.fullmatch(number):
        return _invalid(
            "it looks like a travel permit of Hong Kong or Macao; give the 18-digit number of the residence permit",
            "像是港澳居民来往内地通行证号码,请填写港澳台居民居住证的 18 位号码",
        )
    if _PASSPORT.fullmatch(number):
        return _invalid(
            "it looks like a passport number; give the 18-digit number of the identity or permanent residence card",
            "像是护照号码,请填写身份证或外国人永久居留身份证的 18 位号码",
        )
    if (
        strange := next((placed for placed in enumerate(number, 1) if not _ordinary(placed[1])), None)
    ) is not None:
        return _lookalike(*strange)
    if len(number) == 20 and _SHAPE.fullmatch(number[:18]) and number[18:].isdigit():
        return _invalid(
            "it has 20 characters, as a disability card; its first 18 are the identity number",
            "为 20 位残疾人证号,前 18 位为身份证号,请填写 18 位",
        )
    if re.fullmatch(r"[0-9]{15}", number):
        return _invalid(
            "it has 15 digits; numbers of that form ended in 2013, give the 18-digit one",
            "为 15 位旧号码,已于 2013 年停用,请填写 18 位号码",
        )
    if _OF_A_SPREADSHEET.fullmatch(number) and not number.isdigit():
        return _lost_digits()
    return _invalid(
        f"it has {len(number)} characters; a number is 17 digits followed by a digit or X",
        f"共 {len(number)} 位,应为 17 位数字加 1 位数字或 X",
    )


def _ordinary(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character in "+.-")


def _lookalike(place: int, character: str) -> InvalidIdentityNumber:
    """The refusal of a character that only looks like one of a number. The message names it, because nobody sees the
    difference."""
    name, written = unicodedata.name(character, "unnamed").lower(), f"U+{ord(character):04X}"
    kind = next((zh for word, zh in _SCRIPTS.items() if word in name), "其他字符")
    return _invalid(
        f"character {place} is {written} ({name}); it should be 17 digits followed by a digit or X",
        f"第 {place} 位是{kind}({written}),应为 17 位数字加 1 位数字或 X",
    )


_SCRIPTS = {
    "cyrillic": "西里尔字母",
    "greek": "希腊字母",
    "multiplication": "乘号",
    "asterisk": "星号",
    "roman": "罗马数字",
    "cjk": "汉字",
    "dash": "横线",
    "arabic": "阿拉伯文数字",
}


def _check_digit_refusal(number: str) -> InvalidIdentityNumber:
    if number.endswith("000"):
        return _lost_digits()
    return _invalid("its last character does not fit the others (check digit)", "末位校验码不符")


def _lost_digits() -> InvalidIdentityNumber:
    return _invalid(
        "a spreadsheet kept it as a number and lost its last digits; make the cell text and enter it again",
        "表格将其存为数字,末几位已丢失,请将单元格设为文本格式后重新录入",
    )
