"""A department's program shows Chinese names for the codes that it reads, and uses the codes of its own registry when it
writes."""

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
    *tables, catalogue = hub.ask("civil_affairs@4101", TABLES).data["codeTables"]
    assert catalogue["name"] == "Programme"
    for table in tables:
        enum = build().graphql.type_map[table["name"]]
        assert isinstance(enum, GraphQLEnumType)
        assert {error["code"] for error in table["values"]} == set(enum.values), table["name"]


CATALOGUE = (
    """{ codeTables { name values { code nameZh nameEn source kind form level aliases excludes } } }"""
)


def test_an_integrator_is_given_the_catalogue_of_programmes_with_what_each_excludes(hub: Served) -> None:
    *_, table = hub.ask("education@410105", CATALOGUE).data["codeTables"]
    catalogue = {one["code"]: one for one in table["values"]}
    grant = catalogue["NATIONAL_GRANT"]
    assert (grant["nameZh"], grant["kind"], grant["form"], grant["level"], grant["source"]) == (
        "国家助学金",
        "EDUCATION",
        "GRANT",
        "NATIONAL",
        "46-3.2.2",
    )
    assert "助学金" in grant["aliases"]
    for one in catalogue.values():
        assert all(one["code"] in catalogue[other]["excludes"] for other in one["excludes"]), "both ways"
    assert {one["code"]: one["excludes"] for one in catalogue.values() if one["excludes"]} == {
        "SUBSISTENCE_ALLOWANCE": ["EXTREME_HARDSHIP_SUPPORT"],  # 46-3.1: 相应的
        "EXTREME_HARDSHIP_SUPPORT": ["SUBSISTENCE_ALLOWANCE"],
        "PUBLIC_RENTAL": ["RENT_SUBSIDY"],  # 46-3.2.3: 配租公租房或发放租赁补贴
        "RENT_SUBSIDY": ["PUBLIC_RENTAL"],
    }
