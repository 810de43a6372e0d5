"""People without an identity number, such as newborns and people from elsewhere, are registered by the number of a paper.
They are found by it until they have an identity number.

The hub accepts the numbers of birth certificates (出生医学证明), passports, the travel permits of Hong Kong, Macao and Taiwan
(往来内地/大陆通行证), and permanent residence cards of the form before 2023. Such a number contains neither birth date nor
gender.
"""

import re
from dataclasses import dataclass

from hub.persons.identity_number import InvalidIdentityNumber, normalized, parse_identity_number

_PAPERS = re.compile(r"(?!E[0-9]*E)[A-Z]{1,2}[0-9]{7,9}|[HM][0-9]{10}|[A-Z]{3}[0-9]{12}")
"""One or two letters and seven to nine digits (passports, birth certificates, home-return permits), H or M and ten digits, or
three letters and twelve digits."""


@dataclass(frozen=True, slots=True)
class Paper:
    """The number of a paper; `refusal`: why it is not an identity number."""

    number: str
    refusal: InvalidIdentityNumber


def paper_of(text: str) -> str | None:
    """The number of a paper in its normal form; None if the text is no such number."""
    try:
        number = normalized(text)
    except InvalidIdentityNumber:
        return None
    return number if _PAPERS.fullmatch(number) else None


def number_registered(text: str) -> str:
    """The number by which a person may be registered: an identity number or the number of a paper. Raises
    InvalidIdentityNumber."""
    return paper_of(text) or parse_identity_number(text, sample=True).number
