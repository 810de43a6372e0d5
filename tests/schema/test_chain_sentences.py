"""Each event of a chain is a sentence, in English and Chinese, with the values that the reader's scopes open (46-2.1)."""

import re
from typing import Any

import psycopg
import pytest
from graphql import GraphQLObjectType, get_named_type

from auth.scopes import Scope
from hub.foundation.database import table_of
from hub.foundation.prepared_sql import RenderedText
from hub.model.ledger import ChainEventRow, EventType
from schema.chain.sentences import SENTENCES
from schema.chain.summary import summary, summary_zh
from schema.hub_schema import build
from tests.fixtures.english import CHINESE
from tests.fixtures.served import Served
from tests.test_error_wording import codes_in

EVENTS = """query ($code: String!, $filter: ChainEventFilter) { household(code: $code) { chain {
  events(first: 1000, filter: $filter) { totalCount nodes {
    type occurredAt agency { code name } summary summaryZh aidRecord { kind program amount period { start end } } } } } } }"""
AID_OF_TWO_KINDS = """select h.code from household h join aid_record a on a.household_id = h.id
  where a.kind in ('EDUCATION', 'BASIC_LIVING') and starts_with(h.region, '410105')
  group by h.code having count(distinct a.kind) = 2 order by h.code limit 1"""


def events(
    hub: Served, agency: str, filter: dict[str, Any] | None = None, scopes: frozenset[Scope] | None = None
) -> list[dict[str, Any]]:
    """The events of a household of 金水区 that has education aid and basic living aid."""
    ((code,),) = hub.rows(AID_OF_TWO_KINDS)
    variables = {"code": code} if filter is None else {"code": code, "filter": filter}
    reply = hub.ask(agency, EVENTS, variables, scopes=scopes)
    chain: list[dict[str, Any]] = reply.body["data"]["household"]["chain"]["events"]["nodes"]
    return chain


