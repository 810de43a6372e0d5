"""Reporting, correcting and ending circumstances (46-2.3). Set-based: 5,000 rows take as many statements as one row.

A registry names each fact by its external id. A repeated report, a repeated correction of the same version, and a report
that changes nothing write nothing. A report of an open fact with `until` ends it; this needs no version, because only its
registry writes it. Other content is a correction if it names the version that it corrects, and a Conflict otherwise. Each
write is one event in the household's chain. Only readers of the registry see the event, because its existence reveals the
fact.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.circumstances.ages import unlikely
from hub.circumstances.drafts import (
    CircumstanceDraft,
    content_digest,
    days_fault,
    event_body,
    name_in_lists,
    refusal,
)
from hub.circumstances.moved import OfPerson, names_after_moves
from hub.circumstances.refusals import PersonRequired
from hub.circumstances.rules import FIELDS, KIND_RULES
from hub.commands.context import CommandContext
from hub.foundation.database import copy_rows, new_id, now, table_of, update_rows
from hub.foundation.errors import BatchTooLarge, Conflict, HubError, StaleVersion
from hub.foundation.prepared_sql import by_columns, fetch, render, rows_of_arrays
from hub.ledger.before import Stood, columns_of, save_before
from hub.ledger.chain import Author, EventDraft, append_events, lock_households
from hub.ledger.receipts import (
    Change,
    Claim,
    Receipt,
    changes_made,
    claim_changes,
    claim_receipts,
    stored_receipts,
)
from hub.model.agencies import Department
from hub.model.circumstances import CircumstanceKind, CircumstanceRow
from hub.model.ledger import EventType, ReceiptOf
from hub.persons.names import with_names_checked
from hub.persons.subjects import Resolved, Sought, named_in
from hub.policy.facts.circumstances import goes_on
from hub.policy.permissions.registry_scopes import read_scope

_circumstance = table_of(CircumstanceRow)
_CONTENT = ("since", "until", *FIELDS)
_COLUMNS = (
    "household_id", "id", "person_id", "kind", "source_registry", *_CONTENT, "agency_id", "external_id", "version",
    "recorded_at",
)  # fmt: skip

LARGEST_BATCH = 1000

CircumstanceKey = tuple[UUID, UUID]
"""(household id, circumstance id)."""


def _existing_statement() -> Any:
    wanted = rows_of_arrays(_circumstance.c.household_id, _circumstance.c.id)
    same = sa.and_(*(_circumstance.c[name] == wanted.c[name] for name in ("household_id", "id")))
    return render(
        sa.select(*(_circumstance.c[name] for name in _COLUMNS)).select_from(wanted.join(_circumstance, same))
    )


_EXISTING = _existing_statement()


@dataclass(frozen=True, slots=True)
class CircumstanceOutcome:
    """The outcome of one draft: the key of the fact, or the error. `created`: it is new; `changed`: it was corrected or
    ended; `warnings`: unlikely values; `changes`: the columns that differ, with their old and new values."""

    key: CircumstanceKey | None = None
    created: bool = False
    changed: bool = False
    error: HubError | None = None
    warnings: tuple[HubError, ...] = ()
    changes: tuple[tuple[str, Any, Any], ...] = ()


async def report_batch(
    context: CommandContext, drafts: Sequence[CircumstanceDraft]
) -> list[CircumstanceOutcome]:
    """Save the reports of one request, as `report_circumstances`. Raises BatchTooLarge."""
    if len(drafts) > LARGEST_BATCH:
        raise BatchTooLarge(path=("reports",), most=LARGEST_BATCH)
    return await report_circumstances(context, drafts)


async def report_circumstances(
    context: CommandContext, drafts: Sequence[CircumstanceDraft]
) -> list[CircumstanceOutcome]:
    """Save each valid draft in the caller's transaction; returns one outcome for each draft, in order. Idempotent by
    (agency, externalId). Raises nothing: every refusal is an outcome.

    The steps are those of `hub.commands`. A fact may be corrected under its own external id, so a receipt is final only for
    the same report.
    """
    outcomes: dict[int, CircumstanceOutcome] = {}
    for place, draft in enumerate(drafts):
        context.note(draft.subject)
        try:
            context.check_naming(draft.subject)
        except HubError as error:
            outcomes[place] = CircumstanceOutcome(error=error)
            continue
        if refused := refusal(context.grant, draft):
            outcomes[place] = CircumstanceOutcome(error=refused)
    outcomes |= await _answered_before(
        context, {place: draft for place, draft in enumerate(drafts) if place not in outcomes}
    )
    reports = await _reports(
        context, {place: draft for place, draft in enumerate(drafts) if place not in outcomes}, outcomes
    )
    session, grant = context.session, context.grant
    reports = await _where_they_are(context, reports)
    held = await claim_receipts(
        session, grant.agency, ReceiptOf.CIRCUMSTANCE, [report.claim for report in reports]
    )
    existing = await _read(session, reports, held)
    made = await _corrections(context, [(report, held[report.claim.external_id]) for report in reports])
    facts = _Facts(grant, existing, made)
    for report in reports:
        outcome = facts.plan(report, held[report.claim.external_id])
        if outcome.created or outcome.changed:
            outcome = replace(outcome, warnings=unlikely(grant, report.draft, report.birth_date))
        outcomes[report.claim.place] = outcome
    await facts.write(session)
    return [outcomes[place] for place in range(len(drafts))]


async def _answered_before(
    context: CommandContext, drafts: Mapping[int, CircumstanceDraft]
) -> dict[int, CircumstanceOutcome]:
    """The outcomes of repeated reports, and of reports that name another subject under a used external id. The subject is
    searched only in the household where the external id was used."""
    names = {
        place: draft.external_id.strip()
        for place, draft in drafts.items()
        if draft.external_id is not None and not draft.newest
    }
    session, agency = context.session, context.grant.agency
    held = await stored_receipts(session, agency, ReceiptOf.CIRCUMSTANCE, set(names.values()))
    receipts = {place: held[name] for place, name in names.items() if name in held}
    if not receipts:
        return {}
    wanted = {place: (drafts[place].subject, receipt.household) for place, receipt in receipts.items()}
    named = await named_in(session, context.secrecy, wanted)
    outcomes = {
        place: CircumstanceOutcome(error=Conflict(path=("externalId",)))
        for place in receipts
        if place not in named
    }
    reports = [(_report(place, drafts[place], to), receipts[place]) for place, to in named.items()]
    known = [(report, receipt) for report, receipt in reports if not isinstance(report, HubError)]
    made = await _corrections(context, known)
    for report, receipt in known:
        if _reported_before(report, receipt, made):
            outcomes[report.claim.place] = CircumstanceOutcome((receipt.household, receipt.record_id))
    return outcomes


async def _reports(
    context: CommandContext,
    drafts: Mapping[int, CircumstanceDraft],
    outcomes: dict[int, CircumstanceOutcome],
) -> list["_Report"]:
    """The drafts with a visible subject and valid days. The errors of the other drafts are added to `outcomes`."""
    sought = [Sought(draft.subject) for draft in drafts.values()]
    found = with_names_checked(sought, await context.resolve(sought))
    reports: list[_Report] = []
    for (place, draft), subject in zip(drafts.items(), found, strict=True):
        report = _report(place, draft, subject)
        error = report if isinstance(report, HubError) else days_fault(draft)
        if isinstance(report, HubError) or error is not None:
            outcomes[place] = CircumstanceOutcome(error=error)
        else:
            reports.append(report)
    return reports


async def _where_they_are(context: CommandContext, reports: Sequence["_Report"]) -> list["_Report"]:
    """The reports. If a list reports a fact of a person who moved, the report gets the external id of the fact in the
    person's present household."""
    listed = {
        place: OfPerson(
            report.claim.external_id, report.draft.kind, report.claim.household_id, report.person_id, identity
        )
        for place, report in enumerate(reports)
        if report.draft.newest
        and report.draft.external_id is not None
        and report.person_id is not None
        and (identity := report.identity) is not None
    }
    names = await names_after_moves(context.session, context.grant.agency, listed)
    return [
        replace(report, claim=replace(report.claim, external_id=names[place])) if place in names else report
        for place, report in enumerate(reports)
    ]


