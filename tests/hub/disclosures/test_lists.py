"""What a list names, withholds and leaves in place, case by case, from the text of 46-4.3 and the hub's rules of masking.

Each case is a household with a single reason to be named or not; the month is March 2026. Expected values are literal, as the
list must show them, and do not come from the code that makes lists.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from typing import Any

import psycopg
import pytest

from auth.scopes import Scope
from hub.commands.context import CommandContext
from hub.disclosures.commands import withdraw_disclosure
from hub.disclosures.objections import ObjectionDraft, object_to_disclosure
from hub.foundation.calendar import today
from hub.foundation.database import Database, new_id
from hub.foundation.encryption import Keys, Secrecy
from hub.foundation.errors import ForbiddenWrite
from hub.foundation.settings import Settings
from tests.conftest import TestCluster
from tests.fixtures.served import Served, serve
from tests.hub.policy.permissions.staged import Stage
from tests.journeys.test_disclosures import OBJECT, PUBLISH, WITHDRAW, lines, published
from tests.schema.test_writing import refused

TOWNSHIP, VILLAGE, NEXT = "410105001", "410105001003", "410105002"
OFFICE, COUNTY, ELSEWHERE = f"civil_affairs@{TOWNSHIP}", "civil_affairs@410105", "civil_affairs@410103"
MARCH = {"month": "2026-03"}
_NUMBERS = count(1)


def of(month: int, day: int, year: int = 2026) -> date:
    return date(year, month, day)


ENDED: dict[str, Any] = {"ended_on": of(5, 1), "ended_because": "NO_LONGER_ELIGIBLE"}
CERTIFIED: dict[str, tuple[dict[str, Any], str | None]] = {
    "张甲明": ({"valid_from": of(1, 1)}, "张*明"),
    "张乙明": ({"valid_from": of(3, 31)}, "张*明"),
    "张丙明": ({"valid_from": of(4, 1)}, None),
    "张丁明": ({"valid_from": of(1, 1), "valid_until": of(3, 31)}, "张*明"),
    "张戊明": ({"valid_from": of(1, 1), "valid_until": of(3, 30)}, None),
    "张己明": ({"valid_from": of(1, 1), **ENDED}, "张*明"),
    "张庚明": ({"valid_from": of(1, 1), **ENDED, "ended_on": of(3, 20)}, None),
    "张辛明": ({"valid_from": of(1, 1), **ENDED, "ended_because": "MISTAKE"}, None),
    "张壬明": ({"valid_from": of(1, 1), **ENDED, "ended_because": "FALSE_CLAIM"}, None),
}
"""For the head of a household certified as a whole: the certification, and the masked name on the list; None if it is not
listed."""
BORN: dict[str, tuple[date, str | None]] = {
    "陈小甲": (of(3, 31, 2008), "陈*甲"),
    "陈小乙": (of(4, 1, 2008), None),
    "陈小丙": (of(4, 1, 2010), None),
    "陈小丁": (of(3, 30, 2008), "陈*丁"),
}
"""For a person certified alone: the date of birth, and the masked name on the list of 31 March 2026; nobody under 18 is
named."""
HELPED: dict[str, list[tuple[dict[str, Any], tuple[str, str, str] | None]]] = {
    "李一": [({"kind": "BASIC_LIVING", "paid_on": of(3, 10)}, ("李*", "BASIC_LIVING", "2026-03-10"))],
    "李二": [
        ({"kind": "BASIC_LIVING", "paid_on": of(3, 25)}, ("李*", "BASIC_LIVING", "2026-03-05")),
        ({"kind": "BASIC_LIVING", "paid_on": of(3, 5)}, None),
    ],
    "李三": [({"kind": "HOUSING", "decided_on": of(2, 20), "paid_on": of(3, 31)}, ("李*", "HOUSING", "2026-03-31"))],
    "李四": [({"kind": "HOUSING", "decided_on": of(3, 30), "paid_on": of(4, 2)}, None)],
    "李五": [({"kind": "EMPLOYMENT", "status": "DELIVERED", "decided_on": of(3, 1)}, ("李*", "EMPLOYMENT", "2026-03-01"))],
    "李六": [({"kind": "EMPLOYMENT", "status": "APPROVED", "decided_on": of(3, 1)}, None)],
    "李七": [({"kind": "DISASTER", "status": "REVOKED", "paid_on": of(3, 2)}, None)],
    "李八": [({"kind": "DISASTER", "paid_on": of(3, 2), "superseded_at": "2026-03-03T00:00Z"}, None)],
    "李九": [({"kind": "TEMPORARY", "paid_on": of(2, 28)}, None)],
    "李十": [({"kind": "TEMPORARY", "paid_on": of(4, 1)}, None)],
    "李百": [({"kind": "TEMPORARY", "paid_on": of(3, 1)}, ("李*", "TEMPORARY", "2026-03-01"))],
    "李千": [({"kind": kind, "paid_on": of(3, 2)}, None) for kind in ("MEDICAL", "EDUCATION", "SERVICE", "OTHER", "CHARITY")],
    "李万": [({"kind": "DISASTER", "paid_on": of(3, 2)}, ("李*", "DISASTER", "2026-03-02"))],
}  # fmt: skip
"""For the head of a household: each aid record, and its line on the list; None if it has no line (or another record has it)."""


class Township(Stage):
    """The households of one township, made one after another."""

    def household(self, *people: dict[str, Any], region: str = TOWNSHIP) -> tuple[Any, list[Any]]:
        """Makes a household with its persons; returns its id and theirs."""
        id = self.put("household", region=region, code=f"L{next(_NUMBERS)}")
        return id, [
            self.put(
                "person", household_id=id, **{"relation": "HEAD", "birth_date": of(1, 1, 1970), **person}
            )
            for person in people
        ]

    def certified(self, household: Any, person: Any = None, **changes: Any) -> None:
        """Certifies a household, or one of its persons."""
        category = "SUBSISTENCE_ALLOWANCE" if person is None else "EXTREME_HARDSHIP"
        whole = {"category": category, "valid_from": of(1, 1), **changes}
        self.put("certification", household_id=household, person_id=person, **whole)


def fill(url: str) -> None:
    """Makes every case, each in a household of its own."""
    with psycopg.connect(url) as connection:
        on = Township(connection)
        for name, (certification, _) in CERTIFIED.items():
            household, _ = on.household({"name": name})
            on.certified(household, **certification)
        for name, (born, _) in BORN.items():
            household, (_, child) = on.household(
                {"name": "陈父"}, {"name": name, "birth_date": born, "relation": "CHILD"}
            )
            on.certified(household, child)
        left = {"left_on": of(2, 1)}
        moved, _ = on.household(
            {"name": "赵走了", **left}, {"name": "赵当家"}, {"name": "赵配偶", "relation": "SPOUSE"}
        )
        on.certified(moved)
        orphaned, _ = on.household({"name": "孙走了", **left})
        on.certified(orphaned)
        in_village, _ = on.household({"name": "周村里"}, region=VILLAGE)
        on.certified(in_village)
        next_door, (neighbour,) = on.household({"name": "吴隔壁"}, region=NEXT)
        on.certified(next_door)
        on.put(
            "aid_record",
            household_id=next_door,
            person_id=neighbour,
            kind="HOUSING",
            status="PAID",
            paid_on=of(3, 2),
        )
        for name, records in HELPED.items():
            household, (head,) = on.household({"name": name})
            for record, _ in records:
                on.put(
                    "aid_record", **{"household_id": household, "person_id": head, "status": "PAID", **record}
                )
        tomorrow, _ = on.household({"name": "郑明天"})
        on.certified(tomorrow, valid_from=today() + timedelta(days=1))


@pytest.fixture(scope="module")
def hub(cluster: TestCluster, template: str, settings: Settings, keys: Keys) -> Iterator[Served]:
    """The hub, with all cases."""
    name = f"{template}_lists"
    url = cluster.create(name, template)
    fill(url)
    with serve(url, settings, keys) as served:
        yield served
    cluster.drop(name)


@pytest.fixture(scope="module")
def certified(hub: Served) -> str:
    """The id of the list of certified people in March, published by an office that also sees the neighbouring townships."""
    return str(published(hub, COUNTY, TOWNSHIP, externalId="三-1", **MARCH)["id"])


def test_who_stood_on_the_last_day_of_the_month_is_listed_and_named_as_the_masks_say(
    hub: Served, certified: str
) -> None:
    listed = sorted(
        (line["place"]["code"], line["category"], line["maskedName"] or "", line["since"])
        for line in lines(hub, OFFICE, certified)
    )
    whole, alone = "SUBSISTENCE_ALLOWANCE", "EXTREME_HARDSHIP"
    expected = [
        *(
            (TOWNSHIP, whole, named, str(certification["valid_from"]))
            for certification, named in CERTIFIED.values()
            if named
        ),
        *((TOWNSHIP, alone, named or "", "2026-01-01") for _, named in BORN.values()),
        (TOWNSHIP, whole, "赵*家", "2026-01-01"),
        (TOWNSHIP, whole, "", "2026-01-01"),
        (VILLAGE, whole, "周*里", "2026-01-01"),
    ]
    assert listed == sorted(expected)


def test_who_was_helped_in_the_month_is_listed_once_for_each_kind_since_the_first_day(hub: Served) -> None:
    made = published(hub, COUNTY, TOWNSHIP, **MARCH, listOf="HELPED", externalId="助-1")
    listed = sorted(
        (line["maskedName"], line["aidKind"], line["since"]) for line in lines(hub, OFFICE, made["id"])
    )
    assert listed == sorted(line for records in HELPED.values() for _, line in records if line)


def test_the_list_of_a_month_that_runs_names_who_stands_today(hub: Served) -> None:
    made = published(hub, OFFICE, TOWNSHIP, externalId="今-1")
    assert str(today() + timedelta(days=1)) not in {line["since"] for line in lines(hub, OFFICE, made["id"])}


def test_a_number_is_its_agencys_own_and_other_months_and_lists_stand_beside(
    hub: Served, certified: str
) -> None:
    february = {"month": "2026-02", "externalId": "三-1"}
    assert published(hub, OFFICE, TOWNSHIP, **february)["id"] != certified
    helped = {"month": "2026-02", "externalId": "助-2", "listOf": "HELPED"}
    assert published(hub, COUNTY, TOWNSHIP, **helped)["id"]
    list_input = {"region": TOWNSHIP, "listOf": "CERTIFIED"}
    assert refused(hub, COUNTY, PUBLISH, list_input | february) == ("CONFLICT", ["input", "externalId"])
    again = list_input | {"externalId": "又-1"} | MARCH
    assert refused(hub, OFFICE, PUBLISH, again) == ("ALREADY_DISCLOSED", ["input", "region"])


def test_a_list_is_withdrawn_by_its_publisher_alone_and_out_of_sight_there_is_none(hub: Served) -> None:
    id = published(hub, OFFICE, TOWNSHIP, month="2026-01", externalId="撤-1")["id"]
    withdrawal = {"id": id, "expectedVersion": 1, "reason": "名单有误"}
    assert refused(hub, ELSEWHERE, WITHDRAW, withdrawal) == ("NOT_FOUND", ["input", "id"])
    assert refused(hub, COUNTY, WITHDRAW, withdrawal) == ("NOT_YOUR_DISCLOSURE", ["input", "id"])
    first, second = (
        hub.ask(OFFICE, WITHDRAW, {"input": withdrawal}).data["withdrawDisclosure"] for _ in range(2)
    )
    assert first["errors"] == []
    assert second == first, "sent again, it answers what it answered"
    assert published(hub, OFFICE, TOWNSHIP, month="2026-01", externalId="撤-2")["id"] != id


def test_an_objection_under_a_number_that_was_sent_for_another_line_is_a_conflict(
    hub: Served, certified: str
) -> None:
    objection = {
        "externalId": "异-1",
        "disclosureId": certified,
        "number": 1,
        "ground": "有车",
        "objectedOn": str(today()),
    }
    assert hub.ask(OFFICE, OBJECT, {"input": objection}).data["objectToDisclosure"]["errors"] == []
    for other in ({"number": 2}, {"ground": "有房"}):
        assert refused(hub, OFFICE, OBJECT, objection | other)[0] == "CONFLICT", other


@pytest.mark.anyio
@pytest.mark.parametrize("missing", [Scope.ALERT_WRITE, Scope.DISCLOSURE_READ, Scope.DISCLOSURE_WRITE])
async def test_a_command_asks_for_its_scopes_itself_whoever_calls_it(
    hub: Served, settings: Settings, secrecy: Secrecy, missing: Scope
) -> None:
    grant = hub.grant(OFFICE, scopes=frozenset(Scope) - {missing})
    database = Database(hub.database_url, settings)
    async with database.write() as session:
        command = (
            withdraw_disclosure(CommandContext(session, grant, secrecy), (new_id(),), 1, "名单有误")
            if missing is Scope.DISCLOSURE_WRITE
            else object_to_disclosure(
                CommandContext(session, grant, secrecy), ObjectionDraft("异-9", new_id(), 1, "有车", today())
            )
        )
        with pytest.raises(ForbiddenWrite) as refusal:
            await command
    await database.close()
    assert missing.value in str(refusal.value)
