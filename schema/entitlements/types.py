"""Entitlements (46-3) of a household or person, and their fulfilment."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
import strawberry
from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.dialects import postgresql as pg

from auth.grant import Grant
from hub.evaluation.entitlements.entitled import entitled
from hub.evaluation.entitlements.rules import RULES
from hub.evaluation.entitlements.withheld import rules_withheld, scopes_withheld
from hub.model.aid import AidKind
from hub.model.entitlements import ENTITLEMENT, EntitlementStatus
from schema.engine.declare.field_sources import TYPES, Join, Reads
from schema.engine.declare.fields import column, derived, inline, to_many, to_one
from schema.engine.declare.row_types import OnRows, on_rows
from schema.orders import NEWEST_AID, NEWEST_CERTIFICATION, NEWEST_CIRCUMSTANCE, NEWEST_REFERRAL
from schema.type_names import LazyAidRecord, LazyCertification, LazyCircumstance, LazyPerson, LazyReferral

_OF_HOUSEHOLD = {"household_id": "household_id"}


def texts(words: Sequence[str]) -> ColumnElement[Any]:
    """A list of words, the same for every row."""
    return sa.cast(pg.array([sa.literal(word, sa.Text) for word in words], type_=sa.Text), pg.ARRAY(sa.Text))


def _withheld(row: FromClause, grant: Grant) -> ColumnElement[Any]:
    """The scopes that an entitlement's rule needs and the grant does not have."""
    lacking: dict[tuple[str, ...], list[str]] = {}
    for rule in RULES:
        lacking.setdefault(tuple(scopes_withheld(rule, grant)), []).append(rule.code)
    cases = [(row.c.rule.in_(codes), texts(scopes)) for scopes, codes in lacking.items() if scopes]
    return sa.case(*cases, else_=texts(())) if cases else texts(())


def entitlements_withheld(of_persons: bool) -> Any:
    """The field beside a list of entitlements: the rules that the list omits wholly or in part."""
    return derived(
        lambda _row, grant: texts(rules_withheld(grant, of_persons=of_persons)),
        "未列全的应享救助 The rules whose entitlements the list omits wholly or in part, because your scopes do not"
        " open every fact they rest on; empty: the list is complete",
    )


@strawberry.type(
    description="应享救助的依据与落实 Why an entitlement exists and how it is fulfilled; each link has its own permissions"
)
class EntitlementEvidence:
    """依据与落实."""

    row: strawberry.Private[Mapping[str, Any]]
    person: LazyPerson | None = to_one(
        "Person",
        {"household_id": "household_id", "id": "person_id"},
        "人员 The member whose age, health, school or work it rests on",
    )
    certifications: list[LazyCertification] | None = to_many(
        "Certification",
        Join(_OF_HOUSEHOLD, among={"id": "certification_ids"}),
        NEWEST_CERTIFICATION,
        "认定 The certifications it rests on",
    )
    circumstances: list[LazyCircumstance] | None = to_many(
        "Circumstance",
        Join(_OF_HOUSEHOLD, among={"id": "circumstance_ids"}),
        NEWEST_CIRCUMSTANCE,
        "困难情形 The facts it rests on, of the registries that your scopes open",
    )
    aid_records: list[LazyAidRecord] | None = to_many(
        "AidRecord",
        Join(_OF_HOUSEHOLD, among={"id": "aid_ids"}),
        NEWEST_AID,
        "救助记录 The aid that fulfils it in its window",
    )
    referrals: list[LazyReferral] | None = to_many(
        "Referral",
        Join(_OF_HOUSEHOLD, among={"id": "referral_ids"}),
        NEWEST_REFERRAL,
        "转办单 The open referrals of this need",
    )


TYPES["EntitlementEvidence"] = EntitlementEvidence


@on_rows(
    Reads("Entitlement", ENTITLEMENT, ("household_id", "rule", "subject_id"), made=entitled),
    "应享救助 What a household or person is entitled to under 46-3, by the facts that your scopes open",
)
class Entitlement(OnRows):
    """应享救助."""

    rule: str | None = column("rule", "规则 Code of the rule")
    aid_kind: AidKind | None = column("aid_kind", "救助类型 Kind of aid")
    program: str | None = column("program", "项目 Programme or form, where the policy names one")
    clause: str | None = column("clause", "条款 Clause, as in 46-3.2.1")
    clause_text: str | None = column("clause_text", "条款原文 The policy's own words")
    to_check: str | None = column(
        "to_check",
        "需核查的条件 The condition that only the department in charge can judge; null: the facts decide everything",
    )
    withheld: list[str] | None = derived(
        _withheld,
        "未能核对的权限 The scopes that you lack and whose facts could change the result, as a death reported to"
        " civil affairs ends it; empty: your scopes open all facts that it rests on",
        made_of=("Entitlement.rule",),
    )
    person: LazyPerson | None = to_one(
        "Person",
        {"household_id": "household_id", "id": "person_id"},
        "人员 The person entitled; null: the household as a whole",
    )
    window_from: date | None = column("window_from", "起算日 Aid counts from this day")
    window_until: date | None = column("window_until", "截止日 Aid counts until this day")
    status: EntitlementStatus | None = column(
        "status",
        "落实情况 Its status; null if you cannot know it: if only the kind's own scope shows which aid fulfils it, or"
        " if no aid does and you do not have referral:read",
    )
    evidence: EntitlementEvidence | None = inline(
        "EntitlementEvidence",
        {
            name: name
            for name in (
                "household_id",
                "person_id",
                "certification_ids",
                "circumstance_ids",
                "aid_ids",
                "referral_ids",
            )
        },
        "依据与落实 The facts behind it and the aid that fulfils it",
    )
