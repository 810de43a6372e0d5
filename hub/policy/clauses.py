"""The clauses of 郑政办〔2024〕46号 that the hub cites: heading, the policy's own sentences, and their meaning in English.

Read from `clauses.toml`. The whole policy is beside it in `zhengzhou_2024_46.txt`; a test finds every quotation there.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause. `heading` and `sentences` are the policy's own words. A clause whose parts have all the content has no
    sentence. `gist` is the meaning in English."""

    id: str
    heading: str
    sentences: tuple[str, ...]
    gist: str

    @property
    def place(self) -> str:
        """The place of the clause in the document, in the document's own numbering: 三、(二)1. for 46-3.2.1."""
        numbers = self.id.removeprefix("46-").split(".")
        return "".join(form(int(number)) for form, number in zip(_NUMBERING, numbers, strict=False))


_CHINESE_DIGITS = "〇一二三四五六七八九"
_NUMBERING: tuple[Callable[[int], str], ...] = (
    lambda number: f"{_CHINESE_DIGITS[number]}、",
    lambda number: f"({_CHINESE_DIGITS[number]})",
    lambda number: f"{number}.",
)
"""The document's numbering of its sections, their parts and the items of a part."""


def _read() -> Mapping[str, Clause]:
    read = tomllib.loads(files(__package__).joinpath("clauses.toml").read_text("utf-8"))
    return MappingProxyType(
        {
            name: Clause(name, table["heading"], tuple(table["sentences"]), table["gist"])
            for name, table in read.items()
        }
    )


CLAUSES: Mapping[str, Clause] = _read()
"""Every clause by its id, as in 46-3.2.1, in the policy's order."""


def clause(cited: str) -> Clause:
    """The clause with this id; raises KeyError if the policy has no such clause."""
    return CLAUSES[cited]
