"""What another user does with a record before the record's mutation is sent again."""

from collections.abc import Callable
from typing import Any

from schema.engine.declare.ids import decode
from tests.fixtures.days import day
from tests.journeys.alerts import minutes, visit
from tests.schema.desk import OFFICE, STREET, ArgumentValue, Desk
from tests.schema.inputs_that_are_kept import CHARITY, MONTH_BEFORE, SCHOOLS


def id_in(payload: dict[str, Any]) -> str:
    """The id of the row of a payload or of its only outcome."""
    for value in payload.values():
        if isinstance(value, dict) and "id" in value:
            return str(value["id"])
        if isinstance(value, list) and value:
            return id_in(value[0])
    raise AssertionError(payload)


Follow = Callable[[Desk, ArgumentValue, str], tuple[str, str, ArgumentValue]]
"""What may follow a saved input (the input, the id of the row that it created): an agency, a mutation, its input."""


def step(agency: str, mutation: str, version: int, **said: Any) -> Follow:
    """A change of the same record."""
    return lambda _desk, _given, id: (agency, mutation, {"id": id, "expectedVersion": version, **said})


def of_the_same_agency(desk: Desk, given: ArgumentValue, id: str) -> tuple[str, str, ArgumentValue]:
    """An amendment of aid, by the agency that gave it."""
    key = desk.served.rows(
        "select agency_id, version from aid_record where id = %s and superseded_at is null", uuid_of(id)
    )
    ((agency, version),) = key
    return agency, "amendAid", {"id": id, "expectedVersion": version, "reason": "再核", "program": "另一项目"}


def uuid_of(id: str) -> Any:
    """The record's own id, the last part of an id of the schema."""
    return decode(id)[1][-1]


def corrected(desk: Desk, given: ArgumentValue, id: str) -> tuple[str, str, ArgumentValue]:
    """Another correction of the same fact."""
    ((agency, version),) = desk.served.rows(
        "select agency_id, version from circumstance where id = %s", uuid_of(id)
    )
    (report,) = given["reports"]
    before = day(MONTH_BEFORE - 1)
    return (
        agency,
        "reportCircumstances",
        {"reports": [report | {"since": before, "expectedVersion": version}]},
    )


def moved(desk: Desk, given: ArgumentValue, id: str) -> tuple[str, str, ArgumentValue]:
    """An input with another address of the household and another telephone number of its member."""
    (household,) = given["households"]
    (member,) = household["members"]
    now = {"address": "经八路99号", "members": [member | {"phone": "13900002222"}]}
    return (
        STREET,
        "upsertHouseholds",
        {
            "households": [
                {name: value for name, value in (household | now).items() if name != "expectedVersion"}
            ]
        },
    )


FOLLOWS: dict[str, Follow] = {
    "recordAid": of_the_same_agency,
    "recordAids": of_the_same_agency,
    "recordUrgentAid": of_the_same_agency,
    "amendAid": of_the_same_agency,
    "supplyPapers": of_the_same_agency,
    "raiseAlert": lambda desk, given, id: (
        OFFICE, "recordVisit", visit(given["subject"], externalId=desk.number(), alertId=id)),
    "recordVisit": lambda desk, given, id: (OFFICE, "disposeAlert", {
        "id": given["alertId"], "expectedVersion": 2, "disposition": "CARRY_OUT", "reason": "已落实"}),
    "upsertHouseholds": moved,
    "certify": lambda desk, given, id: (
        "agriculture@410105" if given["category"] == "POVERTY_RELAPSE_MONITORED" else STREET, "terminateCertification",
        {"id": id, "expectedVersion": 1, "because": "MISTAKE", "endedOn": day(), "reason": "有误"}),
    "reportCircumstances": corrected,
    "openConference": lambda desk, given, id: (OFFICE, "closeConference", minutes(id)),
    "publishDisclosure": step(OFFICE, "withdrawDisclosure", 1, reason="名单有误"),
    "declareNearRelative": step(OFFICE, "endNearRelative", 1, reason="已离任"),
    "offerCharity": step(CHARITY, "withdrawOffer", 1),
    "recordCountyOption": lambda _desk, _given, id: (OFFICE, "endCountyOption", {
        "id": id, "expectedVersion": 1, "endedOn": day(), "reason": "改由市级统一实施"}),
    "openRecovery": step(SCHOOLS, "waiveRecovery", 1, reason="无力退还"),
    "recordRepayment": step(SCHOOLS, "waiveRecovery", 2, reason="无力退还"),
    "createReferral": step(SCHOOLS, "acceptReferral", 1),
    "acceptReferral": step(SCHOOLS, "returnReferral", 2, reason="不属本辖区"),
    "returnReferral": step(OFFICE, "endReferral", 2, reason="已自行解决"),
    "forwardReferral": step("education@4101", "acceptReferral", 1),
}  # fmt: skip
"""What another user does with the record before it is sent again. After the other mutations nothing can follow."""
NOTHING_FOLLOWS = {
    "revokeAid", "recordLiability", "disposeAlert", "endCountyOption",
    "submitApplication", "terminateCertification", "closeConference", "objectToDisclosure",
    "withdrawDisclosure", "endNearRelative", "withdrawOffer", "mediateOverlap", "decideOverlap", "waiveRecovery",
    "completeReferral", "endReferral",
}  # fmt: skip
