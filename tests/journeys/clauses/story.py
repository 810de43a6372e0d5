"""The story of one family: the clients of the departments write through GraphQL, and the family's chain is read back."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any
from uuid import uuid4

import anyio

from auth.departments import DEPARTMENTS
from hub.evaluation.monitoring.run import run_monitoring
from hub.foundation.calendar import today
from hub.foundation.database import Database
from hub.foundation.settings import Settings
from hub.model.aid import AidKind
from hub.model.alerts import Finding
from schema.aid.types import TYPE_OF_KIND
from tests.fixtures.served import Served
from tests.journeys.clauses.family import Member, number_of
from tests.journeys.outcomes import CERTIFY, CREATE_REFERRAL, RECORD_AID, certification, need, step
from tests.journeys.test_circumstances import REPORT, fact
from tests.journeys.test_provenance import UPSERT
from tests.policy import IN_CHARGE, READS_EVENTS, READS_KINDS, READS_NO_FORM

JINSHUI = "410105001"
"""经八路街道, in 金水区."""
CITY = "civil_affairs@4101"
PLATFORM = CITY


def long_ago() -> date:
    """A day in spring, two years ago: before every window in which aid is due."""
    return date(today().year - 2, 3, 1)


_CHAIN = """query ($id: ID!) { node(id: $id) { ... on Household { chain { ...C } } ... on Person { chain { ...C } } } }
fragment C on Chain { verified { whole } events(first: 100) { totalCount nodes { type policyBasis summary summaryZh
  agency { code name } aidRecord { kind amount version ... on OtherAid { form } }
  referral { need from { code } to { code } } conference { participants { agency { code } } } } } }"""
_ENTITLED = """query ($id: ID!) { node(id: $id) { ... on Household { entitlements { rule aidKind clause status person { id }
  windowFrom windowUntil } } } }"""
_ALERTS = """query ($id: ID!) { node(id: $id) { ... on Household { alerts(first: 20) { nodes { id version finding status
  closedBecause policyBasis to { code } } } } } }"""


@dataclass(frozen=True)
class Event:
    """A link of the chain as an agency reads it."""

    type: str
    agency: str
    clause: str
    summary: str
    summary_zh: str
    amount: str | None
    """The amount of the event's aid record, if the agency may read it."""
    amended: bool
    """Whether the aid was corrected or revoked since."""
    kind: str | None = field(default=None, compare=False)
    form: str | None = field(default=None, compare=False)
    """The form of the aid."""
    parties: frozenset[str] | None = field(default=None, compare=False)
    """The sender and receiver of a referral, or the participants of a conference; None: neither."""

    def is_there_for(self, agency: str) -> bool:
        """Whether an agency may know of the event (46-4.2)."""
        department = agency.partition("@")[0]
        if department not in READS_EVENTS.get(self.type, READS_KINDS):
            return False
        if department in ("civil_affairs", "audit") or agency in (self.parties or ()):
            return True
        if self.kind is None:
            return self.parties is None
        return self.kind in READS_KINDS[department] and self.form not in READS_NO_FORM.get(department, ())


