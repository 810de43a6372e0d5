"""A department's program shows the policy's own words for the clause that a result cites."""

import re
from importlib.resources import files

from tests.fixtures.served import Served

POLICY = re.sub(r"\s", "", files("hub.policy").joinpath("zhengzhou_2024_46.txt").read_text("utf-8"))

CLAUSES = "{ policyClauses { number place heading sentences gist } }"


def test_the_clause_of_education_aid_is_given_with_its_heading_and_its_official_sentence(hub: Served) -> None:
    clauses = {
        clause["number"]: clause for clause in hub.ask("education@410105", CLAUSES).data["policyClauses"]
    }
    assert clauses["46-3.2.2"]["place"] == "三、(二)2."
    assert clauses["46-3.2.2"]["heading"] == "教育救助"
    assert clauses["46-3.2.2"]["sentences"][0].startswith(
        "对低保对象、特困人员、低保边缘家庭、刚性支出困难家庭"
    )
    assert clauses["46-2.4"]["place"] == "二、(四)"
    assert clauses["46-3"]["place"] == "三、"
    assert all(clause["gist"] for clause in clauses.values())


def test_every_clause_stands_in_the_policy_where_it_is_said_to_and_in_its_words(hub: Served) -> None:
    for clause in hub.ask("education@410105", CLAUSES).data["policyClauses"]:
        last_part = re.findall(r"[一二三四五六]、|\([一二三四五六]\)|\d\.", clause["place"])[-1]
        assert last_part + clause["heading"] in POLICY, clause["number"]
        for sentence in clause["sentences"]:
            assert sentence in POLICY, clause["number"]


def test_whatever_clause_an_answer_cites_is_given(hub: Served) -> None:
    given = {clause["number"] for clause in hub.ask("civil_affairs@4101", CLAUSES).data["policyClauses"]}
    reply = hub.ask(
        "civil_affairs@4101",
        "{ chainEvents(first: 1000) { nodes { policyBasis } } alerts(first: 200) { nodes { policyBasis } } }",
    )
    cited = {node["policyBasis"] for nodes in reply.data.values() for node in nodes["nodes"]}
    assert len(cited) > 5
    assert cited - {None} <= given
