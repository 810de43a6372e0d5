"""Every page of a list, compared with a plain Python list: pages of zero rows, one, one fewer than all, all, and one more;
from either end, after and before the first, the second and the last rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from schema.engine.declare import ids
from tests.fixtures.served import Reply, Served

COUNTY, CITY, TOWNSHIP = "civil_affairs@410105", "civil_affairs@4101", "civil_affairs@410105001"


@dataclass(frozen=True)
class Listed:
    """One connection: the caller, the selection around it, the arguments beside those of its page, the fields that identify
    its rows, and a hand-written query for the whole list in its documented order."""

    name: str
    agency: str
    field: str
    arguments: str
    row: str
    rows: str
    around: str = "{}"


_HOME = "(select household_id from aid_record where superseded_at is null group by 1 order by count(*) desc, 1 limit 1)"
_CODE = f"select code from household where id = {_HOME}"
LISTS = [
    Listed("households by code", COUNTY, "households", 'filter: {region: "410105"}', "code",
           "select code from household where starts_with(region, '410105') order by code collate \"C\""),
    Listed("households of one code", CITY, "households", 'filter: {code: ["%s"]}', "code", _CODE),
    Listed("households of a code that is nobody's", COUNTY, "households", 'filter: {code: ["none"]}', "code",
           "select '' where false"),
    Listed("households by code, downwards", CITY, "households", "orderBy: {field: CODE, direction: DESC}", "code",
           "select code from household order by code collate \"C\" desc"),
    Listed("lines of a county", CITY, "lines", 'filter: {region: "410105"}', "category residence fromMonth",
           "select category, residence, from_month::text from poverty_line where county = '410105'"
           " and superseded_at is null order by residence collate \"C\", category collate \"C\", from_month"),
    Listed("aid of a household, newest first", CITY, "aidRecords", "", "id",
           f"select id from aid_record where household_id = {_HOME} and superseded_at is null"
           " order by period_from desc, id desc", 'household(code: "%s") {}'),
    Listed("a household's chain", CITY, "events", "", "number",
           f"select number from chain_event where household_id = {_HOME} order by position",
           'household(code: "%s") { chain {} }'),
    Listed("the feed of the city", CITY, "chainEvents", "", "number household { code }",
           "select e.number, h.code from chain_event e join household h on h.id = e.household_id order by e.position"),
]  # fmt: skip
TOLD = 1000
"""The largest page (README: pages of at most 1,000). Longer lists are tested only at their beginning and end."""


def plain(node: dict[str, Any]) -> tuple[Any, ...]:
    """The identifying values of a row, in the form of the hand-written query."""
    values: list[Any] = []
    for name, value in node.items():
        inner = next(iter(value.values())) if isinstance(value, dict) else value
        values.append(str(ids.decode(inner)[1][-1]) if name == "id" else inner)
    return tuple(values)


class Pages:
    """Requests pages of one list, many in one request."""

    def __init__(self, hub: Served, of: Listed) -> None:
        self.hub, self.of = hub, of
        ((code,),) = hub.rows(_CODE)
        self.arguments = of.arguments.replace("%s", code)
        self.around = of.around.replace("%s", code)
        self.rows = [
            tuple(str(one) if name == "id" else one for name, one in zip(of.row.split(), row, strict=False))
            for row in hub.rows(of.rows)
        ]

    def ask(self, wanted: Sequence[str], asked: str) -> list[Any]:
        """The connections for several arguments, each with the same selection."""
        fields = [
            f"p{place}: {self.of.field}({', '.join(filter(None, (self.arguments, one)))}) {{ {asked} }}"
            for place, one in enumerate(wanted)
        ]
        inner = "{ " + " ".join(fields) + " }"
        document = inner if self.around == "{}" else "{ " + self.around.replace("{}", inner) + " }"
        found = self.hub.ask(self.of.agency, document).data
        while "p0" not in found:
            found = next(iter(found.values()))
        return [found[f"p{place}"] for place in range(len(wanted))]

    def cursors(self) -> dict[int, str]:
        """The cursors of the first and last rows, by the row's place."""
        head, tail = self.ask(
            [f"first: {TOLD}", f"last: {TOLD}"], f"edges {{ cursor node {{ {self.of.row} }} }}"
        )
        first = len(self.rows) - len(tail["edges"])
        found = {place: edge["cursor"] for place, edge in enumerate(head["edges"])}
        return found | {first + place: edge["cursor"] for place, edge in enumerate(tail["edges"])}


@dataclass(frozen=True)
class Wanted:
    """A page: its size, from which end, and the row of its cursor."""

    size: int
    backwards: bool
    beyond: int | None

    def argument(self, cursors: dict[int, str]) -> str:
        """Its arguments in GraphQL."""
        size, cursor = ("last", "before") if self.backwards else ("first", "after")
        at = "" if self.beyond is None else f', {cursor}: "{cursors[self.beyond]}"'
        return f"{size}: {self.size}{at}"

    def of(self, rows: Sequence[Any]) -> tuple[list[int], bool, bool]:
        """The places of its rows, whether rows follow, and whether rows lie before. Rows on the other side of the cursor are
        not counted (Relay's specification): a cursor in the request means that there are some."""
        places = list(range(len(rows)))
        if self.backwards:
            left = places if self.beyond is None else places[: self.beyond]
            return left[max(0, len(left) - self.size) :], self.beyond is not None, len(left) > self.size
        left = places if self.beyond is None else places[self.beyond + 1 :]
        return left[: self.size], len(left) > self.size, self.beyond is not None


