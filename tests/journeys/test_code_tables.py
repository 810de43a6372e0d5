"""A department's program shows Chinese names for the codes that it reads, and writes its registry's own."""

from graphql import GraphQLEnumType

from schema.hub_schema import build
from tests.fixtures.served import Served

TABLES = "{ codeTables { name nameZh nameEn standard values { code nameZh nameEn standardCode source } } }"


def test_every_department_is_told_what_the_codes_mean(hub: Served) -> None:
    tables = {table["name"]: table for table in hub.ask("education@410105", TABLES).data["codeTables"]}
    relation = tables["Relation"]
    assert (relation["nameZh"], relation["standard"]) == ("与户主关系", "GB/T 4761")
    assert relation["values"][1] == {
        "code": "SPOUSE",
        "nameZh": "配偶",
        "nameEn": "spouse",
        "standardCode": "10",
        "source": None,
    }
    assert {
        "code": "TEMPORARY",
        "nameZh": "临时救助",
        "nameEn": "urgent aid",
        "standardCode": None,
        "source": "46-3.3",
    } in (tables["AidKind"]["values"])


def test_the_tables_have_the_codes_that_the_schema_has(hub: Served) -> None:
    for table in hub.ask("civil_affairs@4101", TABLES).data["codeTables"]:
        enum = build().graphql.type_map[table["name"]]
        assert isinstance(enum, GraphQLEnumType)
        assert {error["code"] for error in table["values"]} == set(enum.values), table["name"]
