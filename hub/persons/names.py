"""Compares names with the registered ones: if a number comes with another person's name, one of the two is wrong (46-2.2)."""

import re
import unicodedata
from collections.abc import Sequence

from hub.foundation.errors import HubError
from hub.persons.subjects import Resolved, Sought

NAME = "Person.name"
"""The field that names are compared with. A caller who may not read it may not compare with it."""

_DOTS = re.compile("[·•・‧．.∙⋅ˑ]")


class NameMismatch(HubError):
    """The name is not that of the registered person with this number; check which of the two is wrong.
    姓名与该号码登记的姓名不一致,请核对姓名和号码。
    """


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are the same name. Spaces, width, case and the dot inside a name do not count."""
    return one == other or _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return _DOTS.sub("", "".join(unicodedata.normalize("NFKC", name).split())).casefold()


def with_names_checked(
    wanted: Sequence[Sought], found: Sequence[Resolved | HubError]
) -> list[Resolved | HubError]:
    """The subjects that were found, with NameMismatch for a visible person whose registered name is another one. The names of
    people out of sight are not compared."""
    return [
        NameMismatch(path=("name",))
        if isinstance(to, Resolved)
        and sought.subject.name
        and to.name
        and not same_name(sought.subject.name, to.name)
        else to
        for sought, to in zip(wanted, found, strict=True)
    ]
