"""Random files as offices make them: a layout, words of the vocabulary, and damages, with the expected result of each cell.

The expected result is written from docs/imports.md and the tables of words: a value, or the code of a refusal.
"""

import csv
import io
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from hub.imports.words import lines_of
from hub.model.import_runs import ImportKind
from tests.hub.imports.office import FAMILY_NAMES, GIVEN_NAMES, identity_number

Right = tuple[str, Any]
"""("value", the value read) or ("refused", the code)."""
Drawn = tuple[str, Right]
"""A cell and its expected result."""


def value(cell: str, read: Any) -> Drawn:
    """A cell that is read as a value."""
    return cell, ("value", read)


def refused(cell: str, code: str) -> Drawn:
    """A cell that is refused."""
    return cell, ("refused", code)


Draw = Callable[[random.Random], Drawn]
BROKEN = (
    refused("#REF!", "INVALID_TEXT"),
    refused("#N/A", "INVALID_TEXT"),
    refused("####", "INVALID_TEXT"),
    refused("见\ufffd附件", "INVALID_TEXT"),
)
"""Contents that no column accepts as a value or as an empty cell."""
NOTHING = (value("无", None), value("/", None), value("-", None), value("—", None), value("不适用", None))


def one_of(*cells: Drawn) -> Draw:
    """One of these cells, at random."""
    return lambda rng: rng.choice(cells)


def either(often: Draw, sometimes: Sequence[Drawn]) -> Draw:
    """Usually from `often`, otherwise one of `sometimes`."""
    return lambda rng: often(rng) if rng.random() < 0.8 else rng.choice(sometimes)


def word(name: str) -> Draw:
    """A word of a vocabulary that does not change another column."""
    lines = [line for line in lines_of(name) if not line[3] and line[0].strip() == line[0]]

    def draw(rng: random.Random) -> Drawn:
        written, meaning, _, _ = rng.choice(lines)
        if "|" in meaning:
            return refused(written, "AMBIGUOUS_WORD")
        return value(written, ("word", meaning) if meaning else None)

    return either(draw, (refused("甲乙丙", "UNKNOWN_WORD"), *BROKEN))


def day(rng: random.Random) -> tuple[date, list[str]]:
    """A day, in the forms that offices write."""
    one = date(rng.randint(1990, 2025), rng.randint(1, 12), rng.randint(1, 28))
    plain = [f"{one:%Y-%m-%d}", f"{one:%Y/%m/%d}", f"{one:%Y.%m.%d}", f"{one:%Y%m%d}", f"{one:%Y年%m月%d日}"]
    return one, [*plain, f"{one.year}年{one.month}月{one.day}号", f"{one.year}/{one.month}/{one.day}"]


WRONG_DAYS = (*(refused(cell, "INVALID_DATE") for cell in ("2024-02-30", "去年", "13000101")), *BROKEN)
"""Cells that are not days."""


def exact(rng: random.Random) -> Drawn:
    """A column that requires an exact day."""
    if rng.random() < 0.2:
        return rng.choice(
            (*WRONG_DAYS, refused("2024年3月", "DAY_REQUIRED"), refused("202403", "DAY_REQUIRED"))
        )
    one, written = day(rng)
    return value(rng.choice(written), one)


def beginning(rng: random.Random) -> Drawn:
    """The first day of a period, or its month."""
    months = (
        value("2024年3月", date(2024, 3, 1)),
        value("2024.03", date(2024, 3, 1)),
        value("202403", date(2024, 3, 1)),
    )
    return (
        rng.choice((*months, refused("2024.1", "AMBIGUOUS_MONTH"), *WRONG_DAYS))
        if rng.random() < 0.3
        else exact_day(rng)
    )


def ending(rng: random.Random) -> Drawn:
    """The last day of a period, its month, or an empty cell."""
    others = (
        value("2024年2月", date(2024, 2, 29)),
        value("长期", None),
        value("9999-12-31", None),
        value("2099-12-31", None),
        refused("2024.1", "AMBIGUOUS_MONTH"),
        *WRONG_DAYS,
    )
    return rng.choice(others) if rng.random() < 0.3 else exact_day(rng)


def exact_day(rng: random.Random) -> Drawn:
    """An exact day."""
    one, written = day(rng)
    return value(rng.choice(written), one)


