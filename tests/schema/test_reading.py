"""What a grant opens and what it does not open: fields, rows, filters, orders, cursors, ids."""

from typing import Any

import pytest

from auth.departments import DEPARTMENTS
from auth.scopes import Scope
from hub.sample.planted import Planted, planted_codes
from tests.fixtures.served import Served
from tests.hub.policy.permissions.reasons import ON_DUTY
from tests.schema.entitling_facts import ENTITLING_FACTS

MEMBERS = (
    "query ($c: String!) { household(code: $c) { id code members { id idNumber idNumberMasked name } } }"
)


def a_household(served: Served, region: str) -> dict[str, Any]:
    """The first household of a region, as civil affairs sees it."""
    query = """query ($r: String!) { households(filter: {region: $r}, first: 1) {
        nodes { id code members { id idNumber } aidRecords(first: 1) { nodes { id } } } } }"""
    found: dict[str, Any] = served.ask("civil_affairs@4101", query, {"r": region}).data["households"][
        "nodes"
    ][0]
    return found


def test_a_forbidden_field_is_null_with_an_error_at_each_null_and_the_rest_is_answered(hub: Served) -> None:
    query = "{ households(first: 3) { nodes { code address a: address members { name phone p: phone } } } }"
    reply = hub.ask("education@410105", query)
    assert reply.status == 200
    nodes = reply.body["data"]["households"]["nodes"]
    assert all(node["code"] and node["address"] is None and node["a"] is None for node in nodes)
    assert all(member["name"] and member["p"] is None for node in nodes for member in node["members"])
    assert reply.forbidden == {"Household.address", "Person.phone"}
    assert len(reply.body["errors"]) == 2 * (len(nodes) + sum(len(node["members"]) for node in nodes))


def test_a_forbidden_field_asked_with_skip_is_not_asked(hub: Served) -> None:
    query = "query ($no: Boolean!) { households(first: 1) { nodes { code address @skip(if: $no) } } }"
    assert hub.ask("education@410105", query, {"no": True}).data
    assert hub.ask("education@410105", query, {"no": False}).forbidden == {"Household.address"}


@pytest.mark.parametrize(
    "query",
    [
        "{ h: households(first: 1) { nodes { finance: incomePerCapita } } }",
        "{ households(first: 1) { nodes { ...f } } } fragment f on Household { incomePerCapita }",
        "{ households(first: 1) { nodes { ... on Node { ... on Household { incomePerCapita } } } } }",
        "{ households(first: 1) { edges { node { incomePerCapita } } } }",
        "{ households(first: 1) { nodes { members { household { incomePerCapita } } } } }",
    ],
)
def test_no_alias_fragment_or_detour_goes_around_a_guard(hub: Served, query: str) -> None:
    reply = hub.ask("education@410105", query)
    assert reply.forbidden == {"Household.incomePerCapita"}
    income = hub.rows(
        "select distinct income_per_capita::text from household where income_per_capita is not null"
    )
    assert not any(f'"{value}"' in str(reply.body["data"]).replace("'", '"') for (value,) in income)


def test_an_interface_answers_on_the_kinds_that_the_grant_covers_and_is_null_on_the_others(
    hub: Served,
) -> None:
    query = """query ($k: [AidKind!]) { aidRecords(first: 1000, filter: {kind: $k}) { nodes { __typename amount } } }"""
    scopes = DEPARTMENTS["education"].scopes | ENTITLING_FACTS
    kinds = ["EDUCATION", "MEDICAL", "TEMPORARY"]
    reply = hub.ask("education@4101", query, {"k": kinds}, scopes=scopes)
    records = reply.body["data"]["aidRecords"]["nodes"]
    assert {record["__typename"] for record in records} == {"EducationAid", "MedicalAid", "TemporaryAid"}
    assert all(record["amount"] is not None for record in records if record["__typename"] == "EducationAid")
    assert all(record["amount"] is None for record in records if record["__typename"] != "EducationAid")
    assert "EducationAid.amount" not in reply.forbidden
    assert "MedicalAid.amount" in reply.forbidden