def edges_of(count: int) -> Iterator[Wanted]:
    """The pages at which an off-by-one error can occur."""
    for backwards in (False, True):
        for beyond in sorted(
            {None, 0, 1, count - 2, count - 1} - {-1, -2}, key=lambda one: (one is not None, one)
        ):
            if beyond is not None and beyond >= count:
                continue
            left = count if beyond is None else beyond if backwards else count - beyond - 1
            sizes = {size for size in (0, 1, 2, left - 1, left, left + 1) if 0 <= size <= TOLD}
            for size in sorted(sizes):
                yield Wanted(size, backwards, beyond)


@pytest.fixture(params=LISTS, ids=lambda of: of.name)
def pages(hub: Served, request: pytest.FixtureRequest) -> Pages:
    """Each list."""
    return Pages(hub, request.param)


def test_every_page_is_the_slice_that_a_list_would_give(pages: Pages) -> None:
    cursors, rows = pages.cursors(), pages.rows
    wanted = list(edges_of(len(rows)))
    arguments = [one.argument(cursors) for one in wanted]
    whole = f"nodes {{ {pages.of.row} }} edges {{ cursor }} totalCount" + (
        " pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
    )
    for asked, page in zip(wanted, pages.ask(arguments, whole), strict=True):
        places, follows, before = asked.of(rows)
        assert [plain(node) for node in page["nodes"]] == [rows[place] for place in places], asked
        assert [edge["cursor"] for edge in page["edges"]] == [cursors[place] for place in places], asked
        ends = {
            "startCursor": cursors[places[0]] if places else None,
            "endCursor": cursors[places[-1]] if places else None,
        }
        assert page["pageInfo"] == {"hasNextPage": follows, "hasPreviousPage": before, **ends}, asked
        assert page["totalCount"] == len(rows), asked


@pytest.mark.parametrize("of", [LISTS[0], LISTS[5]], ids=lambda of: of.name)
def test_a_page_is_the_same_whatever_is_asked_of_it(hub: Served, of: Listed) -> None:
    pages = Pages(hub, of)
    cursors = pages.cursors()
    wanted = [one for one in edges_of(len(pages.rows)) if one.size < 3]
    arguments = [one.argument(cursors) for one in wanted]
    parts = (
        f"nodes {{ {pages.of.row} }}",
        "edges { cursor }",
        "pageInfo { hasNextPage endCursor }",
        "pageInfo { hasPreviousPage startCursor }",
    )
    apart = [pages.ask(arguments, part) for part in parts]
    together = pages.ask(
        arguments,
        f"{parts[0]} {parts[1]} pageInfo {{ hasNextPage endCursor hasPreviousPage startCursor }}",
    )
    for place, page in enumerate(together):
        nodes, edges, ahead, behind = (one[place] for one in apart)
        assert nodes | edges | {"pageInfo": ahead["pageInfo"] | behind["pageInfo"]} == page, wanted[place]


def test_a_walk_by_pages_of_one_and_of_seven_meets_each_row_once(hub: Served) -> None:
    pages = Pages(hub, next(of for of in LISTS if of.name == "aid of a household, newest first"))
    for size in (1, 7, len(pages.rows)):
        for end, cursor, far, more in (
            ("first", "after", "endCursor", "hasNextPage"),
            ("last", "before", "startCursor", "hasPreviousPage"),
        ):
            visited: list[tuple[Any, ...]] = []
            at: str | None = None
            while True:
                asked = f"{end}: {size}" + ("" if at is None else f', {cursor}: "{at}"')
                (page,) = pages.ask([asked], f"nodes {{ id }} pageInfo {{ {far} {more} }}")
                found = [plain(node) for node in page["nodes"]]
                visited = visited + found if end == "first" else found + visited
                at = page["pageInfo"][far]
                if not page["pageInfo"][more]:
                    break
                assert len(visited) < len(pages.rows), (
                    "a page that says that more follows is followed by a row"
                )
            assert visited == pages.rows, (size, end)


def test_a_page_that_names_no_size_has_fifty_rows(hub: Served) -> None:
    pages = Pages(hub, LISTS[3])
    (page,) = pages.ask([""], "nodes { code } pageInfo { hasNextPage hasPreviousPage } totalCount")
    assert [plain(node) for node in page["nodes"]] == pages.rows[:50]
    assert page["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": False}


@pytest.mark.parametrize("end", ["first", "last"])
@pytest.mark.parametrize(("size", "taken"), [(-1, False), (0, True), (1, True), (1000, True), (1001, False)])
def test_a_page_has_from_none_to_a_thousand_rows(hub: Served, end: str, size: int, taken: bool) -> None:
    reply = hub.ask(CITY, f"{{ households({end}: {size}) {{ nodes {{ code }} }} }}")
    assert reply.codes == ([] if taken else ["INVALID_PAGE"])
    if not taken:
        assert "from 0 to 1000;" in reply.body["errors"][0]["message"]


def test_a_cursor_goes_with_its_own_end_and_one_end_alone_is_asked_for(hub: Served) -> None:
    pages = Pages(hub, LISTS[0])
    cursor = pages.cursors()[5]

    def asked(arguments: str) -> Reply:
        return hub.ask(COUNTY, f"{{ households({pages.arguments}, {arguments}) {{ nodes {{ code }} }} }}")

    for wrong in (
        f'first: 1, before: "{cursor}"',
        f'last: 1, after: "{cursor}"',
        "first: 1, last: 1",
        "first: 0, last: 0",
        f'before: "{cursor}"',
    ):
        assert asked(wrong).codes == ["INVALID_PAGE"], wrong
    for right in (f'after: "{cursor}"', f'first: 1, after: "{cursor}"'):
        assert plain(asked(right).data["households"]["nodes"][0]) == pages.rows[6]
    assert plain(asked(f'last: 1, before: "{cursor}"').data["households"]["nodes"][0]) == pages.rows[4]