def aid(told: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """The first event that records aid of a kind."""
    return next(one for one in told if one["aidRecord"] and one["aidRecord"]["kind"] == kind)


def english(agency: str) -> str:
    """The English form of an agency at the beginning of a sentence: Civil affairs at 410105001."""
    department, _, region = agency.partition("@")
    return f"{department.replace('_', ' ').capitalize()} at {region}"


QUOTED = {"program", "outcome", "reason", "office", "post", "goods"}
"""The parts of a sentence that quote the text of an office. Every other part has an English form."""


@pytest.mark.parametrize("type_", EventType)
def test_the_english_of_an_event_holds_chinese_only_where_it_quotes_an_office(type_: EventType) -> None:
    sentence = SENTENCES[type_]
    assert not CHINESE.search(sentence.en)
    for name, part in sentence.parts.items():
        assert not any(CHINESE.search(en) for en, _ in part.words.values()), name
        for coordinate in part.coordinates:
            parent, _, field = coordinate.partition(".")
            owner = build().graphql.type_map[parent]
            assert isinstance(owner, GraphQLObjectType)
            is_text = get_named_type(owner.fields[field].type).name == "String"
            assert not is_text or name in QUOTED, "a text that no office wrote needs an English form"


@pytest.mark.parametrize("type_", EventType)
def test_every_type_of_event_has_its_sentence_with_the_same_parts_in_both_languages(type_: EventType) -> None:
    sentence = SENTENCES[type_]
    parts = [set(re.findall(r"\{(\w+)\}", template)) for template in (sentence.en, sentence.zh)]
    assert parts[0] == parts[1] == {"agency", *sentence.parts}
    for template in (sentence.en, sentence.zh):
        outside = re.sub(r"\[[^\]]*\]", "", template)
        assert re.findall(r"\{(\w+)\}", outside) == ["agency"], "what may be missing stands in brackets"


def test_civil_affairs_is_told_kind_programme_period_and_amount_of_every_aid(hub: Served) -> None:
    told = events(hub, "civil_affairs@410105")
    for kind, zh in (("EDUCATION", "教育救助"), ("BASIC_LIVING", "基本生活救助")):
        event = aid(told, kind)
        record = event["aidRecord"]
        assert event["summaryZh"].startswith(
            f"{event['agency']['name']}反馈救助结果:{zh}“{record['program']}”"
        )
        assert f"{record['period']['start']} 至 {record['period']['end']}" in event["summaryZh"]
        assert f"金额 {record['amount']} 元" in event["summaryZh"]
        assert f", {record['amount']} yuan" in event["summary"]


def test_education_is_told_the_amount_of_its_own_kind_and_no_amount_of_what_it_may_know_of(
    hub: Served,
) -> None:
    told = events(hub, "education@410105")
    own, other = aid(told, "EDUCATION"), aid(told, "BASIC_LIVING")
    assert f"金额 {own['aidRecord']['amount']} 元" in own["summaryZh"]
    assert other["aidRecord"]["program"] in other["summaryZh"]
    assert not re.search("金额|yuan|,结果:|Outcome", other["summaryZh"] + other["summary"])


def test_who_reads_households_alone_learns_that_they_are_registered_and_nothing_that_happened(
    hub: Served,
) -> None:
    seen = events(hub, "education@410105", scopes=frozenset({Scope.HOUSEHOLD_READ}))
    assert {one["type"] for one in seen} == {"HOUSEHOLD_REGISTERED"}


def test_an_auditor_without_further_scopes_reads_who_did_what_and_nothing_of_it(hub: Served) -> None:
    seen = events(hub, "education@410105", scopes=frozenset({Scope.HOUSEHOLD_READ, Scope.AUDIT_READ}))
    recorded = next(one for one in seen if one["type"] == "AID_RECORDED")
    assert recorded["summary"] == f"{english(recorded['agency']['code'])} recorded aid."
    assert recorded["summaryZh"] == f"{recorded['agency']['name']}反馈救助结果。"
    certified = next(one for one in seen if one["type"] == "CERTIFIED")
    assert certified["summaryZh"] == f"{certified['agency']['name']}作出救助认定。"


def test_every_event_of_the_sample_is_told_in_both_languages_without_a_gap(hub: Served) -> None:
    reply = hub.ask(
        "civil_affairs@4101",
        "{ chainEvents(first: 1000) { nodes { type agency { code } summary summaryZh } } }",
    )
    nodes = reply.data["chainEvents"]["nodes"]
    assert len({node["type"] for node in nodes}) > 6
    for node in nodes:
        assert re.fullmatch(r"[^\[\]{}]+\.", node["summary"]), node
        assert english(node["agency"]["code"]).lower() in node["summary"].lower()
        if not QUOTED & set(SENTENCES[EventType(node["type"])].parts):
            assert not CHINESE.search(node["summary"]), node
        assert re.fullmatch(r"[^\[\]{}]+。", node["summaryZh"]), node


def test_no_sentence_that_people_read_in_chinese_holds_a_code(hub: Served) -> None:
    """Events, findings and reasons to visit of the whole sample (alerts, visits, chains)."""
    reply = hub.ask(
        "civil_affairs@4101",
        """{ chainEvents(first: 1000) { nodes { summaryZh } } alerts(first: 200) { nodes { wordsZh } }
             visitList(first: 200) { nodes { reasonsZh } } }""",
    )
    texts = [text for nodes in reply.data.values() for node in nodes["nodes"] for text in node.values()]
    assert len(texts) > 1000
    assert [text for text in texts if codes_in(text)] == []


def test_a_chain_is_filtered_by_type_agency_and_days(hub: Served) -> None:
    everything = events(hub, "civil_affairs@410105")
    recorded = events(hub, "civil_affairs@410105", {"type": ["AID_RECORDED"]})
    assert recorded == [one for one in everything if one["type"] == "AID_RECORDED"]
    office = recorded[0]["agency"]["code"]
    by_office = events(hub, "civil_affairs@410105", {"agency": office})
    assert by_office == [one for one in everything if one["agency"]["code"] == office]
    day = recorded[-1]["occurredAt"][:10]
    since = events(hub, "civil_affairs@410105", {"occurredOn": {"gte": day}})
    assert recorded[-1] in since
    assert 0 < len(since) < len(everything)


def test_the_days_of_a_filter_are_those_of_china(writable_hub: Served) -> None:
    ((household, code, number),) = writable_hub.rows(
        "select h.id, h.code, max(e.number) from household h join chain_event e on e.household_id = h.id"
        " where starts_with(h.region, '410105') group by h.id, h.code order by h.code limit 1"
    )
    with psycopg.connect(writable_hub.database_url) as owner:
        owner.execute(
            "update chain_event set occurred_at = '2019-03-04 16:30:00+00' where household_id = %s and number = %s",
            (household, number),
        )
    found = {
        day: writable_hub.ask(
            "civil_affairs@410105",
            EVENTS,
            {"code": code, "filter": {"occurredOn": {"gte": day, "lte": day}}},
        ).data["household"]["chain"]["events"]["totalCount"]
        for day in ("2019-03-04", "2019-03-05")
    }
    assert found == {"2019-03-04": 0, "2019-03-05": 1}


def test_the_sql_of_sentences_is_built_once_for_all_grants_that_open_the_same_values(hub: Served) -> None:
    event = table_of(ChainEventRow)
    here, there = hub.grant("civil_affairs@410105"), hub.grant("civil_affairs@410184")
    less = hub.grant("civil_affairs@410105", scopes=here.scopes - {Scope.AID_EDUCATION_READ})
    for sentence in (summary, summary_zh):
        first, second = sentence(event.alias(), here), sentence(event.alias(), there)
        assert isinstance(first, RenderedText)
        assert isinstance(second, RenderedText)
        assert first.texts is second.texts
        narrower = sentence(event.alias(), less)
        assert isinstance(narrower, RenderedText)
        assert narrower.texts != first.texts