def test_a_header_or_the_registration_refuses_the_whole_operation_instead(hub: Served) -> None:
    query = "{ households(first: 1) { nodes { code address } } }"
    by_header = hub.ask("education@410105", query, headers={"hub-forbidden": "reject"})
    assert (by_header.codes, "data" in by_header.body) == (["FORBIDDEN_FIELD"], False)
    token = hub.token("education@410105", reject_forbidden=True)
    answered = hub.http.post(
        "/graphql", json={"query": query}, headers={"authorization": f"Bearer {token}"}
    ).json()
    assert [error["extensions"]["code"] for error in answered["errors"]] == ["FORBIDDEN_FIELD"]
    assert "data" not in answered


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ households(filter: {incomePerCapita: {lte: 500}}) { totalCount } }", {}),
        ("query ($f: HouseholdFilter) { x: households(filter: $f) { totalCount } }", {"f": {"incomePerCapita": {"gte": "1"}}}),
        ("{ households(orderBy: {field: INCOME_PER_CAPITA}) { nodes { code } } }", {}),
        ("query ($o: HouseholdOrder) { households(orderBy: $o) { nodes { code } } }", {"o": {"field": "INCOME_PER_CAPITA"}}),
        ("{ households(filter: {circumstance: [SERIOUS_ILLNESS]}) { totalCount } }", {}),
        ("query ($k: [CircumstanceKind!]) { households(filter: {circumstance: $k}) { totalCount } }",
         {"k": ["HARDSHIP_STUDENT", "DEATH"]}),
    ],
)  # fmt: skip
def test_a_forbidden_filter_or_order_refuses_the_whole_operation(
    hub: Served, query: str, variables: dict[str, Any]
) -> None:
    reply = hub.ask("education@4101", query, variables)
    assert (reply.status, set(reply.codes)) == (400, {"FORBIDDEN_FILTER"})
    assert "data" not in reply.body


def test_a_circumstance_is_shown_by_the_registries_that_the_scopes_open(hub: Served) -> None:
    query = "{ households(first: 200) { nodes { circumstances { kind sourceRegistry } } } }"
    education = hub.ask("education@4101", query).data["households"]["nodes"]
    assert {
        circumstance["sourceRegistry"] for node in education for circumstance in node["circumstances"]
    } == {"EDUCATION"}
    civil = hub.ask("civil_affairs@4101", query).data["households"]["nodes"]
    assert (
        len({circumstance["sourceRegistry"] for node in civil for circumstance in node["circumstances"]}) > 4
    )


def test_a_household_out_of_sight_answers_exactly_as_one_that_does_not_exist(hub: Served) -> None:
    hidden = a_household(hub, "410103")
    node = "query ($id: ID!) { node(id: $id) { id } }"
    by_code = [hub.ask("education@410105", MEMBERS, {"c": code}) for code in (hidden["code"], "no-such-code")]
    assert by_code[0] == by_code[1]
    assert by_code[0].data == {"household": None}
    nowhere = "SG91c2Vob2xkOgAAAAAAAAAAAAAAAAAAAAA"
    for shown in (hidden["id"], hidden["members"][0]["id"], hidden["aidRecords"]["nodes"][0]["id"]):
        assert hub.ask("education@410105", node, {"id": shown}) == hub.ask(
            "education@410105", node, {"id": nowhere}
        )
    person = "query ($n: String!) { person(idNumber: $n) { id } }"
    numbers = (hidden["members"][0]["idNumber"], "410199190001010010")
    assert len({str(hub.ask("education@410105", person, {"n": number}).body) for number in numbers}) == 1


def test_counts_and_lists_hold_the_rows_of_the_jurisdiction_alone(hub: Served) -> None:
    query = "{ households(first: 1000) { totalCount nodes { code region { code } } } }"
    county = hub.ask("education@410103", query).data["households"]
    shown = {
        code
        for (code,) in hub.rows(
            f"select h.code from household h where h.region like '410103%%' or exists (select from {ON_DUTY} s"
            " where s.household_id = h.id and s.agency_id = 'education@410103')"
        )
    }
    assert {node["code"] for node in county["nodes"]} == shown
    assert county["totalCount"] == len(shown)


def test_an_identity_number_that_matches_two_persons_is_an_error_and_never_one_of_them(hub: Served) -> None:
    codes = planted_codes()[Planted.PERSON_IN_TWO_HOUSEHOLDS]
    households = [hub.ask("civil_affairs@4101", MEMBERS, {"c": code}).data["household"] for code in codes]
    (number,) = set.intersection(
        *({member["idNumber"] for member in household["members"]} for household in households)
    )
    query = "query ($n: String!) { person(idNumber: $n) { name household { code } } }"
    reply = hub.ask("civil_affairs@4101", query, {"n": number})
    assert reply.codes == ["AMBIGUOUS_IDENTITY"]
    assert reply.body["data"] == {"person": None}


def test_an_identity_number_is_masked_without_its_scope(hub: Served) -> None:
    code = a_household(hub, "410105")["code"]
    scopes = frozenset({Scope.HOUSEHOLD_READ, Scope.PERSON_READ})
    reply = hub.ask("health@410105", MEMBERS, {"c": code}, scopes=scopes)
    assert reply.forbidden == {"Person.idNumber"}
    for member in reply.body["data"]["household"]["members"]:
        assert member["idNumber"] is None
        assert member["idNumberMasked"][2:] == "*" * 16


@pytest.mark.parametrize(
    "region", ["41010", "4101'; drop table person; --", "", "ABCDEF", "410105\x00", "\U0010ffff"]
)
def test_a_region_that_is_no_code_is_refused(hub: Served, region: str) -> None:
    reply = hub.ask(
        "education@4101",
        "query ($r: String) { households(filter: {region: $r}) { totalCount } }",
        {"r": region},
    )
    assert (reply.status, reply.codes) == (400, ["INVALID_INPUT"])
    assert "data" not in reply.body


