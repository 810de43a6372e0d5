"""46-1.2, row by row: who certifies each category. A certification by any other agency is refused, and so is its end."""

import pytest

from hub.foundation.calendar import today
from tests.journeys.clauses.conftest import Tell
from tests.journeys.clauses.family import head, spouse
from tests.journeys.clauses.story import CITY, Story, long_ago
from tests.journeys.outcomes import CERTIFY, TERMINATE, certification

REGISTERED = ("HOUSEHOLD_REGISTERED", "46-2.2")


def certified_by(
    story: Story,
    authority: str,
    others: list[str],
    clause: str,
    category: str,
    of: str | None = None,
    **given: str,
) -> None:
    """The certification is refused to all others and saved for the authority, and so is its end. The chain has both events."""
    asked = certification(
        story.whole if of is None else story.one(of),
        category,
        externalId=f"{story.code}-{category}",
        validFrom=str(long_ago()),
        **given,
    )
    with story.nothing_written():
        for other in others:
            assert story.refused(other, CERTIFY, asked) == ("NOT_YOUR_CATEGORY", "category"), other
        for stranger in ("education", "finance", "audit"):
            assert story.refused(stranger, CERTIFY, asked) == ("FORBIDDEN_FIELD", "Mutation.certify")
    kept = story.write(authority, CERTIFY, asked)["certification"]
    assert (kept["category"], kept["policyBasis"], kept["authority"]["code"]) == (
        category,
        clause,
        story.at(authority),
    )
    ending = {
        "id": kept["id"],
        "expectedVersion": 1,
        "because": "NO_LONGER_ELIGIBLE",
        "reason": "家庭情况好转",
    }
    with story.nothing_written():
        for other in others:
            assert story.refused(other, TERMINATE, ending)[0] == "NOT_YOUR_CATEGORY", other
    assert story.write(authority, TERMINATE, ending)["certification"]["endedBecause"] == "NO_LONGER_ELIGIBLE"

    expected = [
        ("HOUSEHOLD_REGISTERED", story.office, "46-2.2"),
        ("CERTIFIED", authority, clause),
        ("CERTIFICATION_ENDED", authority, "46-2.4"),
    ]
    chain = story.told(*expected)
    if of is not None:
        assert story.told(*expected[1:], of=of) == chain[1:]
    assert str(long_ago()) in chain[1].summary
    assert "不再符合救助条件" in chain[2].summary_zh
    story.skeleton("charity")
    bare = story.chain("charity")
    assert [event.type for event in bare] == ["HOUSEHOLD_REGISTERED"], "charity reads no certification"
    for event in bare:
        assert str(long_ago()) not in event.summary + event.summary_zh


@pytest.mark.parametrize(
    ("category", "of"),
    [
        ("SUBSISTENCE_ALLOWANCE", None),
        ("EXTREME_HARDSHIP", "HEAD"),
        ("SUBSISTENCE_MARGIN", None),
        ("RIGID_EXPENDITURE", None),
    ],
)
def test_46_1_2_1_the_township_certifies_allowance_hardship_margin_and_rigid_expenditure(
    tell: Tell, category: str, of: str | None
) -> None:
    story = tell(head(), spouse())
    others = [CITY, "civil_affairs", "agriculture", "agriculture@4101"]
    certified_by(story, story.office, others, "46-1.2.1", category, of)
    elsewhere = certification(story.whole, "SUBSISTENCE_MARGIN", externalId="ELSEWHERE")
    assert story.refused("civil_affairs@410103001", CERTIFY, elsewhere) == ("NOT_FOUND", "subject")


@pytest.mark.parametrize("subtype", ["UNSTABLE", "MARGINAL", "SUDDEN_HARDSHIP"])
def test_46_1_2_2_agriculture_certifies_the_three_subtypes_of_the_monitored(tell: Tell, subtype: str) -> None:
    story = tell(head(), spouse(), township="410122101", residence="RURAL")
    others = [CITY, "civil_affairs", story.office]
    certified_by(story, "agriculture", others, "46-1.2.2", "POVERTY_RELAPSE_MONITORED", subtype=subtype)
    words = {"UNSTABLE": "脱贫不稳定户", "MARGINAL": "边缘易致贫户", "SUDDEN_HARDSHIP": "突发严重困难户"}
    assert words[subtype] in story.chain()[1].summary_zh


@pytest.mark.parametrize(
    ("township", "of"),
    [("410171560", None), ("410105001", "SPOUSE"), ("410181001", None)],
    ids=["development zone", "district", "county-level city"],
)
def test_46_1_2_3_the_zone_district_or_county_certifies_other_hardship(
    tell: Tell, township: str, of: str | None
) -> None:
    story = tell(head(), spouse(), township=township)
    others = [CITY, story.office, "agriculture"]
    certified_by(story, f"civil_affairs@{story.county}", others, "46-1.2.3", "OTHER_HARDSHIP", of)


def test_46_1_2_1_categories_that_exclude_each_other_are_refused_by_name_until_one_of_them_ends(
    tell: Tell,
) -> None:
    story = tell(head(), spouse())
    margin = story.certify("SUBSISTENCE_MARGIN")
    story.certify("OTHER_HARDSHIP", by="civil_affairs")
    alone = story.certify("SUBSISTENCE_ALLOWANCE", "SPOUSE")
    assert story.refused(
        story.office, CERTIFY, certification(story.one("SPOUSE"), "EXTREME_HARDSHIP", externalId="BOTH")
    ) == ("CONTRADICTORY_CERTIFICATION", "category"), "the allowance of the same person"
    asked = certification(story.whole, "SUBSISTENCE_ALLOWANCE", externalId="WHOLE", validFrom=str(today()))
    with story.nothing_written():
        payload = story.hub.ask(story.office, CERTIFY, {"input": asked}).data["certify"]
    (error,) = payload["errors"]
    assert error["code"] == "CONTRADICTORY_CERTIFICATION"
    for word in ("低保对象", "低保边缘家庭", str(today()), str(long_ago()), "中办发〔2020〕18号"):
        assert word in error["messageZh"]
    ending = {"id": margin["id"], "expectedVersion": 1, "because": "NO_LONGER_ELIGIBLE"}
    story.write(story.office, TERMINATE, ending | {"endedOn": str(today())})
    story.write(story.office, CERTIFY, asked)
    stands = story.hub.ask(CITY, _IN_FORCE, {"id": story.household}).data["node"]["certifications"]
    assert sorted(one["category"] for one in stands if one["endedOn"] is None) == [
        "OTHER_HARDSHIP",
        "SUBSISTENCE_ALLOWANCE",
    ], "the member's own ended with the household's (46-2.3)"
    assert next(one for one in stands if one["id"] == alone["id"])["endedBecause"] == "COVERED_WHOLE"


_IN_FORCE = """query ($id: ID!) { node(id: $id) { ... on Household { certifications { id category endedOn endedBecause } } } }"""
