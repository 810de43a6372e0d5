"""The input of each kind's detail: the columns of its detail table, with the descriptions of the kind's type."""

from collections.abc import Mapping
from dataclasses import MISSING
from typing import Any

import strawberry

from hub.aid.drafts import detail_columns
from hub.aid.rules import KIND_RULES
from hub.foundation.errors import InvalidInput
from hub.glossary.code_sets import term
from hub.model.aid import AidKind
from schema.aid.types import TYPE_OF_KIND
from schema.engine.declare.field_sources import TYPES


def _detail_input(kind: AidKind) -> Any:
    """The input of a kind's detail, from the columns of its detail table, with the descriptions of the kind's type."""
    name = "".join(part.title() for part in kind.value.split("_")) + "DetailInput"
    columns = detail_columns(kind)
    descriptions = {
        field.python_name: field.description
        for field in TYPES[TYPE_OF_KIND[kind]].__strawberry_definition__.fields
    }
    namespace: dict[str, Any] = {
        "__annotations__": {
            column: of if required else of | None for column, (of, required) in columns.items()
        },
        **{
            column: strawberry.field(default=MISSING if required else None, description=descriptions[column])
            for column, (_, required) in columns.items()
        },
    }
    description = f"{term(kind).zh}明细 Detail of {term(kind).en} ({KIND_RULES[kind].clause})"
    return strawberry.input(type(name, (), namespace), description=description)


DETAIL_INPUTS: Mapping[AidKind, Any] = {kind: _detail_input(kind) for kind in AidKind}


TemporaryDetailInput: Any = DETAIL_INPUTS[AidKind.TEMPORARY]
"""The detail of urgent aid, which `recordUrgentAid` takes too."""
_DETAIL_NAMES: Mapping[AidKind, str] = {kind: kind.value.lower() for kind in AidKind}


def _aid_detail_input() -> Any:
    namespace: dict[str, Any] = {
        "__annotations__": {name: DETAIL_INPUTS[kind] | None for kind, name in _DETAIL_NAMES.items()},
        **{
            name: strawberry.field(
                default=strawberry.UNSET, description=f"{term(kind).zh} Aid of the kind {kind.value}"
            )
            for kind, name in _DETAIL_NAMES.items()
        },
    }
    made = type("AidDetailInput", (), namespace)
    return strawberry.input(
        made, one_of=True, description="救助类型与明细,只填其一 The kind of aid and its detail: exactly one"
    )


AidDetailInput = _aid_detail_input()


def detail_of_input(detail: Any) -> tuple[AidKind, dict[str, Any]]:
    """The kind of a detail, and its columns; raises InvalidInput if no kind is named."""
    for kind, name in _DETAIL_NAMES.items():
        if filled := getattr(detail, name):
            return kind, {column: getattr(filled, column) for column in detail_columns(kind)}
    raise InvalidInput(path=("detail",), field="detail", reason="it is missing", reason_zh="缺少明细")
