"""The drafts of `register` and `upsert_households`: households and members as Python values.

A value that is left out (`SILENT`) stays unchanged; None clears it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
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
"""The value of a field that a draft leaves out."""

Fault = tuple[str, HubError, object]
"""A fault: the name of the value, the error, and the value itself if it may be shown (masked if sensitive)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeDraft:
    """The values of a household as a whole. `region` is a code or a name; `income_per_capita` is in yuan a month; `head` is
    the name of its head, only for comparison."""

    region: str | Silent | None = SILENT
    residence: Residence | Silent | None = SILENT
    address: str | Silent | None = SILENT
    income_per_capita: Decimal | Silent | None = SILENT
    head: str | Silent | None = SILENT


NOTHING_OF_THE_WHOLE = WholeDraft()


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberDraft:
    """A member. The identity number is a text or a checked number. Gender and birth date are compared with it. Category,
    support and days request a certification of the household or of the member. `of_whole` holds values of the household
    from this member's row.

    For a file, `row` is the number of the row and `faults` are the values that could not be read; `of_month`: only the month
    of the first day is known.
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
    certified_amount: Decimal | Silent | None = SILENT
    valid_from: date | Silent | None = SILENT
    valid_until: date | Silent | None = SILENT
    of_whole: WholeDraft = NOTHING_OF_THE_WHOLE
    row: int = 0
    faults: Sequence[Fault] = ()
    of_month: bool = False


@dataclass(frozen=True, slots=True)
class HouseholdDraft:
    """A household by its code, with new or changed members. `expected_version` protects against changes in between. A
    repeated request with the same version gets the same answer and writes nothing. A row that was refused then stays
    refused; it needs the household's newer version.

    `in_form`: the values already have their stored form, as from a file. `leaving`: the names of the members who leave by
    other rows of the file, by identity number; if the head leaves, another head may follow.
    """

    code: str
    members: Sequence[MemberDraft]
    whole: WholeDraft = NOTHING_OF_THE_WHOLE
    expected_version: int | None = None
    in_form: bool = False
    leaving: Mapping[str, str] = field(default_factory=dict)


_NAMES = {
    kind: tuple(
        (field_of.name, camel(field_of.name))
        for field_of in fields(kind)
        if field_of.name not in {"of_whole", "row", "faults", "of_month"}
    )
    for kind in (WholeDraft, MemberDraft)
}


def stated(draft: WholeDraft | MemberDraft) -> dict[str, Any]:
    """The values of a draft that are not left out, by the names of inputs, files and events."""
    if draft is NOTHING_OF_THE_WHOLE:
        return {}
    return {
        name: value for column, name in _NAMES[type(draft)] if (value := getattr(draft, column)) is not SILENT
    }


def digest_of(draft: HouseholdDraft, secrecy: Secrecy) -> str | None:
    """The keyed digest of a draft that names a version. It is keyed because the draft holds identity numbers."""
    if draft.expected_version is None:
        return None
    content = {
        "code": draft.code,
        "values": stated(draft.whole),
        "members": [stated(member) for member in draft.members],
        "expected_version": draft.expected_version,
    }
    return secrecy.blind_index(canonical(whole(content)).decode()).hex()
