"""Sixteen clients write to one household and to different ones at the same time: nothing is lost, nothing is doubled, and no
caller sees a collision, whatever the command."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from hub.foundation.calendar import today
from tests.fixtures.served import Served
from tests.journeys.alerts import (
    CLOSE,
    DISPOSE,
    OPEN,
    RAISE,
    VISIT,
    conference,
    found_on_the_spot,
    minutes,
    visit,
)
from tests.journeys.outcomes import (
    AMEND_AID,
    CERTIFY,
    CREATE_REFERRAL,
    RECORD_AID,
    SUBMIT,
    TERMINATE,
    application,
    certification,
    need,
    step,
    urgent_payment,
)

CLIENTS = 16
COUNTY = "civil_affairs@410105"
SCHOOLS = "education@410105"
HOUSEHOLDS = (
    "{ households(first: 5, filter: {category: [SUBSISTENCE_MARGIN]}) { nodes { id code region { code } } } }"
)
CHAINS = "query ($code: String!) { household(code: $code) { chain { verified { whole length } } } }"

Command = tuple[str, str, str, dict[str, Any], str]
"""Agency, mutation, name of the mutation, input, and name of the object in the payload."""


def at_once(hub: Served, commands: Sequence[Sequence[Command]]) -> list[list[dict[str, Any]]]:
    """Each client sends its commands in sequence, all clients at the same time; returns the payloads."""
    answered: list[list[dict[str, Any]]] = [[] for _ in commands]
    together = threading.Barrier(len(commands))

    def work(place: int) -> None:
        together.wait()
        for agency, mutation, name, given, _ in commands[place]:
            reply = hub.ask(agency, mutation, {"input": given})
            answered[place].append(
                {"payload": reply.body["data"][name], "errors": reply.body.get("errors", [])}
            )

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(commands))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert [len(one) for one in answered] == [len(command) for command in commands], (
        "a client was not answered"
    )
    for one in (one for of in answered for one in of):
        assert one["errors"] == [], one["errors"]
    return [[one["payload"] for one in of] for of in answered]


def created(number: str, subject: dict[str, str], township: str) -> list[Command]:
    """Every command that creates something, with external ids that end in `number`."""
    own = {"externalId": number}
    return [
        (
            COUNTY,
            RECORD_AID,
            "recordAid",
            urgent_payment(subject, township, program=f"救助{number}", **own),
            "aidRecord",
        ),
        (COUNTY, CREATE_REFERRAL, "createReferral", need(subject, SCHOOLS, **own), "referral"),
        (COUNTY, SUBMIT, "submitApplication", application(subject, **own), "application"),
        (COUNTY, RAISE, "raiseAlert", found_on_the_spot(subject, **own), "alert"),
        (COUNTY, VISIT, "recordVisit", visit(subject, **own), "visit"),
        (COUNTY, OPEN, "openConference", conference(subject, **own), "conference"),
    ]


def test_what_sixteen_clients_create_at_once_is_all_there_and_there_once(writable_hub: Served) -> None:
    shared, *others = writable_hub.ask(COUNTY, HOUSEHOLDS).data["households"]["nodes"]
    before = _lengths(writable_hub, [shared, *others])

    def of_client(place: int) -> list[Command]:
        elsewhere = others[place % len(others)]
        common = created("COMMON", {"householdId": shared["id"]}, shared["region"]["code"])
        own = created(f"OWN-{place}", {"householdId": shared["id"]}, shared["region"]["code"])
        away = created(f"AWAY-{place}", {"householdId": elsewhere["id"]}, elsewhere["region"]["code"])
        rival = certification({"householdId": shared["id"]}, externalId=f"RIVAL-{place}")
        mixed = [*common, *own, *away, (COUNTY, CERTIFY, "certify", rival, "certification")]
        return mixed[place:] + mixed[:place]  # each client begins with another command

    commands = [of_client(place) for place in range(CLIENTS)]
    answers = at_once(writable_hub, commands)
    kept: dict[str, Counter[str]] = {}
    rivals: list[list[str]] = []
    for command, payload in zip(
        (c for of in commands for c in of), (a for of in answers for a in of), strict=True
    ):
        if command[2] == "certify":
            rivals.append([error["code"] for error in payload["errors"]])
            continue
        assert payload["errors"] == [], (command[2], payload["errors"])
        kept.setdefault(command[2], Counter())[payload[command[4]]["id"]] += 1
    for name, ids in kept.items():
        assert sorted(ids.values()) == [*[1] * (2 * CLIENTS), CLIENTS], (
            f"{name}: one for all, and one for each"
        )
    assert sorted(rivals) == [[], *[["ALREADY_CERTIFIED"]] * (CLIENTS - 1)]

    events = 1 + 1 + (1 + 2) + 1 + 1 + 1
    """The events of one client's commands. An application also sends a referral for each of its two needs."""
    after = _lengths(writable_hub, [shared, *others])
    told = [now - then for now, then in zip(after, before, strict=True)]
    assert told[0] == events * (CLIENTS + 1) + 1
    assert told[1:] == [events * (CLIENTS // len(others))] * len(others)


def _lengths(hub: Served, households: Sequence[dict[str, Any]]) -> list[int]:
    """The lengths of the chains. Each chain must be whole."""
    chains = [
        hub.ask(COUNTY, CHAINS, {"code": household["code"]}).data["household"]["chain"]
        for household in households
    ]
    assert all(chain["verified"]["whole"] for chain in chains)
    return [chain["verified"]["length"] for chain in chains]


def test_of_sixteen_who_edit_the_same_version_one_wins_and_the_others_are_told(writable_hub: Served) -> None:
    (home, *_) = writable_hub.ask(COUNTY, HOUSEHOLDS).data["households"]["nodes"]
    subject, township = {"householdId": home["id"]}, home["region"]["code"]
    firsts = [
        *created("FIRST", subject, township),
        (COUNTY, CERTIFY, "certify", certification(subject), "certification"),
    ]
    (answers,) = at_once(writable_hub, [firsts])
    aid, referral, _, alert, _, called, certified = (
        answer[command[4]] for command, answer in zip(firsts, answers, strict=True)
    )
    checked = visit(subject, externalId="CHECKED", alertId=alert["id"])
    at_once(writable_hub, [[(COUNTY, VISIT, "recordVisit", checked, "visit")]])

    def first(one: dict[str, Any], version: int = 1, **more: Any) -> dict[str, Any]:
        return {"id": one["id"], "expectedVersion": version, **more}

    edits: dict[str, tuple[Callable[[int], Command], set[str]]] = {
        "amendAid": (
            lambda n: (
                COUNTY,
                AMEND_AID,
                "amendAid",
                first(aid, reason=f"更正{n}", outcome=f"{n}"),
                "aidRecord",
            ),
            {"STALE_VERSION"},
        ),
        "acceptReferral": (
            lambda _: (SCHOOLS, step("accept"), "acceptReferral", first(referral), "referral"),
            set(),
        ),
        "disposeAlert": (
            lambda n: (
                COUNTY,
                DISPOSE,
                "disposeAlert",
                first(alert, 2, disposition="CARRY_OUT", reason=f"落实{n}"),
                "alert",
            ),
            {"STALE_VERSION"},
        ),
        "closeConference": (
            lambda n: (
                COUNTY,
                CLOSE,
                "closeConference",
                minutes(called["id"], decision=f"决定{n}", measures=[]),
                "conference",
            ),
            {"STALE_VERSION"},
        ),
        "terminateCertification": (
            lambda n: (
                COUNTY,
                TERMINATE,
                "terminateCertification",
                first(certified, because="MISTAKE", reason=f"核查{n}", endedOn=str(today())),
                "certification",
            ),
            {"STALE_VERSION"},
        ),
    }
    (before,) = _lengths(writable_hub, [home])
    names = list(edits)
    commands = [[edits[name][0](n) for name in names[n % 5 :] + names[: n % 5]] for n in range(CLIENTS)]
    answers_of: dict[str, list[list[str]]] = {name: [] for name in names}
    for sent, answered in zip(commands, at_once(writable_hub, commands), strict=True):
        for command, payload in zip(sent, answered, strict=True):
            answers_of[command[2]].append([error["code"] for error in payload["errors"]])
    for name, codes in answers_of.items():
        wins = 1 if edits[name][1] else CLIENTS
        assert codes.count([]) == wins, f"{name}: exactly one wins, or the one step is answered to all"
        assert {code for of in codes for code in of} == edits[name][1], name
    (after,) = _lengths(writable_hub, [home])
    assert after - before == len(edits)
