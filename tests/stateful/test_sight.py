"""Whatever happens to a household, an office elsewhere reads exactly the rows that the reasons for sight allow (46-4.2).

Random histories of one household: referrals are sent, accepted, returned, completed and ended; an office elsewhere gives aid
and revokes it; the household moves; days pass on the clock of the run, for Python and for the database. After each step,
every office reads the tables under their row rules, and plain Python (`reasons`) computes from the dumped rows what it must
find.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import anyio
import pytest
from hypothesis import HealthCheck, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hub.aid.commands import record_aids
from hub.aid.drafts import AidDraft
from hub.aid.revocation import Revocation, revoke_aid
from hub.foundation.calendar import today
from hub.foundation.database import Database
from hub.foundation.encryption import Secrecy, place_of
from hub.foundation.errors import HubError
from hub.foundation.settings import Settings
from hub.households.commands import upsert_households
from hub.households.drafts import HouseholdDraft, MemberDraft, WholeDraft
from hub.model.aid import AidKind, AidStatus, CorrectionReason, TemporaryForm
from hub.model.persons import Relation
from hub.persons.subjects import Subject
from hub.referrals.commands import create_referral
from hub.referrals.drafts import ReferralDraft
from hub.referrals.steps import (
    ReferralAnswer,
    accept_referral,
    complete_referral,
    end_referral,
    return_referral,
)
from hub.sample.make import make_sample
from tests.conftest import TestCluster
from tests.fixtures.clock import Clock
from tests.hub.policy.permissions.reading import Reading
from tests.hub.policy.permissions.reasons import Sight, lasting
from tests.hub.policy.permissions.sight import Everything
from tests.stateful.test_random_commands import LIVES, PHASES, SEED
from tests.stateful.world import World, grant_of

PLATFORM = "civil_affairs@4101"
NEEDS = {
    "education@410103": AidKind.EDUCATION,
    "health@410122": AidKind.MEDICAL,
    "civil_affairs@410103": AidKind.TEMPORARY,
}
"""Offices of other counties, and the need that each is in charge of."""
OFFICES = [*NEEDS, "education@410105", "civil_affairs@410105", "civil_affairs@410122"]
PLACES = ("410105001", "410103001", "410122100")
TABLES = (
    "household", "person", "certification", "chain_event", "aid_record", "temporary_detail", "referral", "sent_household",
)  # fmt: skip
STEPS: Mapping[str, tuple[Any, dict[str, Any]]] = {
    "accept": (accept_referral, {}),
    "return": (return_referral, {"reason": "不在本区"}),
    "complete": (complete_referral, {"outcome": "已办结"}),
    "end": (end_referral, {"reason": "已另行解决"}),
}
Happening = tuple[str, Any]
Live = Callable[[Sequence[Happening]], set[str]]
happenings = st.one_of(
    st.tuples(st.just("push"), st.sampled_from(sorted(NEEDS))),
    st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 3)),
    st.tuples(st.just("give"), st.sampled_from(["civil_affairs@410103", "civil_affairs@410122"])),
    st.tuples(st.just("revoke"), st.integers(0, 3)),
    st.tuples(st.just("move"), st.sampled_from(PLACES)),
    st.tuples(st.just("wait"), st.sampled_from([1, 29, 30, 89, 90, 365])),
)


@dataclass
class Life:
    """One household and the records of it. `of_the_sample`: the agencies that have it in sight from the start, for which
    there is no event."""

    world: World
    clock: Clock
    household: UUID
    code: str
    number: str
    referrals: list[tuple[UUID, UUID]] = field(default_factory=list)
    aids: list[tuple[UUID, UUID]] = field(default_factory=list)
    of_the_sample: set[Sight] | None = None

    def happen(self, what: str, how: Any) -> None:
        """One more happening; a refused command changes nothing."""
        match what:
            case "push":
                self._push(how)
            case "give":
                self._give(how)
            case "revoke" if self.aids:
                key = self.aids[how % len(self.aids)]
                agency, version = self._of("aid_record", "agency_id, version", key, "order by version desc")
                self.run(agency, lambda context: revoke_aid(context, key, _revocation(version)))
            case "move":
                self._move(how)
            case "wait":
                self.clock.set(datetime.now(UTC) + timedelta(days=how))
            case _ if what in STEPS and self.referrals:
                self._step(what, self.referrals[how % len(self.referrals)])

    def run(self, agency: str, write: Any) -> Any:
        """Run one command; returns None if it was refused."""
        answer = self.world.run(agency, write)
        return None if isinstance(answer, HubError) else answer

    def _of(self, table: str, columns: str, key: tuple[UUID, UUID], more: str = "") -> tuple[Any, ...]:
        return self.world.rows(
            f"select {columns} from {table} where (household_id, id) = (%s, %s) {more}", *key
        )[0]

    def _push(self, office: str) -> None:
        ((region,),) = self.world.rows("select region from household where id = %s", self.household)
        draft = ReferralDraft(
            str(uuid4()), Subject(household_id=self.household), office, NEEDS[office], "请予救助"
        )
        sent = self.run(f"civil_affairs@{region[:6]}", lambda context: create_referral(context, draft))
        if sent is not None:
            self.referrals.append(sent)

    def _step(self, name: str, key: tuple[UUID, UUID]) -> None:
        command, says = STEPS[name]
        column = "from_agency" if name == "end" else "to_agency"
        agency, version = self._of("referral", f"{column}, version", key)
        self.run(agency, lambda context: command(context, key, ReferralAnswer(version, **says)))

    def _give(self, office: str) -> None:
        region = f"{office.partition('@')[2]}001"
        draft = AidDraft(
            str(uuid4()), Subject(id_number=self.number), AidKind.TEMPORARY, "临时救助", today(), today(),
            AidStatus.PAID, today(), {"form": TemporaryForm.PAY_FIRST, "trouble": "突发火灾", "happened_at_region": region},
            Decimal(100), today(),
        )  # fmt: skip
        for outcome in self.run(office, lambda context: record_aids(context, [draft])) or ():
            if outcome.key is not None:
                self.aids.append(outcome.key)

    def _move(self, region: str) -> None:
        whole = WholeDraft(region=region)
        ((name, relation),) = self.world.rows(
            "select name, relation from person where household_id = %s and left_on is null order by id limit 1",
            self.household,
        )
        member = MemberDraft(id_number=self.number, name=name, relation=Relation(relation), of_whole=whole)
        draft = HouseholdDraft(self.code, [member], whole)
        self.run(PLATFORM, lambda context: upsert_households(context, [draft]))

    def agree(self) -> None:
        """Fails if an office reads more or less than the reasons for sight allow, or if the chain has no event for a new
        sight."""
        everything = Everything.of(self.world.url)
        grants = [grant_of(office) for office in OFFICES]
        for table in TABLES:
            self.world.loop.run_until_complete(
                Reading(self.world.database, everything, table).compare(grants)
            )
        events = {
            (body["to"], body["because"]): type_
            for type_, body in self.world.rows(
                "select type, body from chain_event where household_id = %s and type like 'SIGHT%%' order by number",
                self.household,
            )
        }
        ((region,),) = self.world.rows("select region from household where id = %s", self.household)
        sights = lasting(everything.tables, datetime.now(UTC))
        self.of_the_sample = sights if self.of_the_sample is None else self.of_the_sample
        for agency, household, reason in sights - self.of_the_sample:
            if household == self.household and not region.startswith(agency.partition("@")[2]):
                assert events[agency, reason] == "SIGHT_GIVEN"


def _revocation(version: int) -> Revocation:
    return Revocation(version, CorrectionReason.MISTAKE, "误登记")


@pytest.fixture(scope="module")
def one_household(cluster: TestCluster, template: str, settings: Settings, secrecy: Secrecy) -> Iterator[str]:
    """A database with one household, to be cloned for each life."""
    name = f"hub_sight_{uuid4().hex[:8]}"

    async def fill() -> None:
        database = Database(cluster.create(name, template), settings)
        await make_sample(database, secrecy, 1, 1, today(), lambda _done, _total: None)
        await database.close()

    anyio.run(fill)
    yield name
    cluster.drop(name)


@pytest.fixture(scope="module")
def live(
    cluster: TestCluster, one_household: str, settings: Settings, secrecy: Secrecy, clock: Clock
) -> Iterator[Live]:
    """A function that runs a history on a database of its own, returns the types of the events in the chain, and sets the
    clock back."""
    loop = asyncio.new_event_loop()

    def live_through(history: Sequence[Happening]) -> set[str]:
        name, before = f"{one_household}_{uuid4().hex[:8]}", clock.seconds_off
        url = cluster.create(name, one_household)
        world = World(url, Database(url, settings), secrecy, loop)
        ((household, code),) = world.rows("select id, code from household")
        (first, sealed), *_ = world.rows("select id, id_number_sealed from person order by id")
        number = secrecy.open(sealed, place_of("person.id_number", first.bytes))
        life = Life(world, clock, household, code, number)
        try:
            life.agree()
            for event, how in history:
                life.happen(event, how)
                life.agree()
            return {one for (one,) in world.rows("select distinct type from chain_event")}
        finally:
            loop.run_until_complete(world.database.close())
            cluster.drop(name)
            clock.set(datetime.fromtimestamp(time.time() - clock.seconds_off + before, UTC))

    yield live_through
    loop.close()


def test_everything_that_gives_sight_or_ends_it_happens(live: Live) -> None:
    happened = live(
        [
            ("move", PLACES[0]), ("push", "education@410103"), ("push", "health@410122"), ("accept", 0), ("return", 1),
            ("end", 1), ("give", "civil_affairs@410103"), ("move", PLACES[1]), ("complete", 0), ("move", PLACES[2]),
            ("wait", 89), ("wait", 1), ("revoke", 0), ("wait", 29), ("wait", 1),
        ]
    )  # fmt: skip
    assert happened >= {
        "SIGHT_GIVEN", "SIGHT_ENDED", "REFERRAL_ACCEPTED", "REFERRAL_RETURNED", "REFERRAL_ENDED", "REFERRAL_COMPLETED",
        "AID_RECORDED", "AID_REVOKED", "HOUSEHOLD_UPDATED",
    }  # fmt: skip


@seed(SEED)
@hypothesis_settings(
    max_examples=max(4, LIVES // 2),
    deadline=None,
    print_blob=True,
    database=None,
    phases=PHASES,
    suppress_health_check=list(HealthCheck),
)
@given(history=st.lists(happenings, min_size=4, max_size=12))
def test_an_office_elsewhere_reads_what_the_file_of_reasons_says_after_any_history(
    live: Live, history: list[Happening]
) -> None:
    live(history)
