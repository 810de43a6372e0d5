"""The statement of an operation in the form the driver takes, made once and run for every request of its shape."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import BindParameter
from sqlalchemy.dialects.postgresql import asyncpg

from auth.grant import Grant
from hub.rows import grant_parameters
from hub.secrecy import Secrecy
from schema.compile.emit import KEY, Emitter
from schema.compile.lowered import Choice, Selection
from schema.compile.marks import WORD, Marks
from schema.given import Parameter

Arguments = Mapping[tuple[str, ...], Mapping[str, Any]]
NO_KEYS: Mapping[str, Sequence[Any]] = MappingProxyType({})


class _Compiler(asyncpg.PGCompiler_asyncpg):
    """Writes the constants of the hub's own declarations into the text: the planner should know them, and they need not
    travel with each request. What has a name (a caller's value, the grant, the mark) stays a parameter."""

    def visit_bindparam(self, bindparam: BindParameter[Any], *args: Any, **options: Any) -> str:
        options["literal_binds"] = bindparam.unique
        text: str = super().visit_bindparam(bindparam, *args, **options)  # type: ignore[no-untyped-call]
        return text


class _Dialect(asyncpg.dialect):
    statement_compiler = _Compiler
    supports_statement_cache = True


_DIALECT = _Dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Statement:
    """SQL with numbered parameters. `names` are theirs in order: callers' values, the grant's, the mark. No value is kept."""

    text: str
    names: tuple[str, ...]
    given: Mapping[str, Parameter]
    processors: Mapping[str, Callable[[Any], Any]]
    marks: Marks

    def values(
        self, arguments: Arguments, grant: Grant, word: str, keys: Mapping[str, Sequence[Any]] = NO_KEYS
    ) -> list[Any]:
        """The parameters for one request; raises HubError where an argument cannot be used. `keys` are those of the
        rows to read, by column, where the statement reads by them."""
        values: dict[str, Any] = {**grant_parameters(grant), WORD: word}
        values |= {name: keys.get(name.removeprefix(KEY), []) for name in self.names if name.startswith(KEY)}
        for name, parameter in self.given.items():
            values[name] = parameter.value(arguments, grant)
        return [
            self.processors[name](values[name]) if name in self.processors else values[name]
            for name in self.names
        ]


def compile_statement(asked: Selection | Choice, grant: Grant, secrecy: Secrecy) -> Statement:
    """Emit and render an operation, or what is asked of rows by their keys; raises HubError where an argument cannot
    be used."""
    emitter = Emitter(grant, secrecy)
    emitted = emitter.emit(asked) if isinstance(asked, Selection) else emitter.emit_kept(asked)
    compiled = emitted.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    names = tuple(compiled.positiontup or ())
    processors = {}
    for name in names:
        if process := compiled.binds[name].type.dialect_impl(_DIALECT).bind_processor(_DIALECT):
            processors[name] = process
    return Statement(
        str(compiled), names, emitter.emission.parameters.by_name, processors, emitter.emission.marks
    )
