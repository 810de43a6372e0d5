"""What is said of households and their members, in Python's own values: the drafts of `register` and `upsert_households`.

What is left out (`SILENT`) stays as it is; None clears it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Final, Literal

from hub.foundation.canonical_json import canonical, whole
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import HubError, camel
from hub.model.certifications import Category, Support
from hub.model.households import Residence
from hub.model.persons import DisabilityType, EducationStage, Employment, Gender, Health, Labour, Relation
from hub.persons.identity_number import IdentityNumber


class _Silence(Enum):
    SILENT = "nothing is said of it"


Silent = Literal[_Silence.SILENT]
SILENT: Final[Silent] = _Silence.SILENT
"""The value of what a draft says nothing of."""

Fault = tuple[str, HubError, object]
"""The name of a value, why it cannot be, and what stood there, if it may be told (masked where it is sensitive)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeDraft:
    """What belongs to a household as a whole. `region` is a code or a name; `income_per_capita` in yuan a month; `head` is the
    name of its head, which is only compared."""

    region: str | Silent | None = SILENT
    residence: Residence | Silent | None = SILENT
    address: str | Silent | None = SILENT
    income_per_capita: Decimal | Silent | None = SILENT
    head: str | Silent | None = SILENT


NOTHING_OF_THE_WHOLE = WholeDraft()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberDraft:
    """A member. An identity number is a text, or one that was checked. Gender and birth date are held against what it tells;
    category, support and days ask for a certification of the household or of the member. `of_whole`: what is said of the
    household beside this member.

    Of a file, `row` is the number of its row, and `faults` are what could not be read in it.
    """

    id_number: str | IdentityNumber | None
    name: str | None
    relation: Relation | None
    phone: str | Silent | None = SILENT
    account: str | Silent | None = SILENT
    health: Health | Silent | None = SILENT
    disability_type: DisabilityType | Silent | None = SILENT
    disability_grade: int | Silent | None = SILENT
    education_stage: EducationStage | Silent | None = SILENT
    school: str | Silent | None = SILENT
    employment: Employment | Silent | None = SILENT
    labour: Labour | Silent | None = SILENT
    gender: Gender | Silent | None = SILENT
    birth_date: date | Silent | None = SILENT
    category: Category | Silent | None = SILENT
    support: Support | Silent | None = SILENT
    valid_from: date | Silent | None = SILENT
    valid_until: date | Silent | None = SILENT
    of_whole: WholeDraft = NOTHING_OF_THE_WHOLE
    row: int = 0
    faults: Sequence[Fault] = ()


@dataclass(frozen=True, slots=True)
class HouseholdDraft:
    """A household by its code, with the members that are new or differ. `expected_version` guards against what was changed in
    between; the same from the same version again is answered as it was, and writes nothing. What was refused of it then stays
    refused: where it has become possible since, it is stale, and wants the version that the household has by now.

    `in_form`: whoever made the draft brought each value into its form, as the reader of a file's columns does.
    """

    code: str
    members: Sequence[MemberDraft]
    whole: WholeDraft = NOTHING_OF_THE_WHOLE
    expected_version: int | None = None
    in_form: bool = False


_NAMES = {
    kind: tuple(
        (field.name, camel(field.name))
        for field in fields(kind)
        if field.name not in {"of_whole", "row", "faults"}
    )
    for kind in (WholeDraft, MemberDraft)
}


def stated(draft: WholeDraft | MemberDraft) -> dict[str, Any]:
    """What a draft says, by the names that inputs, files and events have."""
    if draft is NOTHING_OF_THE_WHOLE:
        return {}
    return {
        name: value for column, name in _NAMES[type(draft)] if (value := getattr(draft, column)) is not SILENT
    }


def digest_of(draft: HouseholdDraft, secrecy: Secrecy) -> str | None:
    """The keyed digest of a draft that names a version: it holds identity numbers, which a plain one would give away."""
    if draft.expected_version is None:
        return None
    content = {
        "code": draft.code,
        "values": stated(draft.whole),
        "members": [stated(member) for member in draft.members],
        "expected_version": draft.expected_version,
    }
    return secrecy.blind_index(canonical(whole(content)).decode()).hex()
