"""Values that a caller gives, as parameters of a statement.

SQL is made once for many requests, so it never holds a value: it holds a parameter, and how to get that parameter's
value from the arguments of a request. `Given` is one argument (or a part of one) on its way into SQL.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.types import TypeEngine

from auth.grant import Grant
from hub.errors import InvalidInput

Transform = Callable[[Any], Any]
Change = Callable[[Any, Grant], Any]
Steps = tuple[str, ...]
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True)
class Parameter:
    """Where a parameter's value comes from: the field asked, the steps into its arguments, and a last change."""

    at: tuple[str, ...]
    steps: Steps
    change: Change

    def value(self, arguments: Mapping[tuple[str, ...], Mapping[str, Any]], grant: Grant) -> Any:
        """The value for one request, from the arguments of its fields by `Asked.at`; raises HubError."""
        found: Any = arguments[self.at]
        for step in self.steps:
            found = found[step]
        return _storable(self.change(found, grant), self.steps)


def _storable(value: Any, steps: Steps) -> Any:
    """The value; raises InvalidInput for a text that no database holds, and so would not compare."""
    texts = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
    if any(_UNSTORABLE.search(text) for text in texts):
        field = steps[-1]
        reason, reason_zh = "it holds a NUL or half a character", "含有空字符或不完整的字符"
        raise InvalidInput(path=steps, field=field, reason=reason, reason_zh=reason_zh)
    return value


@dataclass
class Parameters:
    """The parameters of one statement, by name."""

    by_name: dict[str, Parameter] = field(default_factory=dict)

    def add(self, parameter: Parameter) -> str:
        """A name for a further parameter."""
        name = f"given_{len(self.by_name)}"
        self.by_name[name] = parameter
        return name


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class Given:
    """An argument, or a part of one. `value` is what it is now; SQL may depend on what is present in it, not on more."""

    parameters: Parameters
    at: tuple[str, ...]
    steps: Steps
    value: Any

    def bind(
        self, kind: TypeEngine[Any] | type[TypeEngine[Any]], change: Transform = _same
    ) -> ColumnElement[Any]:
        """It as a parameter of a type, changed on the way; `change` raises HubError where the value cannot be used."""
        name = self.parameters.add(Parameter(self.at, self.steps, lambda value, _grant: change(value)))
        return sa.bindparam(name, change(self.value), type_=kind)

    def part(self, name: str) -> "Given | None":
        """A part that was given; None where it was not, or is null."""
        value = self.value.get(name)
        return None if value is None else Given(self.parameters, self.at, (*self.steps, name), value)
