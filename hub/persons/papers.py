"""People without an identity number: newborns, and people from elsewhere, are registered by the number of their paper and found
by it until they have an identity number.

Known by their form: birth certificates (出生医学证明), passports, the travel permits of Hong Kong, Macao and Taiwan
(往来内地/大陆通行证), and permanent residence cards of the form before 2023. Such a number tells neither birth date nor gender.
"""

import re
from dataclasses import dataclass

from hub.persons.identity_number import InvalidIdentityNumber, normalized, parse_identity_number

_PAPERS = re.compile(r"(?!E[0-9]*E)[A-Z]{1,2}[0-9]{7,9}|[HM][0-9]{10}|[A-Z]{3}[0-9]{12}")
"""Two letters at most and seven to nine digits: passports, birth certificates, home-return permits."""


@dataclass(frozen=True, slots=True)
class Paper:
    """The number of a paper; `refusal`: why it is no identity number."""

    number: str
    refusal: InvalidIdentityNumber


def paper_of(text: str) -> str | None:
    """The number of a paper in its one form; None where it has no form of one."""
    try:
        number = normalized(text)
    except InvalidIdentityNumber:
        return None
    return number if _PAPERS.fullmatch(number) else None


def number_registered(text: str) -> str:
    """The number by which somebody may be registered: an identity number or that of a paper. Raises InvalidIdentityNumber."""
    return paper_of(text) or parse_identity_number(text, sample=True).number
