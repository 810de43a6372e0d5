"""The meaning of a file of households, in plain Python, from docs/imports.md only: rows in; households, events and refusals
out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Line = Mapping[str, str]
"""A row: 户编号, 姓名 …, with the person's number in 身份证号."""
OF_HOUSEHOLD = {"户籍性质": "residence", "地址": "address", "家庭人均月收入": "incomePerCapita"}
OF_PERSON = {
    "姓名": "name",
    "与户主关系": "relation",
    "联系电话": "phone",
    "健康状况": "health",
    "学校": "school",
}
"""The headers that are drawn, by the field that an event names, in the order of the event."""
MEANT = {
    "户主": "HEAD", "配偶": "SPOUSE", "子女": "CHILD", "城镇": "URBAN", "城市": "URBAN", "农村": "RURAL", "健康": "HEALTHY",
    "慢性病": "CHRONIC", "重病": "SERIOUS",
}  # fmt: skip
HOME = "410105001"
"""The street that imports: its households live there, and it is urban."""


def meant(header: str, cell: str) -> Any:
    """The value of a cell; None if it is empty."""
    cell = cell.strip()
    if not cell:
        return None
    if header == "家庭人均月收入":
        return Decimal(cell.replace("¥", "").replace("元", "").replace(",", "")).quantize(Decimal("0.01"))
    if header == "姓名":
        return "".join(cell.split())
    return MEANT.get(cell, cell)


@dataclass
class Member:
    """A present or former member of a household."""

    says: dict[str, Any]
    version: int = 1
    left: bool = False


@dataclass
class Home:
    """A household; members by their number."""

    says: dict[str, Any]
    members: dict[str, Member] = field(default_factory=dict)
    version: int = 1
    events: list[tuple[str, str | None, Any]] = field(default_factory=list)

    def head(self) -> str | None:
        """The number of the present head."""
        heads = [
            number
            for number, member in self.members.items()
            if member.says["与户主关系"] == "HEAD" and not member.left
        ]
        return heads[0] if heads else None


@dataclass
class Told:
    """The contents of a report: the rows that were new or different, and (row, code) of the refused rows."""

    changed: set[int] = field(default_factory=set)
    refused: set[tuple[int, str]] = field(default_factory=set)


