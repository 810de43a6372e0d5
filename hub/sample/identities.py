"""Numbers of the sample: valid in form, but nobody's."""

from datetime import date
from random import Random
from uuid import UUID

from hub.model.persons import Gender
from hub.persons.identity_number import SAMPLE_REGION, check_digit

NIL = UUID(int=0)
"""RFC 9562: the nil UUID, for a record that has no id yet."""

_OF_A_DAY = 499
"""Sequence codes of one gender for one birth date: 001 to 997 for men, 002 to 998 for women."""

_STRIDE = 211


def randomness(seed: int, serial: int) -> Random:
    """The random generator of one household, so that no household depends on another."""
    return Random(f"{seed}/{serial}")  # noqa: S311  it must be repeatable, and makes no secret


class IdentityNumbers:
    """Issues identity numbers of region 410199, each only once."""

    def __init__(self) -> None:
        self._issued: dict[tuple[date, Gender], int] = {}

    def next(self, birth_date: date, gender: Gender) -> str:
        """The next number of a birth date and gender; raises OverflowError when its 499 are used up."""
        issued = self._issued.get((birth_date, gender), 0)
        if issued == _OF_A_DAY:
            raise OverflowError(
                f"a sample cannot hold more than {_OF_A_DAY} persons of one birth date and gender"
            )
        self._issued[birth_date, gender] = issued + 1
        place = (issued * _STRIDE + birth_date.toordinal()) % _OF_A_DAY
        sequence = 2 * place + (1 if gender is Gender.MALE else 2)
        first17 = f"{SAMPLE_REGION}{birth_date:%Y%m%d}{sequence:03}"
        return first17 + check_digit(first17)


def phone(rng: Random) -> str:
    """Eleven digits that begin with 111, which no mobile network uses."""
    return f"111{rng.randrange(10**8):08}"


def account(rng: Random) -> str:
    """Nineteen digits of a 一卡通 account; no card issuer's number begins with 0."""
    return f"0199{rng.randrange(10**15):015}"


def sample_id(rng: Random, milliseconds: int) -> UUID:
    """A UUID version 7 (RFC 9562) of an instant, drawn from the sample's own randomness."""
    value = milliseconds << 80 | rng.getrandbits(80)
    value = value & ~(0xF << 76) | 7 << 76
    return UUID(int=value & ~(0b11 << 62) | 0b10 << 62)
