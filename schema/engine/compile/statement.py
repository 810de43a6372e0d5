"""The statement of an operation in the form the driver takes, made once and run for every request of its shape."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from auth.grant import Grant
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import HubError
from hub.foundation.prepared_sql import PreparedSql, render
from hub.policy.permissions.jurisdiction import grant_parameters
from schema.engine.compile.argument_errors import InvalidArgument
from schema.engine.compile.emit import KEY, Emitter
from schema.engine.compile.ir import Choice, Selection
from schema.engine.compile.placeholders import WORD, Marks
from schema.engine.declare.bind_parameters import Parameter

Arguments = Mapping[tuple[str, ...], Mapping[str, Any]]
NO_KEYS: Mapping[str, Sequence[Any]] = MappingProxyType({})


@dataclass(frozen=True)
class Statement:
    """A rendered operation. Its parameters are callers' values, the grant's values, and the word of its marks. It holds no
    values."""

    sql: PreparedSql
    parameters: Mapping[str, Parameter]
    marks: Marks

    @property
    def text(self) -> str:
        """The SQL."""
        return self.sql.text

    def values(
        self, arguments: Arguments, grant: Grant, word: str, keys: Mapping[str, Sequence[Any]] = NO_KEYS
    ) -> list[Any]:
        """The parameters for one request; raises InvalidArgument. `keys` are the keys of the rows to read,
        by column, if the statement reads by keys."""
        values: dict[str, Any] = {**grant_parameters(grant), WORD: word}
        values |= {
            name: keys.get(name.removeprefix(KEY), []) for name in self.sql.names if name.startswith(KEY)
        }
        for name, parameter in self.parameters.items():
            try:
                values[name] = parameter.value(arguments, grant)
            except HubError as error:
                raise InvalidArgument(error, parameter.at) from error
        return self.sql.values(values)


def compile_statement(operation: Selection | Choice, grant: Grant, secrecy: Secrecy) -> Statement:
    """Emit and render an operation, or a selection on rows by their keys; raises InvalidArgument if an argument is invalid."""
    emitter = Emitter(grant, secrecy)
    emitted = (
        emitter.emit(operation) if isinstance(operation, Selection) else emitter.emit_saved_row(operation)
    )
    return Statement(render(emitted), emitter.emission.parameters.by_name, emitter.emission.marks)
