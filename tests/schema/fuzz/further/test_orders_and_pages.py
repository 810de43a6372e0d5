"""Every list of the root comes in the order that its description names, in pages that make up the list.

The order is checked by the column it names; rows that are equal by it may stand either way, but the same way in each page.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, build_schema, get_named_type

from hub.foundation.calendar import today
from tests.hub.policy.permissions.sight import Everything
from tests.schema.fuzz.conftest import Both
from tests.schema.fuzz.further.conftest import WHOLE
from tests.schema.fuzz.further.lists import LISTS, Listed
from tests.schema.fuzz.further.values import Sight
from tests.schema.fuzz.operations import Operation
from tests.schema.fuzz.plain.contract import SDL

OTHERS = {
    "households": Listed("Household", "household", ("code",), False),
    "aidRecords": Listed("AidRecord", "aid_record", ("period_from",), True),
    "referrals": Listed("Referral", "referral", ("sent_at",), True),
    "alerts": Listed("Alert", "alert", ("raised_at",), True),
    "visits": Listed("Visit", "visit", ("visited_on",), True),
}
"""The default orders of the lists that `tests.schema.fuzz.plain` answers."""
COLUMNS = {
    "HouseholdOrderField": {
        "CODE": "code", "REGION": "region", "INCOME_PER_CAPITA": "income_per_capita", "UPDATED_AT": "updated_at",
    },
    "AidRecordOrderField": {"PERIOD_FROM": "period_from", "DECIDED_ON": "decided_on"},
    "ReferralOrderField": {"SENT_AT": "sent_at", "DUE_AT": "due_at"},
    "AlertOrderField": {"RAISED_AT": "raised_at", "DUE_AT": "due_at"},
    "AccessRecordOrderField": {"AT": "at"},
}  # fmt: skip
"""By which column a list is, when it is asked for in an order."""
ALL = {**LISTS, **OTHERS}


class Ordered(NamedTuple):
    """A list in an order: the default one, or one that is asked for."""

    connection: str
    listed: Listed
    arguments: str


def orders() -> list[Ordered]:
    """Every list in its own order, and in each that can be asked for, both ways; a way that is left out is ascending."""
    found = [Ordered(name, listed, "") for name, listed in ALL.items()]
    for name, listed in ALL.items():
        for word, column in COLUMNS.get(f"{listed.word}OrderField", {}).items():
            for way, descending in (("", False), (", direction: ASC", False), (", direction: DESC", True)):
                turned = Listed(
                    listed.word, listed.table, (column,), descending, {}, listed.node, listed.of_node
                )
                found.append(Ordered(name, turned, f"orderBy: {{field: {word}{way}}}"))
    return found


def test_every_list_of_the_root_and_every_order_is_here() -> None:
    schema = build_schema(SDL.read_text("utf-8"), assume_valid=True)
    assert schema.query_type is not None
    lists = {
        name: field
        for name, field in schema.query_type.fields.items()
        if get_named_type(field.type).name.endswith("Connection")
    }
    assert lists.keys() == ALL.keys() | {"visitList"}
    for name, field in lists.items():
        order = field.args.get("orderBy")
        if order is None:
            assert f"{ALL[name].word}OrderField" not in COLUMNS if name in ALL else True
            continue
        kind = get_named_type(order.type)
        assert isinstance(kind, GraphQLInputObjectType)
        words = get_named_type(kind.fields["field"].type)
        assert isinstance(words, GraphQLEnumType)
        assert words.values.keys() == COLUMNS[words.name].keys()


class Pages:
    """Asks for pages of one list, several in one request."""

    def __init__(self, executor: Both, of: Ordered) -> None:
        self.executor, self.of = executor, of

    def ask(self, pages: Sequence[str]) -> list[Any]:
        """The pages of some arguments: whether more follow or lie before, the ends, the rows."""
        listed = self.of.listed
        fields = [
            f"p{place}: {self.of.connection}({', '.join(filter(None, (one, self.of.arguments)))}) {{ totalCount"
            " pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
            f" edges {{ cursor node {{ {listed.node} }} }} }}"
            for place, one in enumerate(pages)
        ]
        answer = self.executor.ask(Operation(f"{{ {' '.join(fields)} }}", {}), WHOLE, reference=False)
        assert "errors" not in answer, answer["errors"]
        return [answer["data"][f"p{place}"] for place in range(len(pages))]


def of_page(listed: Listed, page: Any) -> list[Any]:
    """What tells the rows of a page apart."""
    return [listed.of_node(edge["node"]) for edge in page["edges"]]


@pytest.mark.parametrize("of", orders(), ids=lambda of: f"{of.connection} {of.arguments}")
def test_a_list_is_in_its_order_and_its_pages_make_it_up(
    executor: Both, everything: Everything, of: Ordered
) -> None:
    listed, pages = of.listed, Pages(executor, of)
    rows = {listed.of_row(listed, row): row for row in Sight(everything, WHOLE, listed.table, today()).rows}
    count = len(rows)
    assert 3 < count < 1000
    full, one_less, one_more = pages.ask([f"first: {count}", f"first: {count - 1}", f"first: {count + 1}"])
    whole = of_page(listed, full)
    assert len(whole) == count
    assert set(whole) == rows.keys()
    places = [listed.place(rows[one]) for one in whole]
    assert places == sorted(places, reverse=listed.descending)
    assert [of_page(listed, one_less), of_page(listed, one_more)] == [whole[:-1], whole]
    assert [page["pageInfo"]["hasNextPage"] for page in (full, one_less, one_more)] == [False, True, False]
    cursors = [edge["cursor"] for edge in full["edges"]]
    assert len(set(cursors)) == count
    wanted = {
        arguments: (expected, follows, before)
        for size in (1, count // 2, count - 2)
        for arguments, expected, follows, before in (
            (f'first: {size}, after: "{cursors[0]}"', whole[1 : size + 1], size < count - 1, True),
            (f'first: {size + 1}, after: "{cursors[-size - 2]}"', whole[-size - 1 :], False, True),
            (f'first: {size}, after: "{cursors[-size - 2]}"', whole[-size - 1 : -1], True, True),
            (f'first: {size + 2}, after: "{cursors[-size - 2]}"', whole[-size - 1 :], False, True),
            (f'last: {size}, before: "{cursors[-1]}"', whole[-size - 1 : -1], True, size < count - 1),
            (f'last: {size + 1}, before: "{cursors[size + 1]}"', whole[: size + 1], True, False),
            (f'last: {size}, before: "{cursors[size + 1]}"', whole[1 : size + 1], True, True),
        )
    }
    for (arguments, (expected, follows, before)), page in zip(
        wanted.items(), pages.ask([*wanted]), strict=True
    ):
        assert of_page(listed, page) == expected, arguments
        info = page["pageInfo"]
        assert (info["hasNextPage"], info["hasPreviousPage"]) == (follows, before), arguments
        assert page["totalCount"] == count
        edges = [edge["cursor"] for edge in page["edges"]]
        assert [info["startCursor"], info["endCursor"]] == [edges[0], edges[-1]]


def test_the_list_of_visits_has_the_most_urgent_first(executor: Both) -> None:
    asked = "{ visitList(first: 1000) { nodes { rank household { code } } } }"
    nodes = executor.ask(Operation(asked, {}), WHOLE, reference=False)["data"]["visitList"]["nodes"]
    ranks = [one["rank"] for one in nodes]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) > 1
    assert len({one["household"]["code"] for one in nodes}) == len(nodes)
