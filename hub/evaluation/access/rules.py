"""What of the accesses of a day is unusual, as data: one line for each kind, with its words and its bounds (46-4.2, 46-4.3).

A finding is no reproach: it says where to look. The bounds are the hub's own, to be changed here; the policy has none.
"""

from dataclasses import dataclass

from hub.glossary.code_sets import ExplainedCode, Term

FIRST_HOUR, LAST_HOUR = 7, 20
"""Hours of a working day in which people work: from the first, before the last."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """From how many in a day on it is unusual: of a natural person, and of a client without one (None: there it never is)."""

    person: int
    machine: int | None


class UnusualAccessKind(ExplainedCode):
    """Why accesses are unusual: one line for each kind. What is counted is in `unusual.py`."""

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
