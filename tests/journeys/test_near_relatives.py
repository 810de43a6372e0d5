"""46-4.3 (杜绝“人情保”“关系保”,严查优亲厚友): a near relative of an official who receives aid is declared, flagged and
monitored."""

from typing import Any

from auth.scopes import Scope
from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody
from tests.journeys.outcomes import CERTIFY, certification
from tests.schema.test_writing import refused

OFFICE, AUDITOR, SCHOOLS = "civil_affairs@410105", "audit@4101", "education@410105"
DECLARE = """
mutation ($input: DeclareNearRelativeInput!) {
  declareNearRelative(input: $input) {
    nearRelative { id version kinship office post agency { code } person { id } endedOn }
    errors { code message messageZh path }
  }
}
"""
END = """
mutation ($input: EndNearRelativeInput!) {
  endNearRelative(input: $input) { nearRelative { endedOn endReason version } errors { code message messageZh path } }
}
"""
FLAGGED = """
query ($code: String!, $flag: Boolean!) {
  households(first: 100, filter: {region: "410105", nearRelativeDeclared: $flag}) { totalCount nodes { code } }
  nearRelatives(first: 10, filter: {stands: true}) { totalCount nodes { kinship post person { id } } }
  household(code: $code) {
    certifications { category nearRelativeDeclared nearRelatives { kinship } }
    chain { verified { whole } events(last: 2) { nodes { type summaryZh policyBasis nearRelative { kinship } } } }
  }
}
"""
SEEN = """
query ($code: String!, $id: ID!) {
  nearRelatives(first: 10) { totalCount nodes { id } } node(id: $id) { id }
  household(code: $code) { certifications { nearRelativeDeclared nearRelatives { id } }
    chain { events(first: 1000) { totalCount nodes { type summary nearRelative { id } } } } }
}
"""


def declaration(somebody: Somebody, **changes: Any) -> dict[str, Any]:
    given = {
        "externalId": "备-1",
        "subject": {"personId": somebody.person_id},
        "kinship": "PARENT",
        "office": "金水区某街道办事处",
        "post": "民政所所长",
    }
    return given | changes


def certified(hub: Served, somebody: Somebody) -> None:
    given = certification({"householdId": somebody.household_id}, validUntil=None)
    assert hub.ask(OFFICE, CERTIFY, {"input": given}).data["certify"]["errors"] == []


def declare(hub: Served, somebody: Somebody, **changes: Any) -> Any:
    payload = hub.ask(OFFICE, DECLARE, {"input": declaration(somebody, **changes)}).data[
        "declareNearRelative"
    ]
    assert payload["errors"] == []
    return payload["nearRelative"]