def money(rng: random.Random) -> Drawn:
    """An amount in yuan."""
    if rng.random() < 0.3:
        damaged = (
            refused("约五百", "INVALID_MONEY"),
            refused("-5", "INVALID_MONEY"),
            refused("1.234", "INVALID_MONEY"),
            refused("12,34", "INVALID_MONEY"),
        )
        return rng.choice((*damaged, *NOTHING, *BROKEN))
    yuan = Decimal(rng.randint(0, 999_999)) / 100
    written = [f"{yuan:.2f}", f"¥{yuan:.2f}", f"{yuan:.2f}元", f"{yuan:,.2f}", f" {yuan:.2f} "]
    return value(rng.choice(written), yuan)


def name(rng: random.Random) -> Drawn:
    """A person's name."""
    one = rng.choice(FAMILY_NAMES) + rng.choice(GIVEN_NAMES)
    written = [one, f" {one}", f"{one[0]} {one[1]}", f"{one[0]}\u3000{one[1]}", f"'{one}"]
    return value(rng.choice(written), one)


def text(rng: random.Random) -> Drawn:
    """A short optional text."""
    return either(
        one_of(
            value("经三路小学", "经三路小学"), value(" 第一 医院 ", "第一 医院"), value("A栋3号", "A栋3号")
        ),
        (*NOTHING, *BROKEN),
    )(rng)


def phone(rng: random.Random) -> Drawn:
    """A telephone number."""
    number = f"139{rng.randint(0, 99_999_999):08d}"
    damaged = (
        refused("13900001234、13900001235", "INVALID_PHONE"),
        refused("同户主", "INVALID_PHONE"),
        *NOTHING,
        *BROKEN,
    )
    return either(one_of(value(number, number), value(f"{number[:3]} {number[3:]}", number)), damaged)(rng)


def account(rng: random.Random) -> Drawn:
    """An account number; a spreadsheet may have lost digits of it."""
    number = f"62284807{rng.randint(10**10, 10**11 - 1)}"
    number = number[:-1] + "7"
    damaged = (refused("6.22848E+18", "DIGITS_LOST"), refused("未办", "INVALID_ACCOUNT"), *NOTHING, *BROKEN)
    return either(one_of(value(number, number), value(" ".join((number[:4], number[4:])), number)), damaged)(
        rng
    )


def truth(rng: random.Random) -> Drawn:
    """是 or 否."""
    return rng.choice((value("是", True), value("否", False), refused("也许", "UNKNOWN_WORD"), *BROKEN))


OF_HOUSEHOLDS: Mapping[str, Draw] = {
    "residence": word("residence"), "address": text, "incomePerCapita": money, "support": word("support"),
    "certifiedAmount": money, "validFrom": beginning, "validUntil": ending, "gender": word("gender"), "birthDate": exact,
    "phone": phone, "account": account, "health": word("health"), "disabilityGrade": word("disability_grade"),
    "educationStage": word("education_stage"), "school": text, "employment": word("employment"), "labour": word("labour"),
}  # fmt: skip
OF_CIRCUMSTANCES: Mapping[str, Draw] = {
    "until": ending,
    "disabilityGrade": word("disability_grade"),
    "educationStage": word("education_stage"),
    "school": text,
    "amount": money,
    "note": text,
}
OF_AID: Mapping[str, Draw] = {
    "amount": money, "paidOn": exact, "payee": word("payee"), "monthSupplement": money, "hospital": text, "totalCost": money,
    "premiumInFull": truth, "stage": word("education_stage"), "floorArea": money, "dangerGrade": word("danger_grade"),
    "employer": text, "struckOn": exact, "happenedOn": exact,
}  # fmt: skip
OF_MONITORED: Mapping[str, Draw] = {
    "relation": word("relation"),
    "riskGone": truth,
    "endedOn": ending,
    "endReason": text,
}
NEEDED: Mapping[ImportKind, Mapping[str, Draw]] = {
    ImportKind.HOUSEHOLDS: {"householdCode": one_of(value("JS-1", "JS-1"), value(" JS-2 ", "JS-2")), "name": name,
                            "relation": word("relation")},
    ImportKind.CIRCUMSTANCES: {"name": name, "since": beginning},
    ImportKind.AID: {"externalId": one_of(value("Z-1", "Z-1"), value("Z 2", "Z 2")), "kind": word("aid_kind"),
                     "program": one_of(value("国家助学金", "国家助学金")), "periodFrom": beginning, "periodUntil": exact_day,
                     "status": word("aid_status"), "decidedOn": exact},
    ImportKind.MONITORED: {"head": name, "subtype": word("monitored_subtype"), "validFrom": beginning},
}  # fmt: skip
OPTIONAL: Mapping[ImportKind, Mapping[str, Draw]] = {
    ImportKind.HOUSEHOLDS: OF_HOUSEHOLDS,
    ImportKind.CIRCUMSTANCES: OF_CIRCUMSTANCES,
    ImportKind.AID: OF_AID,
    ImportKind.MONITORED: OF_MONITORED,
}
IDENTITY = {ImportKind.MONITORED: "headIdNumber"}
FOREIGN = ("序号", "村民小组", "登记员", "档案袋号")
"""Headers that no import knows, or takes for one of its own columns."""


