"""When the accesses of a day are unusual, as data: one line for each kind, with its term and its bounds (46-4.2, 46-4.3).

A finding is not an accusation: it says where to look. The policy gives no bounds; these are the hub's own and can be changed
here.
"""

from dataclasses import dataclass

from hub.glossary.code_sets import ExplainedCode, Term

FIRST_HOUR, LAST_HOUR = 7, 20
"""The hours of a working day in which offices work: from the first, before the last."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The number in a day from which it is unusual: for a natural person, and for a client without a person (None: never)."""

    person: int
    machine: int | None


class UnusualAccessKind(ExplainedCode):
    """The kinds of unusual access, one line for each. `unusual.py` counts them."""

    rule: Bounds

    VOLUME = (
        "VOLUME",
        Term("查阅户数异常", "unusually many households", note_zh="同一日", note="of one day"),
        Bounds(200, 20_000),
    )
    OUT_OF_HOURS = (
        "OUT_OF_HOURS",
        Term(
            "非工作时间查阅", "outside working hours", note_zh="限实名操作人", note="of natural persons alone"
        ),
        Bounds(10, None),
    )
    ELSEWHERE = (
        "ELSEWHERE",
        Term(
            "查阅辖区外家庭",
            "households of other regions",
            note_zh="因推送等可查看的",
            note="that are shown to the agency",
        ),
        Bounds(20, 500),
    )
    SAME_HOUSEHOLD = (
        "SAME_HOUSEHOLD",
        Term("反复查阅同一户", "one household again and again"),
        Bounds(10, 200),
    )
    FORBIDDEN = (
        "FORBIDDEN",
        Term("反复查询无权字段", "fields without permission again and again"),
        Bounds(20, 200),
    )
    NOTHING_FOUND = (
        "NOTHING_FOUND",
        Term("按证号反复查无此人", "searches by number that find nobody"),
        Bounds(10, 200),
    )
    REFUSED_CREDENTIALS = (
        "REFUSED_CREDENTIALS",
        Term("凭证反复被拒", "secrets and tokens refused again and again"),
        Bounds(10, 100),
    )