@dataclass
class Township:
    """The households of a street after its imports."""

    homes: dict[str, Home] = field(default_factory=dict)

    def leaves(self, number: str) -> None:
        """A person leaves the household."""
        for home in self.homes.values():
            if number in home.members:
                home.members[number].left = True

    def take(self, lines: Sequence[Line], headers: Sequence[str]) -> Told:
        """Import one file. A household is processed when its last row has been read."""
        result, taken = Told(), dict[str, str]()
        rows = list(enumerate(lines, 2))
        last = {line["户编号"]: row for row, line in rows}
        of_code = {code: [one for one in rows if one[1]["户编号"] == code] for code in last}
        distinct = {code: self._distinct(mine, result) for code, mine in of_code.items()}
        moved = self._moved(distinct)
        result.refused |= {(row, "NAMES_SHIFTED") for row in moved}
        for code in sorted(last, key=lambda one: last[one]):
            mine = of_code[code]
            refused = [one for one in mine if one not in distinct[code]]
            refused += [one for one in distinct[code] if one[0] in moved]
            stay = [one for one in distinct[code] if one[0] not in moved]
            fits = self._admitted(code, stay, refused, taken, result)
            if fits:
                self._write(
                    code,
                    fits,
                    [header for header in headers if header in OF_HOUSEHOLD or header in OF_PERSON],
                    result,
                )
            taken |= {line["身份证号"]: code for _, line in fits}
        return result

    @staticmethod
    def _distinct(mine: list[tuple[int, Line]], told: Told) -> list[tuple[int, Line]]:
        """A person may be in one row only, and one row only may be the head's; the first one counts."""
        fits: list[tuple[int, Line]] = []
        for row, line in mine:
            if line["身份证号"] in {one["身份证号"] for _, one in fits}:
                told.refused.add((row, "DUPLICATE_ROW"))
            elif line["与户主关系"] == "户主" and "户主" in {one["与户主关系"] for _, one in fits}:
                told.refused.add((row, "DUPLICATE_HEAD"))
            else:
                fits.append((row, line))
        return fits

    def _moved(self, distinct: Mapping[str, list[tuple[int, Line]]]) -> set[int]:
        """The rows whose new name is the former name of another person who is renamed in the same file."""
        renamed = [
            (row, meant("姓名", line["姓名"]), member.says["姓名"])
            for code, rows in distinct.items()
            if code in self.homes
            for row, line in rows
            if (member := self.homes[code].members.get(line["身份证号"])) is not None
            and member.says["姓名"] != meant("姓名", line["姓名"])
        ]
        former = {before for _, _, before in renamed}
        return {row for row, name, _ in renamed if name in former}

    def _admitted(
        self,
        code: str,
        mine: list[tuple[int, Line]],
        refused: list[tuple[int, Line]],
        taken: Mapping[str, str],
        told: Told,
    ) -> list[tuple[int, Line]]:
        """The rows that are accepted. A person is in one household only. A new household needs a head. A head may be replaced
        only if the successor is in the file. If the head's row is refused and is not the registered head, nobody else comes
        in."""
        home, stay = self.homes.get(code), []
        for row, line in mine:
            number = line["身份证号"]
            elsewhere = any(
                number in other.members and not other.members[number].left
                for name, other in self.homes.items()
                if name != code
            )
            if elsewhere or taken.get(number, code) != code:
                told.refused.add((row, "PERSON_IN_ANOTHER_HOUSEHOLD"))
                refused.append((row, line))
            else:
                stay.append((row, line))
        head = next((one for one in stay if one[1]["与户主关系"] == "户主"), None)
        if home is None:
            if head is None:
                had = "户主" in {line["与户主关系"] for _, line in refused}
                told.refused |= {(row, "HEAD_REFUSED" if had else "HEAD_MISSING") for row, _ in stay}
                return []
            return stay
        former = home.head()
        old = next((one for one in stay if one[1]["身份证号"] == former), None)
        if former is not None and head is not None and head is not old and old is None:
            told.refused.add((head[0], "DUPLICATE_HEAD"))
            stay.remove(head)
            refused.append(head)
            head = None
        elif former is not None and head is None and old is not None:
            told.refused.add((old[0], "HEAD_MISSING"))
            stay.remove(old)
        heads = [line["身份证号"] for _, line in refused if line["与户主关系"] == "户主"]
        if former is not None and head is None and heads and heads[0] != former:
            told.refused |= {(row, "HEAD_REFUSED") for row, _ in stay}
            return []
        return stay

    def _write(self, code: str, fits: list[tuple[int, Line]], headers: Sequence[str], told: Told) -> None:
        home, before = self.homes.get(code), len(told.changed)
        head = next(((row, line) for row, line in fits if line["与户主关系"] == "户主"), None)
        of_home = [header for header in headers if header in OF_HOUSEHOLD]
        if home is None:
            assert head is not None
            self.homes[code] = home = Home(
                {one: meant(one, head[1][one]) if one in of_home else None for one in OF_HOUSEHOLD}
            )
            home.says["户籍性质"] = home.says["户籍性质"] or "URBAN"
            home.events.append(("HOUSEHOLD_REGISTERED", None, len(fits)))
            told.changed.add(head[0])
            known = False
        else:
            known = True
            if head is not None:
                self._change_home(home, head, of_home, told)
        for row, line in fits:
            self._change_member(
                home, row, line, [header for header in headers if header in OF_PERSON], told, known=known
            )
        if known and len(told.changed) > before:
            home.version += 1

    @staticmethod
    def _change_home(home: Home, head: tuple[int, Line], headers: Sequence[str], told: Told) -> None:
        """An empty cell clears the field if the file has the column; residence is never cleared."""
        row, line = head
        says = {
            header: meant(header, line[header])
            for header in headers
            if (header, line[header]) != ("户籍性质", "")
        }
        changed = [one for one in OF_HOUSEHOLD if one in says and says[one] != home.says[one]]
        if changed:
            home.says |= {one: says[one] for one in changed}
            home.events.append(("HOUSEHOLD_UPDATED", None, [OF_HOUSEHOLD[one] for one in changed]))
            told.changed.add(row)

    @staticmethod
    def _change_member(
        home: Home, row: int, line: Line, headers: Sequence[str], told: Told, *, known: bool
    ) -> None:
        number = line["身份证号"]
        says = {header: meant(header, line[header]) for header in headers}
        member = home.members.get(number)
        if member is None:
            home.members[number] = Member(dict.fromkeys(OF_PERSON) | says)
            told.changed.add(row)
            if known:
                home.events.append(("HOUSEHOLD_UPDATED", number, ["members"]))
            return
        changed = [OF_PERSON[one] for one in OF_PERSON if one in says and says[one] != member.says[one]]
        changed += ["rejoined"] if member.left else []
        if changed:
            member.says |= says
            member.left = False
            member.version += 1
            home.events.append(("HOUSEHOLD_UPDATED", number, changed))
            told.changed.add(row)
