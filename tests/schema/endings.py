"""Each way in which something ends: who may end it, who may not, when it is too early, and what is refused afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from tests.fixtures.days import day
from tests.schema.desk import OFFICE, STREET, ArgumentValue, Desk
from tests.schema.inputs_of_offices import county_option_to_end
from tests.schema.inputs_that_are_kept import (
    CHARITY,
    FARMS,
    HOUSES,
    MONTH_BEFORE,
    SCHOOLS,
    completion,
    published,
    revocation,
    step,
    to_close,
)
from tests.schema.what_is_to_end import (
    Then,
    again_from_within,
    answers_a_need,
    certified,
    decided,
    disposal,
    end_of_declaration,
    ended_fact,
    gift_of,
    instalment,
    objection_to_it,
    of_a_false_claim,
    recovery,
    repaid,
    taken,
    unvisited,
    waiting,
    withdrawn_offer,
)

CITY, ELSEWHERE, NEXT_STREET = "civil_affairs@4101", "civil_affairs@410102", "civil_affairs@410105002"
NO_SCOPE = "FORBIDDEN_FIELD"


@dataclass(frozen=True)
class Ending:
    """`make` creates something and returns the input with which `by` ends it. `refused`: the codes that other agencies get.
    For `unseen` agencies it does not exist. `words`: the fields that differ the second time (a function among them is called
    when the test runs); `twice`: the code for that. `early`: inputs for something that cannot end yet. `bars`: inputs that
    are refused afterwards."""

    mutation: str
    by: str
    make: Callable[[Desk], ArgumentValue]
    refused: Mapping[str, str]
    unseen: tuple[str, ...]
    words: ArgumentValue
    twice: str
    name: str = ""
    early: tuple[tuple[Callable[[Desk], ArgumentValue], str], ...] = ()
    bars: tuple[tuple[str, Then], ...] = field(default=())


OF_SCHOOLS = dict.fromkeys(("education@4101", OFFICE), "NOT_YOUR_REFERRAL")
OF_SENDER = dict.fromkeys((SCHOOLS, CITY, STREET), "NOT_REFERRAL_SENDER")
ENDED_STEP = "REFERRAL_STATUS_CONFLICT"
FORWARDED = {"toAgency": "education@4101", "reason": "转办"}
ENDINGS: list[Ending] = [
    Ending(
        "terminateCertification", OFFICE, certified(OFFICE, "OTHER_HARDSHIP"), name="by the county",
        refused={CITY: "NOT_YOUR_CATEGORY", STREET: "NOT_YOUR_CATEGORY", FARMS: "NOT_YOUR_CATEGORY", SCHOOLS: NO_SCOPE},
        unseen=(ELSEWHERE, NEXT_STREET, "agriculture@410102"),
        words={"because": "FALSE_CLAIM"}, twice="CERTIFICATION_ENDED",
        bars=(("CERTIFICATION_OVERLAPS", again_from_within(OFFICE, "OTHER_HARDSHIP")),),
    ),
    Ending(
        "terminateCertification", STREET, certified(STREET, "SUBSISTENCE_ALLOWANCE"), name="by the street",
        refused={OFFICE: "NOT_YOUR_CATEGORY", CITY: "NOT_YOUR_CATEGORY", FARMS: "NOT_YOUR_CATEGORY"},
        unseen=(NEXT_STREET, ELSEWHERE),
        words={"reason": "另有原因"}, twice="CERTIFICATION_ENDED",
        bars=(("CERTIFICATION_OVERLAPS", again_from_within(STREET, "SUBSISTENCE_ALLOWANCE")),),
    ),
    Ending(
        "terminateCertification", FARMS, certified(FARMS, "POVERTY_RELAPSE_MONITORED", subtype="MARGINAL"),
        name="by agriculture",
        refused={OFFICE: "NOT_YOUR_CATEGORY", STREET: "NOT_YOUR_CATEGORY"},
        unseen=("agriculture@410102", ELSEWHERE),
        words={"reason": "另有原因"}, twice="CERTIFICATION_ENDED",
        bars=(("CERTIFICATION_OVERLAPS", again_from_within(FARMS, "POVERTY_RELAPSE_MONITORED", subtype="MARGINAL")),),
    ),
    Ending(
        "reportCircumstances", SCHOOLS, ended_fact,
        refused={"human_resources@410105": "NOT_YOUR_REGISTRY", "finance@410105": NO_SCOPE},
        unseen=("education@410102",),
        words={"until": partial(day, MONTH_BEFORE)}, twice="CONFLICT",
    ),
    Ending(
        "returnReferral", SCHOOLS, step(reason="不属本辖区"), name="that was sent",
        refused=OF_SCHOOLS, unseen=("education@410102", ELSEWHERE, HOUSES),
        words={"reason": "另有原因"}, twice=ENDED_STEP,
        bars=(
            (ENDED_STEP, taken(SCHOOLS, "acceptReferral", 2)),
            (ENDED_STEP, taken(SCHOOLS, "completeReferral", 2, outcome="已办结", aidRecordIds=[])),
        ),
    ),
    Ending(
        "returnReferral", SCHOOLS, step("acceptReferral", reason="不属本辖区"), name="that was accepted",
        refused=OF_SCHOOLS, unseen=("education@410102", ELSEWHERE, HOUSES),
        words={"reason": "另有原因"}, twice=ENDED_STEP,
        bars=((ENDED_STEP, taken(SCHOOLS, "acceptReferral", 3)),),
    ),
    Ending(
        "completeReferral", SCHOOLS, completion,
        refused=OF_SCHOOLS, unseen=("education@410102", ELSEWHERE, HOUSES),
        words={"outcome": "另有结果"}, twice=ENDED_STEP,
        early=((waiting(), ENDED_STEP), (waiting("returnReferral"), ENDED_STEP)),
        bars=(
            (ENDED_STEP, taken(SCHOOLS, "returnReferral", 3, reason="不属本辖区")),
            (ENDED_STEP, taken(OFFICE, "endReferral", 3, reason="已自行解决")),
            (ENDED_STEP, taken(OFFICE, "forwardReferral", 3, **FORWARDED)),
        ),
    ),
    Ending(
        "endReferral", OFFICE, step("returnReferral", reason="已自行解决"),
        refused=OF_SENDER, unseen=(ELSEWHERE, NEXT_STREET),
        words={"reason": "另有原因"}, twice=ENDED_STEP,
        early=((step(reason="已自行解决"), ENDED_STEP), (step("acceptReferral", reason="已自行解决"), ENDED_STEP)),
        bars=(
            (ENDED_STEP, taken(OFFICE, "forwardReferral", 3, **FORWARDED)),
            (ENDED_STEP, taken(SCHOOLS, "acceptReferral", 3)),
            (ENDED_STEP, taken(SCHOOLS, "returnReferral", 3, reason="不属本辖区")),
        ),
    ),
    Ending(
        "forwardReferral", OFFICE, step("returnReferral", **FORWARDED),
        refused=OF_SENDER, unseen=(ELSEWHERE, NEXT_STREET),
        words={"reason": "另有原因", "externalId": "FORWARDED-AGAIN"}, twice=ENDED_STEP,
        early=((step(**FORWARDED), ENDED_STEP), (step("acceptReferral", **FORWARDED), ENDED_STEP)),
    ),
    Ending(
        "revokeAid", SCHOOLS, revocation,
        refused={"education@4101": "NOT_YOUR_RECORD", OFFICE: "NOT_YOUR_RECORD"},
        unseen=("education@410102", ELSEWHERE, HOUSES),
        words={"reason": "另有原因"}, twice="ALREADY_REVOKED",
        bars=(
            ("ALREADY_REVOKED", taken(SCHOOLS, "amendAid", 2, reason="再核", program="另一项目")),
            ("REVOKED_AID_CANNOT_ANSWER", answers_a_need),
        ),
    ),
    Ending(
        "disposeAlert", OFFICE, disposal,
        refused={SCHOOLS: NO_SCOPE, FARMS: NO_SCOPE}, unseen=(ELSEWHERE, NEXT_STREET),
        words={"reason": "另有原因"}, twice="ALERT_DISPOSED", early=((unvisited, "ALERT_NOT_VISITED"),),
    ),
    Ending(
        "closeConference", OFFICE, to_close,
        refused={STREET: "NOT_YOUR_CONFERENCE", HOUSES: NO_SCOPE, CITY: "NOT_YOUR_CONFERENCE"}, unseen=(ELSEWHERE,),
        words={"decision": "另有决定"}, twice="CONFERENCE_HELD",
    ),
    Ending(
        "withdrawDisclosure", OFFICE, lambda desk: {"id": published(desk), "expectedVersion": 1, "reason": "名单有误"},
        refused={CITY: "NOT_YOUR_DISCLOSURE", SCHOOLS: NO_SCOPE}, unseen=(ELSEWHERE,),
        words={"reason": "另有原因"}, twice="DISCLOSURE_WITHDRAWN", bars=(("DISCLOSURE_WITHDRAWN", objection_to_it),),
    ),
    Ending(
        "endNearRelative", OFFICE, end_of_declaration,
        refused={CITY: "NOT_YOUR_DECLARATION", FARMS: "NOT_YOUR_DECLARATION", SCHOOLS: NO_SCOPE},
        unseen=(ELSEWHERE, NEXT_STREET),
        words={"reason": "另有原因"}, twice="DECLARATION_ENDED",
    ),
    Ending(
        "withdrawOffer", CHARITY, withdrawn_offer,
        refused={SCHOOLS: NO_SCOPE}, unseen=("charity@410102", "charity@4101", OFFICE),
        words={}, twice="OFFER_WITHDRAWN", bars=(("OFFER_EXHAUSTED", gift_of),),
    ),
    Ending(
        "endCountyOption", OFFICE, county_option_to_end,
        refused={STREET: "NOT_YOUR_COUNTY", CITY: "NOT_YOUR_COUNTY", ELSEWHERE: "NOT_YOUR_COUNTY", SCHOOLS: NO_SCOPE},
        unseen=(),
        words={"reason": "另有原因"}, twice="COUNTY_OPTION_ENDED",
    ),
    Ending(
        "decideOverlap", OFFICE, decided,
        refused={STREET: "NOT_YOUR_OVERLAP_CASE", HOUSES: NO_SCOPE}, unseen=(ELSEWHERE, NEXT_STREET),
        words={"reason": "另有原因"}, twice="OVERLAP_DECIDED",
    ),
    Ending(
        "waiveRecovery", SCHOOLS, lambda desk: {"id": recovery(desk), "expectedVersion": 1, "reason": "无力退还"},
        refused={STREET: "WAIVER_BY_COUNTY_REQUIRED", "education@4101": "NOT_YOUR_RECOVERY"},
        unseen=("education@410102", ELSEWHERE, HOUSES),
        words={"reason": "另有原因"}, twice="RECOVERY_SETTLED",
        early=((of_a_false_claim, "FALSE_CLAIM_NOT_WAIVABLE"), (repaid, "RECOVERY_SETTLED")),
        bars=(("RECOVERY_SETTLED", instalment),),
    ),
]  # fmt: skip
"""Every ending that a client can request."""

BEGINS_OR_CHANGES = {
    "recordAid", "recordAids", "recordUrgentAid", "amendAid", "supplyPapers", "raiseAlert", "recordVisit", "upsertHouseholds",
    "submitApplication", "certify", "openConference", "publishDisclosure", "objectToDisclosure", "declareNearRelative",
    "recordLiability", "offerCharity", "recordCountyOption", "mediateOverlap", "openRecovery", "recordRepayment",
    "createReferral", "acceptReferral",
}  # fmt: skip
"""Mutations that end nothing. `upsertHouseholds` removes no member: no client and no file ends a membership."""
ENDING_WORDS = (
    "terminate", "leave", "return", "withdraw", "revoke", "end", "close", "dispose", "waive", "complete", "forward", "decide",
    "remove", "delete", "cancel", "stop", "expire", "reject", "refuse",
)  # fmt: skip
"""The first words of names of mutations that end something."""
