"""Validation of inputs: each value is normalised, or refused with its path.

The inputs of mutations go through `validate` and `invalid_input` as a whole, before the command sees them; the arguments of
reads go through `normalised`, one by one, when they become parameters (`declare.bind_parameters`). Both accept the same values.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from strawberry.utils.str_converters import to_camel_case

from hub.foundation.calendar import YEARS
from hub.foundation.database import MOST_YUAN
from hub.foundation.errors import InvalidInput
from hub.foundation.texts import Form, InvalidValue, refined

FORMS: Mapping[str, Form] = {
    name: form
    for form, names in {
        Form.CODE: "account agency code happenedAtRegion month participants phone region toAgency",
        Form.KEY: "conference externalId offer",
        Form.LINE: "address disaster employer head hospital idNumber institution name office organisation post program project"
        " provider school visitors",
        Form.PROSE: "decision document found goods ground knownAs matter measure minutes noConferenceReason note outcome reason"
        " said trouble what",
    }.items()
    for name in names.split()
}
"""The form of a text, by the name of its field in the inputs of mutations."""

_NUMBER = f"from 0 to {MOST_YUAN} with at most two decimals", f"须为 0 至 {MOST_YUAN},最多两位小数"
_DAY = f"a day from {YEARS[0]} to {YEARS[-1]}", f"须为 {YEARS[0]} 年至 {YEARS[-1]} 年间的日期"


def invalid_input(input: Any) -> InvalidInput | None:
    """Normalise an input. Returns the error of the first invalid value, with its path, or None.

    An item of a list that becomes a draft of its own is skipped: its batch reports it at its index, by `validate`.
    """
    try:
        validate(input)
    except InvalidInput as error:
        return error
    return None


def validate(item: Any) -> None:
    """Normalise an item; raises InvalidInput for the first invalid value, with its path in the item."""
    _normalise(item, ())


def normalised(value: Any, form: Form) -> Any:
    """A normalised value; raises InvalidValue. A value of a type without a rule is returned unchanged."""
    check = _CHECKS.get(type(value))
    return value if check is None else check(value, form)


def _normalise(item: Any, at: tuple[str | int, ...]) -> None:
    """Normalises the fields of an input, and those of nested inputs."""
    for name, input_name, form in _fields(type(item)):
        part = getattr(item, name)
        if type(part) is list:
            for place, element in enumerate(part):
                if type(element) is str:
                    part[place] = _normalised_at(element, form, (*at, input_name, place))
                elif not hasattr(element, "to_draft"):
                    _normalise(element, (*at, input_name, place))
        elif type(part) in _CHECKS:
            new = _normalised_at(part, form, (*at, input_name))
            if new is not part:
                setattr(item, name, new)
        elif part is not None:
            _normalise(part, (*at, input_name))


def _normalised_at(value: Any, form: Form, at: tuple[str | int, ...]) -> Any:
    """A normalised value; raises InvalidInput with its path, which ends with its field, or with its index in a list."""
    try:
        return _CHECKS[type(value)](value, form)
    except InvalidValue as error:
        reasons = {"reason": error.reason, "reason_zh": error.reason_zh}
        field = next(step for step in reversed(at) if isinstance(step, str))
        raise InvalidInput(path=at, field=field, **reasons) from error


_Fields = tuple[tuple[str, str, Form], ...]
_KNOWN: dict[type, _Fields] = {}


def _fields(kind: type) -> _Fields:
    """The fields of an input type: name, name in GraphQL, form of a text; empty for other types."""
    if kind not in _KNOWN:
        named = fields(kind) if is_dataclass(kind) else ()
        input_names = {field.name: to_camel_case(field.name) for field in named}
        _KNOWN[kind] = tuple(
            (name, camel, FORMS.get(camel, Form.PROSE)) for name, camel in input_names.items()
        )
    return _KNOWN[kind]


def _number(value: Decimal, _form: Form) -> Decimal:
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -2 or not 0 <= value <= MOST_YUAN:
        raise InvalidValue(*_NUMBER)
    return value


def _day(value: date, _form: Form) -> date:
    if value.year not in YEARS:
        raise InvalidValue(*_DAY)
    return value


_CHECKS: Mapping[type, Callable[[Any, Form], Any]] = {
    str: refined,
    Decimal: _number,
    date: _day,
    datetime: _day,
}
"""By the exact type of a value: the members of enums are texts too, and need no check. A batch has thousands of values."""
