"""The members of the families of the stories. They are no persons of the sample, and no real persons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from hub.foundation.calendar import today
from hub.persons.identity_number import SAMPLE_REGION, check_digit

EMPLOYED: dict[str, Any] = {"employment": "EMPLOYED", "labour": "FULL"}
UNABLE: dict[str, Any] = {"employment": "NONE", "labour": "NONE"}


def born(years: int) -> date:
    """The birth date of a person who was this many years old half a year ago."""
    return today() - timedelta(days=365 * years + 190)


@dataclass(frozen=True)
class Member:
    """A member as the township registers it."""

    name: str
    relation: str
    age: int
    said: Mapping[str, Any] = field(default_factory=dict)


def head(age: int = 45, **said: Any) -> Member:
    """户主."""
    return Member("赵建国", "HEAD", age, said)


def spouse(age: int = 44, **said: Any) -> Member:
    """配偶."""
    return Member("钱秀英", "SPOUSE", age, said)


def child(age: int = 9, **said: Any) -> Member:
    """子女."""
    return Member("赵小宁", "CHILD", age, said)


def parent(age: int = 76, **said: Any) -> Member:
    """父母."""
    return Member("赵长福", "PARENT", age, said)


def number_of(member: Member, serial: int) -> str:
    """An identity number that no person of the sample and no real person has."""
    first17 = f"{SAMPLE_REGION}{born(member.age):%Y%m%d}{serial % 1000:03}"
    return first17 + check_digit(first17)
