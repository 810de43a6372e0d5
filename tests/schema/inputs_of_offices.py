"""Good inputs of civil affairs that need no household."""

from tests.fixtures.days import day
from tests.schema.desk import NAME, OFFICE, ArgumentValue, Desk, registered


def unknown_person(desk: Desk) -> ArgumentValue:
    """A person who is registered nowhere."""
    (member,) = registered(desk)["members"]
    return {"idNumber": member["idNumber"], "name": NAME}


def urgent_and_unregistered(desk: Desk, person: ArgumentValue) -> ArgumentValue:
    """Urgent aid for a person who is registered nowhere (46-3.3)."""
    return {
        "externalId": desk.number(), "person": person, "program": "临时救助", "status": "PAID", "amount": "800.00",
        "periodFrom": day(), "periodUntil": day(30), "decidedOn": day(), "paidOn": day(), "outcome": "已送医",
        "detail": {
            "form": "PAY_FIRST", "trouble": "火灾", "happenedAtRegion": "410105001", "happenedOn": day(), "papersDueOn": day(20),
        },
    }  # fmt: skip


def county_option(desk: Desk) -> ArgumentValue:
    """An item of 46-3.5 that a county extends, each time to a category, or of an item, without such an option."""
    number = desk.number()
    pairs = [
        (item, category)
        for item in ("DISABILITY_LIVING", "CHILD_REHABILITATION", "BARRIER_FREE")
        for category in (
            "SUBSISTENCE_MARGIN",
            "RIGID_EXPENDITURE",
            "OTHER_HARDSHIP",
            "POVERTY_RELAPSE_MONITORED",
        )
    ]
    taken = desk.served.rows(
        "select item, category from county_option where county = '410105' and ended_on is null"
    )
    item, category = next(pair for pair in pairs if pair not in taken)
    return {
        "externalId": number,
        "item": item,
        "category": category,
        "since": day(),
        "document": "金水区民政〔2026〕9号",
    }


def county_option_to_end(desk: Desk) -> ArgumentValue:
    """The end of an option."""
    id = desk.write(OFFICE, "recordCountyOption", county_option(desk))
    return {"id": id, "expectedVersion": 1, "endedOn": day(), "reason": "改由市级统一实施"}


def in_ten_days() -> str:
    """An instant for a deadline."""
    return f"{day(10)}T10:00:00+08:00"