def test_a_filter_that_matches_nothing_answers_nothing(hub: Served) -> None:
    query = '{ households(filter: {code: ["\' or 1=1 --"]}) { totalCount nodes { code } } }'
    assert hub.ask("education@4101", query).data == {"households": {"totalCount": 0, "nodes": []}}


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("query ($f: HouseholdFilter) { households(filter: $f) { totalCount } }", {"f": None}),
        ("query ($f: HouseholdFilter) { households(filter: $f) { totalCount } }", {"f": {"region": None}}),
        ("{ households(filter: null) { totalCount } }", {}),
        ("{ households(filter: {category: null}) { totalCount } }", {}),
        ("{ aidRecords(filter: {periodFrom: {}}) { totalCount } }", {}),
    ],
)
def test_a_null_filter_is_refused_and_never_everything(
    hub: Served, query: str, variables: dict[str, Any]
) -> None:
    reply = hub.ask("education@4101", query, variables)
    assert reply.codes == ["INVALID_INPUT"]


@pytest.mark.parametrize(
    "page",
    [
        "first: -1",
        "first: 1001",
        "last: 1001",
        "first: 1, last: 1",
        'first: 1, before: "x"',
        'last: 1, after: "x"',
    ],
)
def test_a_page_out_of_bounds_is_refused(hub: Served, page: str) -> None:
    assert hub.ask("education@4101", f"{{ households({page}) {{ nodes {{ code }} }} }}").codes == [
        "INVALID_PAGE"
    ]


def test_pages_forwards_and_backwards_hold_every_row_once(hub: Served) -> None:
    query = """query ($after: String, $before: String, $first: Int, $last: Int) {
        households(first: $first, after: $after, last: $last, before: $before, orderBy: {field: REGION, direction: DESC}) {
            nodes { code } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""

    def walk(size: str, place: str, cursor: str, more: str) -> list[str]:
        codes: list[str] = []
        variables: dict[str, Any] = {size: 37}
        while True:
            page = hub.ask("civil_affairs@4101", query, variables).data["households"]
            batch = [node["code"] for node in page["nodes"]]
            codes = codes + batch if size == "first" else batch + codes
            if not page["pageInfo"][more]:
                return codes
            variables[place] = page["pageInfo"][cursor]

    forwards = walk("first", "after", "endCursor", "hasNextPage")
    assert forwards == walk("last", "before", "startCursor", "hasPreviousPage")
    expected = hub.rows("select code from household order by region desc, id desc")
    assert forwards == [code for (code,) in expected]


def test_a_cursor_belongs_to_its_client_connection_and_order(hub: Served) -> None:
    query = "query ($a: String) { households(first: 1, after: $a) { pageInfo { endCursor } } }"
    first = hub.ask("education@4101", query).data["households"]["pageInfo"]["endCursor"]
    assert hub.ask("education@4101", query).data["households"]["pageInfo"]["endCursor"] == first, (
        "the same page, the same cursor"
    )
    assert hub.ask("education@4101", query, {"a": first}).data
    ordered = "query ($a: String) { households(first: 1, after: $a, orderBy: {field: REGION}) { pageInfo { endCursor } } }"
    elsewhere = "query ($a: String) { aidRecords(first: 1, after: $a) { pageInfo { endCursor } } }"
    for agency, text, cursor in (
        ("education@410105", query, first),
        ("education@4101", ordered, first),
        ("education@4101", elsewhere, first),
        ("education@4101", query, first[:-2] + "AA"),
        ("education@4101", query, "%%%"),
        ("education@4101", query, "é"),
    ):
        assert hub.ask(agency, text, {"a": cursor}).codes == ["INVALID_CURSOR"]


@pytest.mark.parametrize(
    "text", ["", "x", "UGVyc29uOg", "////", "UGVyc29uOjEyMw", "é", "QWdlbmN5OgAAAAAAAAAAAAAAAAAAAAA"]
)
def test_an_id_that_is_none_is_refused(hub: Served, text: str) -> None:
    assert hub.ask("education@4101", "query ($i: ID!) { node(id: $i) { id } }", {"i": text}).codes == [
        "INVALID_ID"
    ]


def test_a_node_is_found_by_its_id_and_only_by_who_may_read_its_type(hub: Served) -> None:
    record = a_household(hub, "410105")["aidRecords"]["nodes"][0]["id"]
    query = "query ($i: ID!) { node(id: $i) { __typename id } }"
    assert hub.ask("education@410105", query, {"i": record}).data["node"]["id"] == record
    blind = frozenset({Scope.HOUSEHOLD_READ})
    assert hub.ask("education@410105", query, {"i": record}, scopes=blind).data == {"node": None}


def test_sql_in_a_code_is_text(hub: Served) -> None:
    reply = hub.ask("education@4101", MEMBERS, {"c": "'; delete from household; --"})
    assert reply.data == {"household": None}
