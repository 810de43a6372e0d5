"""46-3.3: "对于救助金额不高于当地3倍月低保标准的临时救助事项,由乡镇(街道)实行“先行救助”": what several offices pay first for one
person comes to no more in all than the limit, to the cent; who goes above it is warned. 3 × 733.33 yuan is 2,199.99 in a street,
3 × 600.01 is 1,800.03 in a town.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import pytest

from hub.aid.drafts import AidDraft
from hub.model.aid import AidStatus, TemporaryForm
from hub.persons.subjects import Subject
from tests.hub.aid.test_urgent import LINE, MARCH, STANDARDS, STREET, TOWN, urgent
from tests.hub.money import HOME, Case, Desk, grant_of, person_id

CITY, COUNTY, TOWNSHIP = "civil_affairs@4101", "civil_affairs@410105", "civil_affairs@410105001"
FIRE, CRASH = date(2026, 2, 20), date(2026, 2, 21)
ABOVE = "ABOVE_CAP"


class Paid(NamedTuple):
    """Urgent aid of an office; texts are yuan."""

    agency: str
    amount: str | None
    region: str = STREET
    form: TemporaryForm = TemporaryForm.PAY_FIRST
    happened_on: date | None = FIRE
    decided_on: date = MARCH

    def draft(self, number: str) -> AidDraft:
        """As the office sends it, under a programme of its own."""
        detail = {"happened_on": self.happened_on, "form": self.form}
        draft = urgent(self.amount, self.region, detail=detail)
        unpaid = {} if self.amount else {"status": AidStatus.APPROVED, "paid_on": None}
        return replace(
            draft,
            external_id=number,
            subject=Subject(person=(HOME, person_id(0))),
            program=f"{self.agency}的临时救助{number}",
            decided_on=self.decided_on,
            **unpaid,  # type: ignore[arg-type]
        )


CONFIRMED = TemporaryForm.EMERGENCY_TYPE


@pytest.mark.parametrize(
    ("before", "paid", "codes"),
    [
        # of 2,199.99 the county gave 1,500.00, which leaves 699.99
        ([Paid(COUNTY, "1500.00")], Paid(TOWNSHIP, "699.98"), []),
        ([Paid(COUNTY, "1500.00")], Paid(TOWNSHIP, "699.99"), []),
        ([Paid(COUNTY, "1500.00")], Paid(TOWNSHIP, "700.00"), [ABOVE]),
        ([Paid(TOWNSHIP, "699.99")], Paid(COUNTY, "1500.00"), []),
        ([Paid(TOWNSHIP, "700.00")], Paid(COUNTY, "1500.00"), [ABOVE]),
        # three offices: 1,000.00 and 1,000.00 leave 199.99; both records are named
        ([Paid(CITY, "1000.00"), Paid(COUNTY, "1000.00")], Paid(TOWNSHIP, "199.99"), []),
        ([Paid(CITY, "1000.00"), Paid(COUNTY, "1000.00")], Paid(TOWNSHIP, "200.00"), [ABOVE, ABOVE]),
        # in a town the standard is 600.01: 1,800.03 in all
        ([Paid(CITY, "1000.00", TOWN)], Paid("civil_affairs@410122", "800.03", TOWN), []),
        ([Paid(CITY, "1000.00", TOWN)], Paid("civil_affairs@410122", "800.04", TOWN), [ABOVE]),
        # an amount that is not settled is not added; nothing paid is no sum
        ([Paid(COUNTY, None)], Paid(TOWNSHIP, "2199.99"), []),
        ([Paid(COUNTY, "2199.99")], Paid(TOWNSHIP, "0"), []),
        ([Paid(COUNTY, "2199.99")], Paid(TOWNSHIP, "0.01"), [ABOVE]),
    ],
)  # fmt: skip
def test_46_3_3_offices_together_pay_first_three_times_the_standard_to_the_cent(
    desk: Desk, before: Sequence[Paid], paid: Paid, codes: list[str]
) -> None:
    async def steps(case: Case) -> list[str]:
        await case.home()
        for line in STANDARDS:
            await case.put(LINE, **line)
        for place, one in enumerate(before):
            await case.recorded(grant_of(one.agency, regions=("4101",)), one.draft(f"B-{place}"))
        outcome = await case.record(grant_of(paid.agency, regions=("4101",)), paid.draft("NEW"))
        assert outcome.error is None, outcome.error
        return [str(one.code) for one in outcome.warnings if one.code == ABOVE]

    assert desk.run(steps) == codes