@dataclass(frozen=True)
class Story:
    """A family, and the methods by which agencies write and read about it."""

    hub: Served
    settings: Settings
    code: str
    household: str
    township: str
    members: tuple[Member, ...]
    persons: Mapping[str, str]
    """The id of each member, by relation."""
    numbers: Mapping[str, str]
    """The identity number of each member, by relation."""

    @property
    def county(self) -> str:
        """The county where the family lives."""
        return self.township[:6]

    @property
    def office(self) -> str:
        """The township's office."""
        return f"civil_affairs@{self.township}"

    def at(self, department: str) -> str:
        """The agency of a department where the family lives. An agency's code is returned unchanged."""
        return department if "@" in department else f"{department}@{self.county}"

    @property
    def whole(self) -> dict[str, str]:
        """The household as a subject."""
        return {"householdId": self.household}

    def one(self, relation: str) -> dict[str, str]:
        """A member as a subject."""
        return {"personId": self.persons[relation]}

    def write(self, agency: str, mutation: str, given: Mapping[str, Any]) -> Any:
        """The payload of a write that must succeed."""
        (payload,) = self.hub.ask(self.at(agency), mutation, {"input": given}).data.values()
        assert payload["errors"] == [], payload["errors"]
        return payload

    def refused(self, agency: str, mutation: str, given: Mapping[str, Any]) -> tuple[str, str]:
        """Code and last step of the path of a refusal. Its message must exist in both languages."""
        answered = self.hub.ask(self.at(agency), mutation, {"input": given})
        if answered.forbidden:
            (coordinate,) = answered.forbidden
            return "FORBIDDEN_FIELD", coordinate
        (payload,) = answered.data.values()
        (error,) = payload["errors"]
        assert error["message"].isascii()
        assert not error["messageZh"].isascii()
        return error["code"], error["path"][-1]

    @contextmanager
    def nothing_written(self) -> Iterator[None]:
        """Everything that is refused inside this block must write nothing."""
        before = self.hub.everything_written()
        yield
        assert self.hub.everything_written() == before, "a refused write wrote something"

    def certify(self, category: str, of: str | None = None, by: str | None = None, **changes: Any) -> Any:
        """Certify the household, or one member of it, long ago."""
        whom = self.whole if of is None else self.one(of)
        given = certification(
            whom,
            category,
            externalId=f"{self.code}-{category}-{of}",
            validFrom=str(long_ago()),
            validUntil=None,
        )
        return self.write(by or self.office, CERTIFY, given | changes)["certification"]

    def report(self, registry: str, kind: str, of: str | None, **changes: Any) -> None:
        """A registry reports a circumstance."""
        whom = self.whole if of is None else self.one(of)
        reports = [fact(kind, whom, externalId=f"{self.code}-{kind}", **changes)]
        (answer,) = self.write(registry, REPORT, {"reports": reports})["reports"]
        assert (answer["errors"], answer["created"]) == ([], True)

    def update(self, relation: str, **said: Any) -> None:
        """The township updates what is registered of a member (46-2.2)."""
        (name,) = [one.name for one in self.members if one.relation == relation]
        member = {"idNumber": self.numbers[relation], "name": name, "relation": relation, **said}
        given = {"households": [{"code": self.code, "members": [member]}]}
        (outcome,) = self.write(self.office, UPSERT, given)["outcomes"]
        assert (outcome["errors"], outcome["changed"]) == ([], True)

    def monitor(self, *findings: str) -> None:
        """One run of monitoring over the whole city (46-2.3), for the named findings or for all."""
        wanted = ([Finding(finding) for finding in findings],) if findings else ()

        async def run() -> None:
            database = Database(self.hub.database_url, self.settings)
            await run_monitoring(database, today(), *wanted)
            await database.close()

        anyio.run(run)

    def alerts(self, agency: str = CITY) -> dict[str, Any]:
        """The family's alerts as an agency sees them, by finding."""
        found = self.hub.ask(agency, _ALERTS, {"id": self.household}).data["node"]["alerts"]["nodes"]
        return {alert["finding"]: alert for alert in found}

    def entitled(self, rule: str, of: str | None = None, agency: str = CITY) -> Any:
        """The entitlement of the household or a member under a rule."""
        answered = self.hub.ask(self.at(agency), _ENTITLED, {"id": self.household}).body["data"]
        person = None if of is None else self.persons[of]
        (found,) = [
            entitlement
            for entitlement in answered["node"]["entitlements"]
            if (entitlement["rule"], entitlement["person"] and entitlement["person"]["id"]) == (rule, person)
        ]
        return found

    def aid(self, number: str, of: str | None, detail: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
        """An outcome as an agency writes it back: money that was paid today."""
        return {
            "externalId": f"{self.code}-{number}",
            "subject": self.whole if of is None else self.one(of),
            "program": f"{number}项目",
            "periodFrom": str(today()),
            "periodUntil": str(today()),
            "status": "PAID",
            "decidedOn": str(today()),
            "paidOn": str(today()),
            "amount": "1200.00",
            "detail": detail,
        } | changes

    def give(
        self, agency: str, number: str, of: str | None, detail: Mapping[str, Any], **changes: Any
    ) -> Any:
        """An agency writes an outcome back and reads its typed fields unchanged; returns the payload."""
        payload = self.write(agency, RECORD_AID, self.aid(number, of, detail, **changes))
        ((_, said),), record = detail.items(), payload["aidRecord"]
        of_type = f"... on {TYPE_OF_KIND[record['kind']]} {{ {' '.join(said)} }}"
        asked = f"query ($id: ID!) {{ node(id: $id) {{ {of_type} }} }}"
        assert self.hub.ask(self.at(agency), asked, {"id": record["id"]}).data["node"] == said
        return payload

    def forms(self, kind: AidKind) -> set[str]:
        """The forms of a kind of aid that the family received."""
        asked = f"""query ($id: ID!) {{ node(id: $id) {{ ... on Household {{ aidRecords(first: 50) {{ nodes {{
          ... on {TYPE_OF_KIND[kind]} {{ form }} }} }} }} }} }}"""
        nodes = self.hub.ask(CITY, asked, {"id": self.household}).data["node"]["aidRecords"]["nodes"]
        return {node["form"] for node in nodes if node}

    def refer(self, kind: str, of: str | None, to: str, by: str | None = None) -> Any:
        """The township pushes a need, and the agency in charge accepts it; returns the referral."""
        whom = self.whole if of is None else self.one(of)
        given = need(
            whom, self.at(to), kind, externalId=f"{self.code}-{uuid4()}", reason="入户核查发现的需求"
        )
        return self.accept(self.write(by or self.office, CREATE_REFERRAL, given)["referral"], to)

    def accept(self, referral: Any, by: str) -> Any:
        """The agency accepts a need; returns the referral."""
        given = {"id": referral["id"], "expectedVersion": referral["version"]}
        return self.write(by, step("accept"), given)["referral"]

    def only(self, in_charge: Iterable[str], of: str | None, detail: Mapping[str, Any]) -> None:
        """Every department that is not in charge of the kind is refused."""
        given = self.aid("WRONG", of, detail)
        with self.nothing_written():
            for other in set(DEPARTMENTS) - set(in_charge):
                assert self.refused(other, RECORD_AID, given) in (
                    ("FORBIDDEN_WRITE", "detail"),
                    ("FORBIDDEN_FIELD", "Mutation.recordAid"),
                ), other

    def answered(
        self,
        rule: str,
        of: str | None,
        by: str,
        detail: Mapping[str, Any],
        *,
        pushed_by: str | None = None,
        **changes: Any,
    ) -> Any:
        """An entitlement is missing; its need is pushed to the agency in charge; the agency gives the aid within the rule's
        window and feeds the outcome back; the entitlement is received. Returns the payload of the aid. The chain then has the
        events of `answering`."""
        missing = self.entitled(rule, of)
        assert missing["status"] == "MISSING"
        kind = missing["aidKind"]
        assert missing["clause"] == IN_CHARGE[kind][0]
        referral = self.refer(kind, of, by, pushed_by)
        assert self.entitled(rule, of)["status"] == "REFERRED"
        window = {"periodFrom": missing["windowFrom"], "periodUntil": missing["windowUntil"]}
        given = self.give(by, rule, of, detail, **window | changes)
        self.complete(referral, by, given["aidRecord"]["id"])
        assert self.entitled(rule, of)["status"] == "RECEIVED"
        return given

    def complete(self, referral: Any, by: str, *aids: str) -> None:
        """The agency in charge feeds the outcome back."""
        given = {
            "id": referral["id"],
            "expectedVersion": referral["version"],
            "outcome": "已办理",
            "aidRecordIds": list(aids),
        }
        assert self.write(by, step("complete"), given)["referral"]["status"] == "COMPLETED"

    def chain(self, agency: str = CITY, of: str | None = None) -> list[Event]:
        """The chain of the household or a member, as an agency reads it. Every link must be unchanged."""
        key = self.household if of is None else self.persons[of]
        chain = self.hub.ask(self.at(agency), _CHAIN, {"id": key}).body["data"]["node"]["chain"]
        assert chain["verified"]["whole"]
        assert chain["events"]["totalCount"] == len(chain["events"]["nodes"])
        return [
            Event(
                node["type"],
                node["agency"]["code"],
                node["policyBasis"],
                node["summary"],
                node["summaryZh"],
                (node["aidRecord"] or {}).get("amount"),
                (node["aidRecord"] or {"version": 1})["version"] > 1,
                (node["aidRecord"] or {}).get("kind") or (node["referral"] or {}).get("need"),
                (node["aidRecord"] or {}).get("form"),
                _parties(node),
            )
            for node in chain["events"]["nodes"]
        ]

    def told(self, *expected: tuple[str, str, str], of: str | None = None) -> list[Event]:
        """Civil affairs reads the chain in detail: these events (type, agency, clause) in this order, each with a sentence in
        English and in Chinese. Returns the events."""
        chain = self.chain(of=of)
        assert [(event.type, event.agency, event.clause) for event in chain] == [
            (type_, self.at(agency), clause) for type_, agency, clause in expected
        ]
        for event in chain:
            assert event.summary.endswith(".")
            assert event.summary_zh.endswith("。")
            assert not event.summary_zh.isascii()
            if event.type == "AID_RECORDED" and event.amount is not None and not event.amended:
                assert f"{event.amount} yuan" in event.summary
                assert f"金额 {event.amount} 元" in event.summary_zh
        return chain

    def skeleton(self, agency: str, hidden: Iterable[str] = (), opened: Iterable[str] = ()) -> None:
        """Another department reads the same chain: the same events in the same order, without the `hidden` types and without
        events about data that it may not read. It sees no amount of aid, in a field or in a sentence, except for aid of the
        `opened` agencies."""
        whole_chain = [event for event in self.chain() if event.type not in set(hidden)]
        detailed = [event for event in whole_chain if event.is_there_for(self.at(agency))]
        seen, mine = self.chain(agency), {self.at(one) for one in opened}
        assert [(event.type, event.agency, event.clause) for event in seen] == [
            (event.type, event.agency, event.clause) for event in detailed
        ]
        for event, whole in zip(seen, detailed, strict=True):
            assert event.amount == (whole.amount if event.agency in mine else None)
            if event.agency not in mine:
                assert " yuan" not in event.summary
                assert "金额" not in event.summary_zh


def _parties(event: dict[str, Any]) -> frozenset[str] | None:
    if referral := event["referral"]:
        return frozenset({referral["from"]["code"], referral["to"]["code"]})
    if conference := event["conference"]:
        return frozenset(participant["agency"]["code"] for participant in conference["participants"])
    return None


def begun(story: Story) -> list[tuple[str, str, str]]:
    """The first events of the chain: registered, and certified by the township."""
    return [("HOUSEHOLD_REGISTERED", story.office, "46-2.2"), ("CERTIFIED", story.office, "46-1.2.1")]


def answering(by: str, clause: str, office: str) -> list[tuple[str, str, str]]:
    """The events of a need that an office pushed and the agency in charge answered."""
    return [
        ("REFERRAL_SENT", office, "46-2.1"),
        ("REFERRAL_ACCEPTED", by, "46-2.1"),
        ("AID_RECORDED", by, clause),
        ("REFERRAL_COMPLETED", by, "46-2.1"),
    ]


_OF_AN_AGE: defaultdict[int, Iterator[int]] = defaultdict(lambda: count(1))
"""Serial numbers of people with the same birth date: an identity number has three digits for them."""


def begin(
    hub: Served, settings: Settings, serial: int, township: str, residence: str, members: Sequence[Member]
) -> Story:
    """The township registers a family (46-2.2), which begins its chain."""
    code = f"{township}-{serial:04}"
    numbers = {member.relation: number_of(member, next(_OF_AN_AGE[member.age])) for member in members}
    given = {
        "code": code,
        "region": township,
        "residence": residence,
        "address": "幸福里1号院",
        "incomePerCapita": "580.00",
        "members": [
            {
                "idNumber": numbers[member.relation],
                "name": member.name,
                "relation": member.relation,
                **member.said,
            }
            for member in members
        ],
    }
    answered = hub.ask(f"civil_affairs@{township}", UPSERT, {"input": {"households": [given]}})
    (outcome,) = answered.data["upsertHouseholds"]["outcomes"]
    assert (outcome["errors"], outcome["changed"]) == ([], True)
    household = outcome["household"]
    names = {member.name: member.relation for member in members}
    persons = {names[member["name"]]: member["id"] for member in household["members"]}
    return Story(hub, settings, code, household["id"], township, tuple(members), persons, numbers)