@dataclass
class DrawnFile:
    """A file, and for each row of data the expected result of each column. `skipped`: the number of rows that are not data."""

    content: bytes
    rows: list[dict[str, Right]] = field(default_factory=list)
    skipped: int = 0


def identity(rng: random.Random, sequence: int) -> Drawn:
    """An identity number, possibly damaged."""
    number = identity_number(sequence)
    if rng.random() < 0.8:
        return value(
            rng.choice((number, f" {number}", f"'{number}", f"{number[:6]} {number[6:14]} {number[14:]}")),
            number,
        )
    other = "0" if number[-1] != "0" else "1"
    damaged = (number[:-1], number[:-1] + other, number[:-1] + "Х", number[:6] + number[8:-1])
    return refused(rng.choice(damaged), "INVALID_IDENTITY_NUMBER")


def header(rng: random.Random, names: Sequence[str]) -> str:
    """One of the names of a column, decorated as people do."""
    one = rng.choice(names)
    return rng.choice(
        (one, f"{one}*", f" {one} ", f"{one}:", f"{one}(必填)", f"*{one}", "\u3000".join((one[:1], one[1:])))
    )


def draw_file(rng: random.Random, kind: ImportKind, names: Mapping[str, Sequence[str]]) -> DrawnFile:
    """A file of a kind; `names`: the names of each column, by its key."""
    number_key = IDENTITY.get(kind, "idNumber")
    optional = rng.sample(sorted(OPTIONAL[kind]), rng.randint(0, min(6, len(OPTIONAL[kind]))))
    keys: list[str | None] = [*NEEDED[kind], number_key, *optional, *([None] * rng.randint(0, 2))]
    rng.shuffle(keys)
    foreign = iter(rng.sample(FOREIGN, 2))
    titles = [next(foreign) if key is None else header(rng, names[key]) for key in keys]
    drawn = DrawnFile(b"")
    lines: list[list[str]] = [["花名册"], ["填报单位:经八路街道办事处"]][: rng.randint(0, 2)]
    lines.append(titles)
    if len(keys) > 2 and rng.random() < 0.3:
        lines.append([str(at) for at in range(1, len(keys) + 1)])
        drawn.skipped += 1
    for sequence in range(1, rng.randint(2, 6)):
        cells, right = _row(rng, kind, keys, number_key, sequence)
        lines.append(cells)
        drawn.rows.append(right)
        if rng.random() < 0.15:
            lines.append([""] * len(keys))
    if rng.random() < 0.3:
        lines.append(["合计", f"{len(drawn.rows)}人"])
        lines.append(["填表人:李四", "", "审核人:王五"])
        drawn.skipped += 2
    drawn.content = _content(rng, [line + [""] * (len(keys) - len(line)) for line in lines])
    return drawn


def _row(
    rng: random.Random, kind: ImportKind, keys: Sequence[str | None], number_key: str, sequence: int
) -> tuple[list[str], dict[str, Right]]:
    cells: list[str] = []
    right: dict[str, Right] = {}
    for key in keys:
        if key is None:
            cells.append(rng.choice(("", "3", "第二组", "2024-02-30")))
            continue
        if key == number_key:
            cell, what_is_right = identity(rng, sequence)
        elif key in NEEDED[kind]:
            cell, what_is_right = NEEDED[kind][key](rng)
        elif rng.random() < 0.2:
            cell, what_is_right = rng.choice((value("", None), value("  ", None)))
        else:
            cell, what_is_right = OPTIONAL[kind][key](rng)
        cells.append(cell)
        right[key] = what_is_right
    return cells, right


def _content(rng: random.Random, lines: Sequence[Sequence[str]]) -> bytes:
    written = io.StringIO()
    delimiter = rng.choice((",", ",", ";", "\t"))
    every = rng.random() < 0.5
    ends = rng.choice(("\r\n", "\n"))
    if every:
        writer = csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator=ends)
    else:
        writer = csv.writer(written, delimiter=delimiter, lineterminator=ends)
    writer.writerows(lines)
    return written.getvalue().encode(rng.choice(("utf-8", "utf-8-sig", "utf-16", "gb18030")))


def seeds(first: int, count: int) -> Iterator[int]:
    """The seeds of a number of files."""
    yield from range(first * 1_000_000, first * 1_000_000 + count)