@dataclass(frozen=True, slots=True)
class _Report:
    """A draft with its subject and the claim to its external id. `identity`: the blind index of a person."""

    draft: CircumstanceDraft
    person_id: UUID | None
    birth_date: date | None
    identity: bytes | None
    claim: Claim


def _report(place: int, draft: CircumstanceDraft, subject: Resolved | HubError) -> _Report | HubError:
    """A draft with its subject. A fact of a household belongs to the household, whichever member was named."""
    if isinstance(subject, HubError):
        return subject
    rule = KIND_RULES[draft.kind]
    person_id = subject.person_id if rule.of_person else None
    if person_id is None and not rule.of_household:
        return PersonRequired(path=("subject",))
    household_id = subject.household_id
    digest = content_digest(draft.kind, household_id, person_id, draft.content)
    named = name_in_lists(draft.kind, draft.since, person_id or household_id)
    external_id = named if draft.external_id is None else draft.external_id.strip()
    birth_date = None if person_id is None else subject.birth_date
    identity = None if person_id is None else subject.identity
    return _Report(
        draft, person_id, birth_date, identity, Claim(place, external_id, household_id, new_id(), digest)
    )


async def _corrections(context: CommandContext, reports: Iterable[tuple[_Report, Receipt]]) -> set[bytes]:
    """The digests of corrections that the agency made before."""
    corrections = (_correction(report, receipt) for report, receipt in reports)
    return await changes_made(
        context.session, context.grant.agency, {correction.digest for correction in corrections if correction}
    )


