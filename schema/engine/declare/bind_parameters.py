"""The values of a caller as parameters of a statement.

SQL is built once for many requests, so it holds no values: it holds parameters, and the path to each parameter's value in the
arguments of a request. `ArgumentValue` is an argument, or a part of one, that becomes a parameter. Its value is normalised
like the inputs of mutations, or refused with its path.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, bindparam
from sqlalchemy.types import TypeEngine

from auth.grant import Grant
from hub.foundation.database import CODE
from hub.foundation.errors import HubError, InvalidInput
from hub.foundation.texts import Form, InvalidValue
from schema.engine.declare.input_validation import normalised

Transform = Callable[[Any], Any]
Change = Callable[[Any, Grant], Any]
Steps = tuple[str, ...]
Arguments = Mapping[tuple[str, ...], Mapping[str, Any]]
"""The arguments of the selected fields, coerced, by `SelectedField.at`."""
LONGEST_TEXT = 200
"""The longest text for a look-up; no stored text is longer."""


class Named(Enum):
    """A public code: the caller learns whether it exists."""

    REGION = "region"
    AGENCY = "agency"


@dataclass(frozen=True)
class KnownCodes:
    """The column with all codes of a kind, and the error for a code that does not exist."""

    column: ColumnElement[Any]
    unknown: InvalidValue


@dataclass(frozen=True)
class Parameter:
    """The source of a parameter's value: the selected field, the path into its arguments, and a conversion. `names`: the
    value is a code that must exist. `searches`: it is the blind index of an identity number that the caller searches for."""

    at: tuple[str, ...]
    steps: Steps
    change: Change
    names: Named | None = None
    searches: bool = False

    def value(self, arguments: Arguments, grant: Grant) -> Any:
        """The value for one request; raises HubError, with its path in the arguments of the field."""
        found: Any = arguments[self.at]
        for step in self.steps:
            found = found[step]
        try:
            return self.change(found, grant)
        except (InvalidValue, HubError) as error:
            raise _with_place(error, self.steps) from error


def _with_place(error: InvalidValue | HubError, steps: Steps) -> HubError:
    """An error of an argument, with its path."""
    return unusable(error, steps) if isinstance(error, InvalidValue) else error.at(*(error.path or steps))


def unusable(unfit: InvalidValue, steps: Steps) -> InvalidInput:
    """The error of an invalid value, with its path."""
    path = (*steps, *unfit.at)
    named = next(step for step in reversed(path) if isinstance(step, str))
    return InvalidInput(path=path, field=named, reason=unfit.reason, reason_zh=unfit.reason_zh)


def _arrived(value: Any, form: Form | None) -> Any:
    """A normalised value; raises InvalidValue for a value that no stored value can equal."""
    if type(value) is list:
        return [_item(place, item, form) for place, item in enumerate(value)]
    if type(value) is not str:
        return normalised(value, Form.LINE)
    if form is None:
        return value
    value = normalised(value, form)
    if not 1 <= len(value) <= LONGEST_TEXT:
        raise InvalidValue(f"1 to {LONGEST_TEXT} characters", f"须为 1 至 {LONGEST_TEXT} 个字符")
    return value


def _item(place: int, value: Any, form: Form | None) -> Any:
    try:
        return _arrived(value, form)
    except InvalidValue as unfit:
        raise InvalidValue(unfit.reason, unfit.reason_zh, place) from unfit


@dataclass
class Parameters:
    """The parameters of one statement, by name."""

    by_name: dict[str, Parameter] = field(default_factory=dict)

    def add(self, parameter: Parameter) -> str:
        """The name of a new parameter."""
        name = f"given_{len(self.by_name)}"
        self.by_name[name] = parameter
        return name


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class ArgumentValue:
    """An argument, or a part of one. `value` is the present value; SQL may depend on which parts are present, on nothing
    else."""

    parameters: Parameters
    at: tuple[str, ...]
    steps: Steps
    value: Any

    def bind(
        self,
        kind: TypeEngine[Any] | type[TypeEngine[Any]],
        change: Transform = _same,
        *,
        form: Form | None = None,
        names: Named | None = None,
        searches: bool = False,
    ) -> ColumnElement[Any]:
        """The argument as a parameter of a type, normalised and converted; `change` raises HubError or InvalidValue for a wrong
        value. A text without a `form` goes to `change` unchanged, unless its type is that of codes."""
        of = Form.CODE if kind is CODE else form

        def changed(value: Any) -> Any:
            return change(_arrived(value, of))

        parameter = Parameter(self.at, self.steps, lambda value, _grant: changed(value), names, searches)
        name = self.parameters.add(parameter)
        try:
            return bindparam(name, changed(self.value), type_=kind)
        except (InvalidValue, HubError) as error:
            raise _with_place(error, self.steps) from error

    def part(self, name: str) -> "ArgumentValue | None":
        """A part of the argument; None if it is missing or null."""
        value = self.value.get(name)
        return None if value is None else ArgumentValue(self.parameters, self.at, (*self.steps, name), value)
