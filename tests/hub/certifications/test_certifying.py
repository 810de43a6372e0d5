"""The effect on existing certifications when a client begins one, a file states one, or one is ended (46-1)."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from hub.certifications import changes
from hub.certifications.changes import Certifying, Subject, Wish
from hub.foundation.calendar import today
from hub.foundation.errors import HubError
from hub.model.certifications import Category, EndReason

HOUSEHOLD, OTHER = UUID(int=1), UUID(int=2)
WHOLE: Subject = (HOUSEHOLD, None)
GRANDMOTHER: Subject = (HOUSEHOLD, UUID(int=11))
GRANDSON: Subject = (HOUSEHOLD, UUID(int=12))
ALLOWANCE, MARGIN = Category.SUBSISTENCE_ALLOWANCE, Category.SUBSISTENCE_MARGIN
JANUARY, MARCH, MAY = date(2026, 1, 1), date(2026, 3, 1), date(2026, 5, 1)
ENDED = {"ended_because": EndReason.NO_LONGER_ELIGIBLE, "end_reason": "收入超过标准"}


def office(**changes: Any) -> Certifying:
    """The certifications of a township of 金水区, none of them in force."""
    permissions = DEPARTMENTS["civil_affairs"]
    whole = {
        "agency": "civil_affairs@410105001",
        "client": "test",
        "scopes": permissions.scopes,
        "regions": ("410105001",),
        "purpose": permissions.purposes[0],
        "purposes": permissions.purposes,
    }
    return Certifying(Grant(**{**whole, **changes}))


def standing(
    certifying: Certifying, subject: Subject, category: Category, begins: date, **states: Any
) -> dict[str, Any]:
    """A certification that was in force before the transaction."""
    one = {
        "household_id": subject[0],
        "id": UUID(int=100 + len(certifying.every())),
        "person_id": subject[1],
        "category": category,
        "subtype": None,
        "support": None,
        "certified_amount": None,
        "valid_from": begins,
        "valid_until": None,
        "ended_on": None,
        "ended_because": None,
        "end_reason": None,
        "authority": "civil_affairs@410105002",
        "policy_basis": "46-1.2.1",
        "version": 3,
        **states,
    }
    certifying.add(one)
    return one


def row(subject: Subject, category: Category, begins: date | None, **states: Any) -> Wish:
    """The wish in row 7 of a file."""
    return Wish(7, subject, category, begins, states)


def told(certifying: Certifying) -> list[tuple[str, str | None, bool]]:
    """The events: the type, the day in the body, and whether each follows from an earlier event."""
    return [
        (event.type.value, event.body.get("endedOn", event.body.get("validFrom")), bool(event.answers))
        for event in certifying.events
    ]


def notices(certifying: Certifying) -> list[tuple[int, str]]:
    """The notices for rows: place and code."""
    return [(place, error.code) for place, error in certifying.notices]


def test_46_1_a_first_certification_is_told_as_a_beginning_with_everything_said() -> None:
    certifying = office()
    certifying.wish(row(WHOLE, MARGIN, MARCH, valid_until=MAY))
    certification = certifying.current(WHOLE, MARGIN)
    assert certification is not None
    assert (
        certification["valid_from"],
        certification["valid_until"],
        certification["version"],
        certification["authority"],
        certification["policy_basis"],
    ) == (
        MARCH,
        MAY,
        1,
        "civil_affairs@410105001",
        "46-1.2.1",
    )
    assert [
        (event.type.value, dict(event.body), event.policy_basis, event.subject_id)
        for event in certifying.events
    ] == [
        (
            "CERTIFIED",
            {
                "category": "SUBSISTENCE_MARGIN",
                "subtype": None,
                "support": None,
                "validFrom": "2026-03-01",
                "validUntil": "2026-05-01",
            },
            "46-1.2.1",
            certification["id"],
        )
    ]
    assert told(certifying) == [("CERTIFIED", "2026-03-01", False)]
    assert certifying.changed_rows == {7}


def test_46_1_the_same_row_again_changes_nothing_and_tells_nothing() -> None:
    certifying = office()
    one = standing(certifying, WHOLE, MARGIN, MARCH, valid_until=MAY)
    before = dict(one)
    for begins in (MARCH, None):
        certifying.wish(row(WHOLE, MARGIN, begins, valid_until=MAY))
    assert (one, certifying.events, certifying.notices, certifying.changed_rows) == (before, [], [], set())


def test_46_1_another_end_corrects_what_stands_once_however_many_rows_say_so() -> None:
    certifying = office()
    certification = standing(certifying, WHOLE, MARGIN, MARCH)
    certifying.wish(row(WHOLE, MARGIN, MARCH, valid_until=MAY))
    certifying.wish(row(WHOLE, MARGIN, MARCH, valid_until=None))
    assert (certification["valid_until"], certification["authority"], certification["version"]) == (
        None,
        "civil_affairs@410105001",
        4,
    )
    assert told(certifying) == [("CERTIFIED", "2026-03-01", True)] * 2


def test_46_1_a_later_day_ends_what_stands_on_it_and_begins_anew() -> None:
    certifying = office()
    certification = standing(certifying, WHOLE, MARGIN, JANUARY)
    certifying.wish(row(WHOLE, MARGIN, MARCH))
    assert (certification["ended_on"], certification["ended_because"], certification["end_reason"]) == (
        MARCH,
        EndReason.RECERTIFIED,
        "重新认定",
    )
    assert told(certifying) == [
        ("CERTIFICATION_ENDED", "2026-03-01", True),
        ("CERTIFIED", "2026-03-01", False),
    ]
    assert notices(certifying) == []


def test_46_1_an_earlier_day_moves_the_beginning_of_what_stands() -> None:
    certifying = office()
    certification = standing(certifying, WHOLE, MARGIN, MARCH)
    certifying.wish(row(WHOLE, MARGIN, JANUARY))
    assert (
        certification["valid_from"],
        certification["ended_on"],
        len(certifying.of(WHOLE, MARGIN)),
    ) == (
        JANUARY,
        None,
        1,
    )


@pytest.mark.parametrize(
    ("begins", "ends", "code"),
    [
        (JANUARY, MARCH, None),  # until the day on which the other begins
        (JANUARY, MAY, "ALREADY_CERTIFIED"),
    ],
)
def test_46_1_a_time_that_is_over_may_reach_up_to_what_stands_and_not_into_it(
    begins: date, ends: date, code: str | None
) -> None:
    certifying = office()
    certification = standing(certifying, WHOLE, MARGIN, MARCH)
    certifying.wish(row(WHOLE, MARGIN, begins, ended_on=ends, **ENDED))
    assert (certification["valid_from"], certification["ended_on"]) == (MARCH, None)
    assert notices(certifying) == ([(7, code)] if code else [])
    assert len(certifying.of(WHOLE, MARGIN)) == (1 if code else 2)


@pytest.mark.parametrize(
    ("begins", "because", "code"),
    [
        (date(2026, 2, 28), EndReason.NO_LONGER_ELIGIBLE, "CERTIFICATION_OVERLAPS"),
        (MARCH, EndReason.NO_LONGER_ELIGIBLE, None),  # from the day on which the other ended
        (date(2026, 2, 28), EndReason.MISTAKE, None),  # a mistake was never in force (46-4.3)
        (JANUARY, EndReason.NO_LONGER_ELIGIBLE, "CERTIFICATION_ENDED"),  # the same one, which has ended
    ],
)
def test_46_1_nothing_is_laid_over_the_days_of_what_has_ended(
    begins: date, because: EndReason, code: str | None
) -> None:
    certifying = office()
    standing(certifying, WHOLE, MARGIN, JANUARY, ended_on=MARCH, ended_because=because, end_reason="…")
    certifying.wish(row(WHOLE, MARGIN, begins))
    assert notices(certifying) == ([(7, code)] if code else [])
    assert (certifying.current(WHOLE, MARGIN) is None) is (code is not None)
    if code == "CERTIFICATION_OVERLAPS":
        assert certifying.notices[0][1].details["ended_on"] == MARCH


def test_46_1_what_ran_out_before_it_was_ended_leaves_its_last_days_free() -> None:
    certifying = office()
    ended = {"ended_on": MAY, "ended_because": EndReason.NO_LONGER_ELIGIBLE, "end_reason": "…"}
    standing(certifying, WHOLE, MARGIN, JANUARY, valid_until=date(2026, 2, 28), **ended)
    certifying.wish(row(WHOLE, MARGIN, MARCH))
    assert (notices(certifying), certifying.current(WHOLE, MARGIN) is None) == ([], False)


def test_46_2_4_a_row_that_tells_an_end_ends_what_stands_and_says_why_and_again_changes_nothing() -> None:
    certifying = office()
    certification = standing(certifying, WHOLE, MARGIN, JANUARY)
    for _ in range(2):
        certifying.wish(row(WHOLE, MARGIN, JANUARY, ended_on=MARCH, **ENDED))
    assert (certification["ended_on"], certification["ended_because"], certification["end_reason"]) == (
        MARCH,
        EndReason.NO_LONGER_ELIGIBLE,
        "收入超过标准",
    )
    assert told(certifying) == [("CERTIFICATION_ENDED", "2026-03-01", True)]
    assert (certifying.events[0].policy_basis, notices(certifying)) == ("46-2.4", [])


def test_46_2_4_nothing_ends_before_it_began() -> None:
    certifying = office()
    certification = standing(certifying, WHOLE, MARGIN, MARCH)
    certifying.end(certification, JANUARY, EndReason.DECEASED, None, 3)
    assert (certification["ended_on"], certification["end_reason"], certifying.changed_rows) == (
        MARCH,
        "死亡",
        {3},
    )


def begun(certifying: Certifying, subject: Subject, category: Category, begins: date) -> HubError | None:
    """The error for a client that begins a certification; None if there is none."""
    try:
        certifying.begin(Wish(0, subject, category, begins, {}), UUID(int=999), "A-1")
    except HubError as refusal:
        return refusal
    return None


def test_46_1_2_a_client_s_own_number_stands_in_the_event() -> None:
    certifying = office()
    assert begun(certifying, WHOLE, MARGIN, MARCH) is None
    assert certifying.events[0].body["externalId"] == "A-1"
    assert certifying.current(WHOLE, MARGIN) == {**certifying.current(WHOLE, MARGIN), "id": UUID(int=999)}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("begins", "code"),
    [(JANUARY, "ALREADY_CERTIFIED"), (MARCH, "ALREADY_CERTIFIED"), (date(2026, 3, 2), None)],
)
def test_46_1_2_what_stands_is_renewed_from_the_day_after_it_began(begins: date, code: str | None) -> None:
    certifying = office()
    one = standing(certifying, WHOLE, MARGIN, MARCH)
    refusal = begun(certifying, WHOLE, MARGIN, begins)
    assert (refusal.code if refusal else None) == code
    assert one["ended_because"] == (None if code else EndReason.RECERTIFIED)


def test_46_2_3_whole_coverage_takes_the_place_of_that_of_each_member() -> None:
    certifying = office()
    members = [standing(certifying, one, ALLOWANCE, JANUARY) for one in (GRANDMOTHER, GRANDSON)]
    assert begun(certifying, WHOLE, ALLOWANCE, MARCH) is None
    assert [(member["ended_on"], member["ended_because"]) for member in members] == [
        (MARCH, EndReason.COVERED_WHOLE)
    ] * 2


def test_46_2_3_a_member_is_not_covered_while_the_household_is_and_another_member_beside_it_is() -> None:
    certifying = office()
    standing(certifying, WHOLE, ALLOWANCE, JANUARY)
    refusal = begun(certifying, GRANDMOTHER, ALLOWANCE, MARCH)
    assert refusal is not None
    assert (refusal.code, refusal.path) == ("HOUSEHOLD_ALREADY_COVERED", ("subject",))
    certifying = office()
    certification = standing(certifying, GRANDSON, ALLOWANCE, JANUARY)
    assert begun(certifying, GRANDMOTHER, ALLOWANCE, MARCH) is None
    assert certification["ended_on"] is None


@pytest.mark.parametrize(
    ("subject", "category"),
    [
        ((OTHER, None), MARGIN),  # another household
        (WHOLE, Category.POVERTY_RELAPSE_MONITORED),  # a category that excludes none
        (GRANDMOTHER, Category.OTHER_HARDSHIP),  # another category of a member
    ],
)
def test_46_1_what_stands_elsewhere_is_in_nobody_s_way(subject: Subject, category: Category) -> None:
    certifying = office()
    ones = [
        standing(certifying, WHOLE, MARGIN, MARCH),
        standing(certifying, WHOLE, Category.OTHER_HARDSHIP, MARCH),
    ]
    assert begun(certifying, subject, category, JANUARY) is None
    assert [certification["ended_on"] for certification in ones] == [None, None]


def test_46_1_what_names_no_day_begins_today() -> None:
    by_file, by_client = office(), office()
    by_file.wish(row(WHOLE, MARGIN, None))
    by_client.begin(Wish(0, WHOLE, MARGIN, None, {}), UUID(int=999), "A-1")
    for certifying in (by_file, by_client):
        certification = certifying.current(WHOLE, MARGIN)
        assert certification is not None
        assert certification["valid_from"] == today()


@pytest.mark.parametrize(
    ("begins", "code"),
    [
        (MARCH, None),  # on the day on which the other ended
        (date(2026, 2, 28), "CERTIFICATION_OVERLAPS"),
        (date(2025, 12, 31), "CERTIFICATION_OVERLAPS"),  # also before it: what a client begins has no end yet
    ],
)
def test_46_1_2_a_client_begins_where_another_has_ended_and_that_one_stays_as_it_is(
    begins: date, code: str | None
) -> None:
    certifying = office()
    one = standing(certifying, WHOLE, MARGIN, JANUARY, ended_on=MARCH, **ENDED)
    before = dict(one)
    refusal = begun(certifying, WHOLE, MARGIN, begins)
    assert (refusal.code if refusal else None) == code
    assert one == before
    assert [kind for kind, _, _ in told(certifying)] == ([] if code else ["CERTIFIED"])


def test_a_file_compares_each_certification_with_those_of_its_own_household_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared: list[tuple[Category, Category]] = []
    compare = vars(changes)["exclusion_between"]

    def count(category: Category, person_id: UUID | None, other: Category, other_person: UUID | None) -> Any:
        compared.append((category, other))
        return compare(category, person_id, other, other_person)

    monkeypatch.setattr(changes, "exclusion_between", count)
    certifying = office()
    households = [UUID(int=number) for number in range(1, 201)]
    for household in households:
        standing(certifying, (household, None), MARGIN, JANUARY, valid_until=MARCH)
    for household in households:
        certifying.wish(row((household, None), ALLOWANCE, MAY))
    assert compared == [(ALLOWANCE, MARGIN)] * len(households)