def test_a_declaration_flags_the_certifications_and_is_found_by_the_auditor_until_it_ends(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    hub, relative = writable_hub, of_jinshui[0]
    certified(hub, relative)

    def look(agency: str, flag: bool = True) -> Any:
        return hub.ask(agency, FLAGGED, {"code": relative.household_code, "flag": flag}).data

    before = look(AUDITOR)
    assert before["households"]["totalCount"] == 0
    everybody = look(AUDITOR, False)["households"]["totalCount"]
    made = declare(hub, relative)
    assert (made["agency"]["code"], made["person"]["id"], made["endedOn"]) == (
        OFFICE,
        relative.person_id,
        None,
    )
    assert declare(hub, relative)["id"] == made["id"], "sent twice, kept once"
    seen = look(AUDITOR)
    assert seen["households"]["nodes"] == [{"code": relative.household_code}]
    assert look(AUDITOR, False)["households"]["totalCount"] == everybody - 1
    assert [node["post"] for node in seen["nearRelatives"]["nodes"]] == ["民政所所长"]
    flagged = [one for one in seen["household"]["certifications"] if one["category"] == "OTHER_HARDSHIP"]
    assert flagged == [
        {
            "category": "OTHER_HARDSHIP",
            "nearRelativeDeclared": True,
            "nearRelatives": [{"kinship": "PARENT"}],
        }
    ]
    event = seen["household"]["chain"]["events"]["nodes"][-1]
    assert (event["type"], event["policyBasis"]) == ("NEAR_RELATIVE_DECLARED", "46-4.3")
    assert event["summaryZh"].endswith("登记近亲属备案:系金水区某街道办事处民政所所长的父母。")

    given = {"id": made["id"], "expectedVersion": 1, "reason": "该同志已调离"}
    ended = hub.ask(OFFICE, END, {"input": given}).data["endNearRelative"]
    assert (ended["errors"], ended["nearRelative"]["endReason"]) == ([], "该同志已调离")
    after = look(AUDITOR)
    assert (after["households"]["totalCount"], after["nearRelatives"]["totalCount"]) == (0, 0)
    assert after["household"]["chain"]["verified"]["whole"]
    assert [node["type"] for node in after["household"]["chain"]["events"]["nodes"]] == [
        "NEAR_RELATIVE_DECLARED",
        "NEAR_RELATIVE_ENDED",
    ]
    assert refused(hub, OFFICE, END, given | {"expectedVersion": 2}) == ("DECLARATION_ENDED", ["input", "id"])


PARTLY = """{ households(first: 20, filter: {partlyCovered: true}) { nodes { id code region { code } members { id }
  certifications { category endedOn person { id } nearRelativeDeclared } } } }"""


def test_a_certification_of_one_person_is_flagged_by_that_person_alone(writable_hub: Served) -> None:
    def households() -> Any:
        return writable_hub.ask("civil_affairs@4101", PARTLY).data["households"]["nodes"]

    def flag(household: Any) -> tuple[str, bool]:
        """The person whom the allowance covers, and whether that certification is flagged."""
        (one,) = (
            c
            for c in household["certifications"]
            if c["category"] == "SUBSISTENCE_ALLOWANCE" and c["endedOn"] is None
        )
        return one["person"]["id"], one["nearRelativeDeclared"]

    household = households()[0]
    covered, _ = flag(household)
    other = next(member["id"] for member in household["members"] if member["id"] != covered)
    office = f"civil_affairs@{household['region']['code'][:6]}"
    for person, flagged in ((other, False), (covered, True)):
        given = declaration(Somebody("", "", person, ""), externalId=person[-9:])
        assert writable_hub.ask(office, DECLARE, {"input": given}).data["declareNearRelative"]["errors"] == []
        (same,) = (error for error in households() if error["code"] == household["code"])
        assert flag(same) == (covered, flagged)


def test_who_may_not_read_declarations_learns_of_none_and_cannot_ask_for_them(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    hub, relative = writable_hub, of_jinshui[0]
    certified(hub, relative)
    scopes = hub.grant(OFFICE).scopes - {Scope.CERTIFICATION_NEAR_RELATIVE_READ}

    def seen(id: str) -> list[Any]:
        variables = {"code": relative.household_code, "id": id}
        return [
            hub.ask(SCHOOLS, SEEN, variables).body["data"],
            hub.ask(OFFICE, SEEN, variables, scopes=scopes).body["data"],
        ]

    before = seen(relative.household_id)
    made = declare(hub, relative)
    after = seen(made["id"])
    assert [(one.pop("node"), one["nearRelatives"]) for one in after] == [(None, None)] * 2
    for one in before:
        one.pop("node")
    assert after == before
    asked = "{ households(first: 1, filter: {nearRelativeDeclared: true}) { totalCount } }"
    assert hub.ask(SCHOOLS, asked).codes == ["FORBIDDEN_FILTER"]


def test_a_declaration_that_cannot_be_made_or_ended_is_refused_with_its_place(
    writable_hub: Served, of_jinshui: list[Somebody], of_erqi: list[Somebody]
) -> None:
    hub, relative = writable_hub, of_jinshui[0]
    for changes, code, place in (
        ({"subject": {"householdId": relative.household_id}}, "INVALID_INPUT", "subject"),
        ({"subject": {"personId": of_erqi[0].person_id}}, "NOT_FOUND", "subject"),
        ({"office": " "}, "INVALID_INPUT", "office"),
        ({"post": "长" * 101}, "INVALID_INPUT", "post"),
        ({"declaredOn": "2999-01-01"}, "INVALID_INPUT", "declaredOn"),
        ({"externalId": ""}, "INVALID_INPUT", "externalId"),
    ):
        assert refused(hub, OFFICE, DECLARE, declaration(relative, **changes)) == (code, ["input", place])
    made = declare(hub, relative)
    assert refused(hub, OFFICE, DECLARE, declaration(relative, post="科员"))[0] == "CONFLICT"
    given = {"id": made["id"], "expectedVersion": 1, "reason": "误报"}
    assert refused(hub, "civil_affairs@4101", END, given) == ("NOT_YOUR_DECLARATION", ["input", "id"])
    assert refused(hub, "civil_affairs@410181", END, given) == ("NOT_FOUND", ["input", "id"])
    assert refused(hub, OFFICE, END, given | {"expectedVersion": 2})[0] == "STALE_VERSION"
    assert refused(hub, OFFICE, END, given | {"reason": ""}) == ("INVALID_INPUT", ["input", "reason"])
    reply = hub.ask("civil_affairs@4101", END, {"input": given}).data["endNearRelative"]["errors"][0]
    assert reply["message"] == "Only the agency that made a declaration ends it."
    assert reply["messageZh"] == "只有作出备案的单位可以终止备案。"
