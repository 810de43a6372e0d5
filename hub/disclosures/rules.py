"""What a public list shows of a person and what it withholds, as data with its legal basis (46-4.3).

46-4.3: 加大信息公开力度,按照规定公开救助信息. 社会救助暂行办法 (国务院令第649号) has those who are approved published in their
village or community; 个人信息保护法 holds that to what the purpose needs.
"""

from dataclasses import dataclass
from enum import StrEnum

from hub.model.aid import AidKind

CLAUSE = "46-4.3"
ADULT_FROM = 18


class Shown(StrEnum):
    """What a list does with a datum."""

    SHOWN = "SHOWN"
    MASKED = "MASKED"
    WITHHELD = "WITHHELD"


@dataclass(frozen=True, slots=True)
class MaskingRule:
    """What is done with a datum, in words, and the legal basis."""

    datum: str
    shown: Shown
    words: str
    words_zh: str
    basis: str


_MINIMAL, _SENSITIVE = "个人信息保护法第六条", "个人信息保护法第二十八条"

MASKING: tuple[MaskingRule, ...] = (
    MaskingRule(
        "name", Shown.MASKED, "the first and the last character; of two characters the first",
        "姓名隐去中间字,两字姓名仅保留姓", _MINIMAL,
    ),
    MaskingRule(
        "name of a minor", Shown.WITHHELD, "nobody under 18 is named", "未满十八周岁的不公示姓名",
        f"{_SENSITIVE};未成年人保护法",
    ),
    MaskingRule(
        "address", Shown.MASKED, "the village or community alone", "仅公示所在村(社区)", f"社会救助暂行办法;{_MINIMAL}"
    ),
    MaskingRule(
        "category or kind of aid", Shown.SHOWN, "what is given, and since when", "救助类别或种类及起始日期",
        "46-4.3;社会救助暂行办法",
    ),
    MaskingRule("identity number, telephone", Shown.WITHHELD, "in no part", "不公示", _MINIMAL),
    MaskingRule("account", Shown.WITHHELD, "in no part", "不公示", _SENSITIVE),
    MaskingRule(
        "health, disability", Shown.WITHHELD, "nor any kind of aid that tells it", "不公示,也不公示可推知的救助种类",
        _SENSITIVE,
    ),
    MaskingRule(
        "amount", Shown.WITHHELD, "supplements of 46-3.1 in it tell illness and disability",
        "含分类施保增发,可推知病残情况", _SENSITIVE,
    ),
)  # fmt: skip
"""Every rule that a list keeps; a datum that no rule shows is in no list."""

DISCLOSED_KINDS: frozenset[AidKind] = frozenset(
    {AidKind.BASIC_LIVING, AidKind.HOUSING, AidKind.EMPLOYMENT, AidKind.DISASTER, AidKind.TEMPORARY}
)
"""The kinds that a list of those who were helped names."""

WITHHELD_KINDS: dict[AidKind, str] = {
    AidKind.MEDICAL: "it tells illness",
    AidKind.EDUCATION: "it is given to pupils, most of them minors",
    AidKind.SERVICE: "it tells who cannot look after themselves",
    AidKind.OTHER: "its forms tell disability and death",
    AidKind.CHARITY: "it is the giver's to publish",
}
"""The others, and why."""


def masked_name(name: str) -> str:
    """A name as a list shows it: 张小明 is 张*明, 张明 is 张*."""
    surname, rest = name[:1], name[1:]
    if not rest:
        return "*"
    return surname + "*" * max(len(rest) - 1, 1) + rest[-1] * (len(rest) > 1)
