"""Lists: the rows that a filter selects, their order, and the rows of a page."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tests.policy import KNOWN_BY
from tests.schema.fuzz.plain.contract import open_to
from tests.schema.fuzz.plain.facts import Facts
from tests.schema.fuzz.plain.tables import Row

LARGEST_PAGE, DEFAULT_PAGE = 1000, 50


class NotCovered(Exception):
    """The operation contains an input that the hub refuses; other tests cover these."""


class Refused(Exception):
    """A filter or an order on a forbidden field: the whole operation is refused."""


@dataclass(frozen=True)
class Order:
    """The columns and the direction of an order. Null counts as the largest value. Rows with equal values are ordered by key,
    which the contract does not specify."""

    columns: tuple[str, ...]
    descending: bool = False

    def of(self, rows: Iterable[Row]) -> list[Row]:
        """The rows in this order."""
        key = (*self.columns, *(one for one in ("household_id", "id") if one not in self.columns))

        def place(row: Row) -> list[tuple[bool, Any]]:
            return [(row[one] is None, row[one] or 0) for one in key if one in row]

        return sorted(rows, key=place, reverse=self.descending)


NEWEST = {
    "AidRecord": Order(("period_from", "id"), descending=True),
    "Referral": Order(("sent_at",), descending=True),
    "Alert": Order(("raised_at",), descending=True),
    "Visit": Order(("visited_on", "id"), descending=True),
    "Certification": Order(("valid_from",), descending=True),
    "Circumstance": Order(("since",), descending=True),
}
DEFAULT = {**NEWEST, "Household": Order(("code",))}
ORDERS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "Household": {
        "CODE": ("code", "Household.code"),
        "REGION": ("region", "Household.region"),
        "INCOME_PER_CAPITA": ("income_per_capita", "Household.incomePerCapita"),
        "UPDATED_AT": ("updated_at", "Household.updatedAt"),
    },
    "AidRecord": {
        "PERIOD_FROM": ("period_from", "OtherAid.period"),
        "DECIDED_ON": ("decided_on", "OtherAid.decidedOn"),
    },
    "Referral": {"SENT_AT": ("sent_at", "Referral.sentAt"), "DUE_AT": ("due_at", "Referral.dueAt")},
    "Alert": {"RAISED_AT": ("raised_at", "Alert.raisedAt"), "DUE_AT": ("due_at", "Alert.dueAt")},
}
"""Fields of an order: the column, and the field whose scopes guard it."""

Keeps = Callable[[Facts, Row, Any], bool]


def _word(column: str) -> Keeps:
    return lambda _facts, row, words: row[column] in words


def _is(column: str) -> Keeps:
    return lambda _facts, row, value: bool(row[column] == value)


def _span(column: str, read: Callable[[str], Any]) -> Keeps:
    def within(_facts: Facts, row: Row, span: Mapping[str, str]) -> bool:
        value = row[column]
        return value is not None and (
            ("gte" not in span or value >= read(span["gte"]))
            and ("lte" not in span or value <= read(span["lte"]))
        )

    return within


FILTERS: Mapping[str, Mapping[str, tuple[str, Keeps]]] = {
    "Household": {
        "code": ("Household.code", _word("code")),
        "region": ("Household.region", lambda _, row, region: row["region"].startswith(region)),
        "residence": ("Household.residence", _is("residence")),
        "category": ("Household.category", lambda facts, row, words: bool(facts.categories(row) & set(words))),
        "partlyCovered": ("Household.partlyCovered", lambda facts, row, yes: facts.partly_covered(row) == yes),
        "circumstance": (
            "Household.circumstances", lambda facts, row, words: bool(facts.lasting_circumstances(row) & set(words)),
        ),
        "nearRelativeDeclared": (
            "Certification.nearRelativeDeclared",
            lambda facts, row, yes: any(map(facts.near_relative_declared, facts.standing(row))) == yes,
        ),
        "incomePerCapita": ("Household.incomePerCapita", _span("income_per_capita", Decimal)),
    },
    "AidRecord": {
        "kind": ("OtherAid.kind", _word("kind")), "program": ("OtherAid.program", _is("program")),
        "agency": ("OtherAid.agency", _is("agency_id")), "status": ("OtherAid.status", _word("status")),
        "periodFrom": ("OtherAid.period", _span("period_from", date.fromisoformat)),
        "decidedOn": ("OtherAid.decidedOn", _span("decided_on", date.fromisoformat)),
        "papersOverdue": (
            "TemporaryAid.papersOverdue",
            lambda facts, row, yes: row["kind"] == "TEMPORARY" and facts.papers_overdue(row) == yes,
        ),
    },
    "Referral": {
        "status": ("Referral.status", _word("status")), "need": ("Referral.need", _word("need")),
        "toAgency": ("Referral.to", _is("to_agency")), "fromAgency": ("Referral.from", _is("from_agency")),
        "overdue": ("Referral.overdue", lambda facts, row, yes: facts.referral_overdue(row) == yes),
        "answerRevoked": ("Referral.answerRevoked", lambda facts, row, yes: facts.answer_revoked(row) == yes),
    },
    "Alert": {
        "finding": ("Alert.finding", _word("finding")), "severity": ("Alert.severity", _word("severity")),
        "status": ("Alert.status", _word("status")), "disposition": ("Alert.disposition", _word("disposition")),
        "toAgency": ("Alert.to", _is("to_agency")),
        "overdue": ("Alert.overdue", lambda facts, row, yes: facts.alert_overdue(row) == yes),
    },
    "Visit": {
        "agency": ("Visit.agency", _is("agency_id")),
        "recommendation": ("Visit.recommendation", _word("recommendation")),
        "visitedOn": ("Visit.visitedOn", _span("visited_on", date.fromisoformat)),
    },
}  # fmt: skip
"""Fields of a filter: the field whose scopes guard it, and the condition that selects a row."""
_REGIONS, _AGENCIES, _TEXTS = {"region"}, {"agency", "toAgency", "fromAgency"}, {"code", "program"}


def filtered(facts: Facts, of: str, rows: Iterable[Row], given: Mapping[str, Any] | None) -> list[Row]:
    """The rows that match all fields of a filter; raises Refused and NotCovered."""
    given = given or {}
    for name, value in given.items():
        guard, _ = FILTERS[of][name]
        if not open_to(guard, facts.scopes):
            raise Refused(guard)
        for word in value if name == "circumstance" else ():
            if not {f"circumstance.{one}:read" for one in KNOWN_BY[word]} & facts.scopes:
                raise Refused(f"{guard}: {word}")
    for name, value in given.items():
        _check(facts, name, value)
    return [
        row for row in rows if all(FILTERS[of][name][1](facts, row, value) for name, value in given.items())
    ]


def _check(facts: Facts, name: str, value: Any) -> None:
    """Raise NotCovered for inputs that the hub refuses."""
    texts = value if isinstance(value, list) else [value]
    if value in ([], {}) or (
        name in _TEXTS and not all(one.isprintable() and one == one.strip() != "" for one in texts)
    ):
        raise NotCovered(f"{name} says nothing")
    if name in _REGIONS and value not in facts.regions:
        raise NotCovered(f"no such region: {value!r}")
    if name in _AGENCIES and value not in facts.agencies:
        raise NotCovered(f"no such agency: {value!r}")
    if name in ("code",) and not all(one.isascii() and one.replace("-", "").isalnum() for one in texts):
        raise NotCovered(f"not a code: {value!r}")
    if isinstance(value, dict) and len(value) == len(("gte", "lte")):
        read = Decimal if name == "incomePerCapita" else date.fromisoformat
        if read(value["gte"]) > read(value["lte"]):  # type: ignore[operator]
            raise NotCovered("the range ends before it begins")


def ordered(facts: Facts, of: str, rows: Iterable[Row], given: Mapping[str, str] | None) -> list[Row]:
    """The rows in the requested order, or in the default order of the list; raises Refused."""
    if given is None:
        return DEFAULT[of].of(rows)
    column, guard = ORDERS[of][given["field"]]
    if not open_to(guard, facts.scopes):
        raise Refused(guard)
    return Order((column,), given["direction"] == "DESC").of(rows)


@dataclass(frozen=True)
class Page:
    """The first or the last rows of a list."""

    of: str
    whole: list[Row]
    rows: list[Row]
    backwards: bool

    @property
    def more(self) -> bool:
        """Whether the list has more rows than the page."""
        return len(self.rows) < len(self.whole)


def paged(of: str, whole: list[Row], first: int | None = None, last: int | None = None) -> Page:
    """A page, by default of 50 rows."""
    size = last if last is not None else DEFAULT_PAGE if first is None else first
    rows = whole[:size] if last is None else whole[max(len(whole) - size, 0) :]
    return Page(of, whole, rows, last is not None)
