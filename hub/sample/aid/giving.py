"""The one function that adds aid to a story of the sample."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from hub.aid.drafts import AidDraft
from hub.model.aid import AidKind, AidStatus
from hub.persons.subjects import Subject
from hub.sample.calendar import office_hours
from hub.sample.story import Member, SampleAid, Story

CENTS = Decimal("0.01")


def give(
    story: Story,
    kind: AidKind,
    program: str,
    agency: str,
    period: tuple[date, date],
    decided_on: date,
    detail: Mapping[str, Any],
    *,
    member: Member | None = None,
    amount: Decimal | None = None,
    paid_on: date | None = None,
    status: AidStatus | None = None,
    outcome: str | None = None,
) -> None:
    """Add an aid record. Its status is `status`, or else paid if there is a day `paid_on`, or else delivered.

    `amount` is yuan for the whole period; `member` None means the household as a whole.
    """
    story.aid_count += 1
    at = office_hours(story.rng, max(decided_on, paid_on or decided_on))
    draft = AidDraft(
        external_id=f"S{story.serial:07}-{story.aid_count:02}",
        subject=Subject(household_id=story.id),
        kind=kind,
        program=program,
        period_from=period[0],
        period_until=period[1],
        status=status or (AidStatus.PAID if paid_on else AidStatus.DELIVERED),
        decided_on=decided_on,
        detail=detail,
        amount=None if amount is None else amount.quantize(CENTS),
        paid_on=paid_on,
        outcome=outcome,
    )
    story.aids.append(SampleAid(story.new_id(at), member, agency, draft, at))
