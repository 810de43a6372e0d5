"""Inputs of overlapping outcomes and of cases, as an agency sends them. Each test passes the values that it changes."""

from typing import Any

from hub.foundation.calendar import today

_OVERLAP = "overlap { rule bearing clause text aidRecordId caseId }"
RECORD = f"""mutation ($input: RecordAidInput!) {{ recordAid(input: $input) {{ created aidRecord {{ id version }}
  errors {{ code message messageZh path {_OVERLAP} }} warnings {{ code message messageZh path {_OVERLAP} }} }} }}"""
RECORDS = f"""mutation ($input: RecordAidsInput!) {{ recordAids(input: $input) {{ outcomes {{ created
  errors {{ code path {_OVERLAP} }} warnings {{ code }} }} errors {{ code }} }} }}"""
AMEND = f"""mutation ($input: AmendAidInput!) {{ amendAid(input: $input) {{ aidRecord {{ id version }}
  errors {{ code message messageZh path {_OVERLAP} }} warnings {{ code path {_OVERLAP} }} }} }}"""
CASE = """{ id version yourSide rule clause text first { id program } firstAgency second { id program } secondAgency externalId
  said toAgency status disposition withdrawn reason decidedBy household { code } person { name } alert { id status } }"""
MEDIATE = f"""mutation ($input: MediateOverlapInput!) {{ mediateOverlap(input: $input) {{ overlapCase {CASE}
  errors {{ code message messageZh path }} }} }}"""
DECIDE = f"""mutation ($input: DecideOverlapInput!) {{ decideOverlap(input: $input) {{ overlapCase {CASE}
  errors {{ code message messageZh path }} }} }}"""
CASES = f"{{ overlapCases(first: 20) {{ totalCount nodes {CASE} }} }}"
BARE_CASES = "{ overlapCases(first: 20) { totalCount nodes { id yourSide rule said toAgency status disposition reason } } }"


def next_year() -> int:
    """A year for which the sample has no records."""
    return today().year + 1


def outcome(subject: dict[str, str], detail: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An outcome of a quarter of next year, approved today."""
    return {
        "externalId": "MEETS-1",
        "subject": subject,
        "program": "某项救助",
        "periodFrom": f"{next_year()}-01-01",
        "periodUntil": f"{next_year()}-03-31",
        "status": "APPROVED",
        "decidedOn": str(today()),
        "amount": "1234.56",
        "detail": detail,
    } | changes


def living(form: str) -> dict[str, Any]:
    """Basic living aid (46-3.1)."""
    return {"basicLiving": {"form": form, "payee": "PERSON"}}


def housing(form: str) -> dict[str, Any]:
    """Housing aid (46-3.2.3)."""
    return {"housing": {"form": form}}


def schooling(form: str = "GRANT") -> dict[str, Any]:
    """Education aid (46-3.2.2)."""
    return {"education": {"form": form, "schoolYear": today().year, "stage": "COLLEGE"}}


def paid_first(region: str) -> dict[str, Any]:
    """Urgent aid, paid first (46-3.3)."""
    return {"temporary": {"form": "PAY_FIRST", "trouble": "突发火灾", "happenedAtRegion": region}}
