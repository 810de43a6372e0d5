"""Typed values are stored as they were sent, from a request as from a file."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from hub.commands.context import CommandContext
from hub.foundation.database import Database
from hub.foundation.encryption import Secrecy
from hub.households.commands import HouseholdOutcome, upsert_households
from hub.households.drafts import HouseholdDraft, MemberDraft, WholeDraft, digest_of
from hub.model.persons import Health, Relation
from hub.persons.identity_number import check_digit

pytestmark = pytest.mark.anyio

CIVIL_AFFAIRS = DEPARTMENTS["civil_affairs"]
GRANT = Grant(
    "civil_affairs@410105001", "office", CIVIL_AFFAIRS.scopes, ("410105001",), CIVIL_AFFAIRS.purposes[0]
)
HEAD = MemberDraft(id_number="11010519491231002X", name="王五", relation=Relation.HEAD)
HOUSEHOLD = HouseholdDraft("H-1", [HEAD])
CHILDREN = [first17 + check_digit(first17) for first17 in ("41010519800101001", "41010519800101002")]


async def upserted(database: Database, secrecy: Secrecy, *drafts: HouseholdDraft) -> list[HouseholdOutcome]:
    async with database.write() as session:
        return await upsert_households(CommandContext(session, GRANT, secrecy), drafts)


def refused(outcome: HouseholdOutcome) -> list[tuple[str, str]]:
    return [("/".join(map(str, path)), error.code) for path, error in outcome.refused]


async def standing(database: Database) -> tuple[Any, ...]:
    async with database.read() as connection:
        return tuple(
            (
                await connection.execute(
                    sa.text(
                        "select h.income_per_capita, h.address, p.name, p.school, p.health, p.phone_sealed is null, h.version"
                        " from household h join person p on p.household_id = h.id"
                    )
                )
            ).one()
        )


async def test_an_income_is_kept_however_its_decimal_is_written(database: Database, secrecy: Secrecy) -> None:
    for income, changed in (("1E3", True), ("1000", False), ("1000.00", False), ("1.0005E3", True)):
        draft = replace(HOUSEHOLD, whole=WholeDraft(income_per_capita=Decimal(income)))
        (outcome,) = await upserted(database, secrecy, draft)
        assert (refused(outcome), outcome.changed) == ([], changed), income
    assert (await standing(database))[0] == Decimal("1000.50")


@pytest.mark.parametrize("income", ["-0.01", "0.001", "1E10", "NaN", "Infinity"])
async def test_what_is_no_amount_is_refused_of_the_household(
    database: Database, secrecy: Secrecy, income: str
) -> None:
    (outcome,) = await upserted(
        database, secrecy, replace(HOUSEHOLD, whole=WholeDraft(income_per_capita=Decimal(income)))
    )
    assert refused(outcome) == [("incomePerCapita", "INVALID_MONEY")]
    assert outcome.key is None


async def test_a_code_of_nothing_but_spaces_is_empty(database: Database, secrecy: Secrecy) -> None:
    for phone, empty in (("13800138000", False), ("\u3000", True), ("13800138000", False), ("  ", True)):
        draft = replace(HOUSEHOLD, members=[replace(HEAD, phone=phone)])
        (outcome,) = await upserted(database, secrecy, draft)
        assert refused(outcome) == []
        assert (await standing(database))[5] is empty, phone


async def test_a_text_keeps_its_marks_and_the_words_of_an_empty_cell(
    database: Database, secrecy: Secrecy
) -> None:
    member = replace(HEAD, name="无", school="'实验中学")
    (outcome,) = await upserted(
        database, secrecy, replace(HOUSEHOLD, members=[member], whole=WholeDraft(address="-"))
    )
    assert refused(outcome) == []
    assert (await standing(database))[1:4] == ("-", "无", "'实验中学")


async def test_what_is_left_out_stays_and_none_clears(database: Database, secrecy: Secrecy) -> None:
    member = replace(HEAD, health=Health.CHRONIC, phone="13800001111", school="文化路小学")
    await upserted(database, secrecy, replace(HOUSEHOLD, members=[member]))
    (outcome,) = await upserted(database, secrecy, HOUSEHOLD)
    assert (outcome.changed, (await standing(database))[3:]) == (
        False,
        ("文化路小学", "CHRONIC", False, 1),
    )
    cleared = replace(HEAD, health=None, phone=None, school="")
    (outcome,) = await upserted(database, secrecy, replace(HOUSEHOLD, members=[cleared]))
    assert (outcome.changed, (await standing(database))[3:]) == (True, (None, None, True, 2))


async def test_what_nobody_can_see_is_refused_and_never_passed_over(
    database: Database, secrecy: Secrecy
) -> None:
    member = replace(HEAD, phone="138\u200b00001111", school="实验\u200b中学")
    (outcome,) = await upserted(database, secrecy, replace(HOUSEHOLD, members=[member]))
    assert refused(outcome) == [("members/0/phone", "INVALID_TEXT"), ("members/0/school", "INVALID_TEXT")]


async def test_what_is_of_the_whole_is_refused_once_however_many_members_it_holds_up(
    database: Database, secrecy: Secrecy
) -> None:
    child, other = (replace(HEAD, id_number=number, relation=Relation.CHILD) for number in CHILDREN)
    without_head = HouseholdDraft("H-1", [child, other], WholeDraft(address="经八路3号"))
    first, second = await upserted(database, secrecy, without_head, without_head)
    assert refused(first) == [
        ("members/0/relation", "HEAD_REQUIRED"),
        ("members/1/relation", "HEAD_REQUIRED"),
    ]
    assert refused(second) == [("code", "DUPLICATE_HOUSEHOLD")]


def test_a_draft_is_known_again_by_the_digest_that_it_always_had(secrecy: Secrecy) -> None:
    """Receipts are stored under this digest, so a draft sent before another release gets the same answer after it."""
    member = replace(HEAD, name="王五 ", phone=None, disability_grade=2, school="'x")
    draft = HouseholdDraft("H1", [member], WholeDraft(address=None, income_per_capita=Decimal("650")), 3)
    canonical_form = (
        '{"code":"H1","expected_version":3,"members":[{"disabilityGrade":2,"idNumber":"11010519491231002X","name":"王五",'
        '"phone":null,"relation":"HEAD","school":"\'x"}],"values":{"address":null,"incomePerCapita":"650.00"}}'
    )
    assert digest_of(draft, secrecy) == secrecy.blind_index(canonical_form).hex()
    assert digest_of(replace(draft, expected_version=None), secrecy) is None
