"""46-3.1, 46-3.3: any department may query the lines in force for a county and a month."""

from tests.fixtures.served import Served

LINES = """
query ($filter: PovertyLineFilter) {
  lines(filter: $filter, first: 20) {
    nodes { county { code } residence category fromMonth yuan source recordedBy { code } }
  }
}
"""


def test_the_lines_of_a_county_and_a_month_are_told_to_every_department(hub: Served) -> None:
    asked = {
        "filter": {"region": "410105001", "inForceOn": "2026-11-24", "category": ["SUBSISTENCE_ALLOWANCE"]}
    }
    for agency in ("charity@410105", "audit@4101"):
        nodes = hub.ask(agency, LINES, asked).data["lines"]["nodes"]
        assert [(node["county"]["code"], node["residence"], node["yuan"]) for node in nodes] == [
            ("410105", "RURAL", "560.00"),
            ("410105", "URBAN", "760.00"),
        ]
        assert all(node["source"] and node["recordedBy"] is None for node in nodes)
    before = {"filter": {"region": "410105", "inForceOn": "2019-12-31"}}
    assert hub.ask("charity@410105", LINES, before).data["lines"]["nodes"] == []


def test_a_region_that_is_no_code_is_refused(hub: Served) -> None:
    for wrong in ("中原区", "", "41%"):
        assert hub.ask("charity@410105", LINES, {"filter": {"region": wrong}}).codes == ["INVALID_INPUT"]
