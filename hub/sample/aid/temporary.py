"""46-3.3: urgent aid at the place of the trouble, paid by the township at once or decided by a case conference."""

from datetime import date, timedelta
from decimal import Decimal

from hub.aid.urgent import PAY_FIRST_MONTHS
from hub.model.agencies import Department
from hub.model.aid import AidKind, TemporaryForm
from hub.model.certifications import Category
from hub.model.households import Residence
from hub.sample.aid.giving import give
from hub.sample.calendar import between
from hub.sample.lines import line
from hub.sample.places import COUNTY_WEIGHTS, places
from hub.sample.story import Member, Story

PROGRAM = "临时救助"
_TROUBLES = ("突发疾病住院", "交通事故", "家中失火", "务工受伤", "家庭主要劳动力突发重病", "子女入学费用困难")


def give_aid(story: Story) -> None:
    """An eighth of the households had urgent trouble, a few of them in another county."""
    rng = story.rng
    if not story.living or rng.random() >= 0.13:
        return
    member = story.living[0]
    happened_on = between(rng, story.calendar.months[0], story.calendar.last - timedelta(days=12))
    kind = rng.random()
    if kind < 0.05:
        _rescue(story, member, happened_on)
    elif kind < 0.12:
        elsewhere = rng.choice([county for county in COUNTY_WEIGHTS if county != story.place.county])
        place = rng.choice(places()[elsewhere])
        pay_first(story, member, happened_on, place.township, place.residence)
    elif kind < 0.85:
        pay_first(story, member, happened_on, story.place.township, story.place.residence)
    else:
        _confer(story, member, happened_on)


def pay_first(story: Story, member: Member, happened_on: date, region: str, residence: Residence) -> None:
    """先行救助 by civil affairs of a region, at most three times its monthly line; the documents follow within ten days."""
    most = line(region[:6], residence, Category.SUBSISTENCE_ALLOWANCE) * PAY_FIRST_MONTHS
    due = happened_on + timedelta(days=10)
    give(
        story,
        AidKind.TEMPORARY,
        PROGRAM,
        f"{Department.CIVIL_AFFAIRS}@{region}",
        (happened_on, happened_on + timedelta(days=30)),
        happened_on,
        {
            "form": TemporaryForm.PAY_FIRST,
            "trouble": story.rng.choice(_TROUBLES),
            "happened_at_region": region,
            "papers_due_on": due,
            "papers_supplied_on": due - timedelta(days=story.rng.randint(0, 5)),
        },
        member=member,
        amount=Decimal(story.rng.randint(5, most // 100) * 100),
        paid_on=happened_on + timedelta(days=1),
    )


def _confer(story: Story, member: Member, happened_on: date) -> None:
    most = story.line(Category.SUBSISTENCE_ALLOWANCE) * PAY_FIRST_MONTHS
    give(
        story,
        AidKind.TEMPORARY,
        PROGRAM,
        story.at_county(Department.CIVIL_AFFAIRS),
        (happened_on, happened_on + timedelta(days=30)),
        happened_on + timedelta(days=6),
        {
            "form": TemporaryForm.CASE_CONFERENCE,
            "trouble": story.rng.choice(_TROUBLES),
            "happened_at_region": story.place.township,
        },
        member=member,
        amount=Decimal(most + story.rng.randint(10, 180) * 100),
        paid_on=happened_on + timedelta(days=9),
        outcome="经县级联席会议“一事一议”研究确定救助金额",
    )


def _rescue(story: Story, member: Member, happened_on: date) -> None:
    give(
        story,
        AidKind.TEMPORARY,
        "生活无着流浪乞讨人员救助",
        f"{Department.CIVIL_AFFAIRS}@4101",
        (happened_on, happened_on + timedelta(days=4)),
        happened_on,
        {
            "form": TemporaryForm.VAGRANT_RESCUE,
            "trouble": "走失后生活无着",
            "happened_at_region": story.rng.choice(list(COUNTY_WEIGHTS)),
        },
        member=member,
        outcome="救助站临时安置后护送返家",
    )