def _reported_before(report: _Report, receipt: Receipt, made: Collection[bytes]) -> bool:
    """Whether a report repeats a correction or the first report. A list is the newest state of its registry, so it may
    restore an earlier value."""
    if (correction := _correction(report, receipt)) is not None:
        return correction.digest in made
    return not report.draft.newest and report.claim.digest == receipt.digest


def _correction(report: _Report, receipt: Receipt) -> Change | None:
    """A report as a change of the version that it names; None if it names no version."""
    if (version := report.draft.expected_version) is None:
        return None
    key = receipt.household, receipt.record_id
    return Change("reportCircumstances", key, version, report.claim.digest.hex())


async def _read(
    session: AsyncSession, reports: Iterable[_Report], held: Mapping[str, Receipt]
) -> dict[UUID, dict[str, Any]]:
    """The existing facts with the external ids of these reports, by id, locked until the transaction ends."""
    claimed = {report.claim.record_id for report in reports}
    known = sorted(
        (receipt.household, receipt.record_id)
        for receipt in held.values()
        if receipt.record_id not in claimed
    )
    if not known:
        return {}
    await lock_households(session, {household_id for household_id, _ in known})
    rows = await fetch(session, _EXISTING, by_columns(("household_id", "id"), known))
    return {row["id"]: {**dict(row), "kind": CircumstanceKind(row["kind"]), "stands": True} for row in rows}


def _refusal(correction: Change | None, fact: Mapping[str, Any], differs: set[str]) -> HubError | None:
    """The refusal of a correction: other content without a version, or an old version."""
    if correction is None:
        return Conflict(path=("externalId",)) if differs else None
    if correction.version == fact["version"]:
        return None
    return StaleVersion(path=("expectedVersion",), expected=correction.version, actual=fact["version"])


