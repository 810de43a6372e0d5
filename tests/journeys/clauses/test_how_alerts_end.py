"""46-2.4: a household that the township itself includes, and an alert that the check at home does not confirm."""

import pytest

from hub.foundation.calendar import today
from tests.journeys.alerts import DISPOSE, RAISE, found_on_the_spot
from tests.journeys.clauses.conftest import Tell
from tests.journeys.clauses.family import EMPLOYED, UNABLE, child, head, spouse
from tests.journeys.clauses.story import PLATFORM, Story
from tests.journeys.clauses.test_duties import REGISTERED, disposal, disposed, pushed, visited


def alerted(story: Story) -> str:
    """An alert of the county about a family without certification; the family was visited."""
    raised = found_on_the_spot(story.whole, externalId=story.code)
    alert: str = story.write("civil_affairs", RAISE, raised)["alert"]["id"]
    visited(story, alert)
    return alert


@pytest.mark.parametrize(
    ("category", "of", "also"),
    [
        ("SUBSISTENCE_MARGIN", None, None),
        ("EXTREME_HARDSHIP", "HEAD", None),
        ("RIGID_EXPENDITURE", None, "MEDICAL"),
    ],
)
def test_46_2_4_b_where_the_township_certifies_the_disposition_itself_includes_the_household(
    tell: Tell, category: str, of: str | None, also: str | None
) -> None:
    """46-1.2.1: the township certifies, delegated by the county; 46-2.4: a household that is not included yet is included."""
    story = tell(head(66, **UNABLE), child(9))
    alert = alerted(story)
    inclusion = {
        "category": category,
        "validFrom": str(today()),
        **({} if of is None else {"personId": story.persons[of], "support": "DISPERSED"}),
    }
    needs = [] if also is None else [pushed(story, "medical_insurance", also)]
    with story.nothing_written():
        given = disposal(alert, "INCLUDE", inclusion=inclusion | {"validFrom": "2099-01-01"})
        assert story.refused(story.office, DISPOSE, given) == ("DATE_IN_FUTURE", "validFrom")
    closed = disposed(story, alert, "INCLUDE", inclusion=inclusion, referrals=needs)["alert"]
    assert (closed["status"], closed["certification"]["endedOn"]) == ("CLOSED", None)
    asked = "query ($id: ID!) { node(id: $id) { ... on Household { certifications { id category person { id } } } } }"
    (made,) = story.hub.ask(story.office, asked, {"id": story.household}).data["node"]["certifications"]
    person = None if of is None else {"id": story.persons[of]}
    assert made == {"id": closed["certification"]["id"], "category": category, "person": person}
    chain = [(event.type, event.agency, event.clause) for event in story.chain()]
    sent = [("REFERRAL_SENT", story.office, "46-2.1")] if needs else []
    assert chain[4:] == [*sent, ("CERTIFIED", story.office, "46-1.2.1")]
    assert chain[3] == ("ALERT_DISPOSED", story.office, "46-2.4")


def test_46_2_4_b_nobody_includes_a_household_in_what_another_authority_certifies(tell: Tell) -> None:
    story = tell(head(**EMPLOYED), child(9))
    other = tell(head(**EMPLOYED))
    alert = alerted(story)
    monitored = {
        "category": "POVERTY_RELAPSE_MONITORED",
        "validFrom": str(today()),
    }
    elsewhere = {
        "category": "EXTREME_HARDSHIP",
        "validFrom": str(today()),
        "personId": other.persons["HEAD"],
    }
    with story.nothing_written():
        for inclusion, refusal in (
            (monitored, ("NOT_YOUR_CATEGORY", "category")),
            (elsewhere, ("NOT_FOUND", "personId")),
        ):
            given = disposal(alert, "INCLUDE", inclusion=inclusion)
            assert story.refused(story.office, DISPOSE, given) == refusal


def test_46_2_4_a_or_d_an_alert_that_the_check_does_not_confirm_is_closed_as_unfounded_and_not_raised_again(
    tell: Tell,
) -> None:
    story = tell(head(66, **UNABLE), spouse(64, **UNABLE))
    story.monitor()
    alert = story.alerts()["WITHOUT_LABOUR"]
    with story.nothing_written():
        early = story.refused(story.office, DISPOSE, disposal(alert["id"], "UNFOUNDED", 1))
        assert early == ("ALERT_NOT_VISITED", "id"), "it is checked at home first"
    visited(story, alert["id"], "NOTHING")
    with story.nothing_written():
        given = disposal(alert["id"], "UNFOUNDED", referrals=[pushed(story, "education", "EDUCATION")])
        assert story.refused(story.office, DISPOSE, given) == ("INVALID_INPUT", "referrals")
    closed = disposed(story, alert["id"], "UNFOUNDED")["alert"]
    assert (closed["status"], closed["closedBecause"]) == ("CLOSED", "UNFOUNDED")
    story.monitor()
    chain = story.told(
        REGISTERED,
        *[("ALERT_RAISED", PLATFORM, "46-2.3")] * 2,  # without labour, and an income below the line
        ("VISITED", story.office, "46-2.4"),
        ("ALERT_DISPOSED", story.office, "46-2.4"),
    )
    assert "经核查不属实,予以解除" in chain[-1].summary_zh