class _Facts:
    """The rows and events of one batch, planned in memory and written in a few statements. A fact that is named twice is
    handled as two reports in order."""

    def __init__(self, grant: Grant, existing: dict[UUID, dict[str, Any]], made: set[bytes]) -> None:
        self._grant = grant
        self._registry = Department(grant.department)
        self._facts = existing
        self._made = made
        self._corrections: list[Change] = []
        self._changed: dict[UUID, dict[str, Any]] = {}
        self._before: Stood = {}
        self._events: list[EventDraft] = []

    def plan(self, report: _Report, receipt: Receipt) -> CircumstanceOutcome:
        """Plan the change of a report; returns its outcome."""
        key = receipt.household, receipt.record_id
        correction = _correction(report, receipt)
        fact = self._facts.get(receipt.record_id)
        if fact is None:
            self._begin(report)
            self._save_receipt(correction)
            return CircumstanceOutcome(key, created=True)
        subject = report.claim.household_id, report.person_id, report.draft.kind
        if subject != (fact["household_id"], fact["person_id"], fact["kind"]):
            return CircumstanceOutcome(error=Conflict(path=("externalId",)))
        if _reported_before(report, receipt, self._made):
            return CircumstanceOutcome(key)
        content = {**report.draft.content, **{name: fact[name] for name in report.draft.silent}}
        differs = {name for name in _CONTENT if content[name] != fact[name]}
        ends = differs == {"until"} and goes_on(fact["until"])
        if error := None if ends or report.draft.newest else _refusal(correction, fact, differs):
            return CircumstanceOutcome(error=error)
        if not differs:
            return CircumstanceOutcome(key)
        self._save_receipt(correction)
        changes = tuple((name, fact[name], content[name]) for name in sorted(differs))
        if fact["stands"]:
            self._before.setdefault(
                ("circumstance", receipt.record_id), (receipt.household, columns_of("circumstance", fact))
            )
        fact.update(content, version=fact["version"] + 1)
        if fact["stands"]:
            self._changed[receipt.record_id] = fact
        self._record_event(EventType.CIRCUMSTANCE_ENDED if ends else EventType.CIRCUMSTANCE_REPORTED, fact)
        return CircumstanceOutcome(key, changed=True, changes=changes)

    def _save_receipt(self, correction: Change | None) -> None:
        if correction is not None:
            self._corrections.append(correction)
            self._made.add(correction.digest)

    async def write(self, session: AsyncSession) -> None:
        """Write the rows, new ones by COPY and changed ones in one statement; then the events."""
        new = [fact for fact in self._facts.values() if not fact["stands"]]
        if new:
            await copy_rows(
                session,
                "circumstance",
                _COLUMNS,
                ([_written(report[name]) for name in _COLUMNS] for report in new),
            )
        changed = [
            {name: report[name] for name in ("household_id", "id", *_CONTENT, "version")}
            for report in self._changed.values()
        ]
        await save_before(session, self._grant.client, self._before)
        await update_rows(session, _circumstance, ("household_id", "id"), changed)
        await append_events(session, Author(self._grant.agency, self._grant.client), self._events)
        await claim_changes(session, self._grant.agency, self._corrections)

    def _begin(self, report: _Report) -> None:
        claim = report.claim
        fact = {
            "household_id": claim.household_id,
            "id": claim.record_id,
            "person_id": report.person_id,
            "kind": report.draft.kind,
            "source_registry": self._registry,
            **report.draft.content,
            "agency_id": self._grant.agency,
            "external_id": claim.external_id,
            "version": 1,
            "recorded_at": now(),
            "stands": False,
        }
        self._facts[claim.record_id] = fact
        self._record_event(EventType.CIRCUMSTANCE_REPORTED, fact)

    def _record_event(self, type_: EventType, fact: Mapping[str, Any]) -> None:
        kind: CircumstanceKind = fact["kind"]
        content = {name: fact[name] for name in _CONTENT}
        self._events.append(
            EventDraft(
                fact["household_id"],
                type_,
                event_body(self._registry.value, kind, content, fact["version"]),
                fact["person_id"],
                fact["id"],
                KIND_RULES[kind].clause,
                needs=(read_scope(self._registry),),
                answers=() if fact["version"] == 1 else (fact["id"],),
            )
        )


def _written(value: Any) -> Any:
    return getattr(value, "value", value)
