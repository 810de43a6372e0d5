"""The one way to declare a field: its source, and its description.

    name: str | None = column("name", "姓名 Name")

Its scopes are in `hub/policy/permissions/field_scopes.py`, by type and name. `GuardedField` checks the authorised operation
before it resolves anything: every field passes this check.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

import strawberry
from strawberry.schema_directive import Location
from strawberry.types import get_object_definition
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver
from strawberry.types.info import Info
from strawberry.utils.str_converters import to_camel_case

from auth.grant import ScopeSets
from hub.policy.permissions.field_scopes import opened_by
from hub.policy.permissions.scope_sets import OPEN
from schema.engine.declare.bind_parameters import ArgumentValue, Parameters
from schema.engine.declare.field_sources import (
    ColumnValue,
    Computed,
    Connect,
    Derive,
    Derived,
    Inline,
    Join,
    Lookup,
    NodeId,
    Order,
    Read,
    Restrict,
    Sealed,
    ToMany,
    ToOne,
    ToSavedRow,
    Where,
    Write,
)
from schema.engine.declare.input_validation import invalid_input
from schema.engine.declare.paging import Connection, PageRequest, described, page_arguments
from schema.engine.declare.resolver_context import CommandWriter, ResolverContext

T = TypeVar("T")
W = TypeVar("W", bound=CommandWriter)


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="requiresScopes",
    description="权限要求 The field is answered only to a caller whose scopes hold all of one of these sets (an OR of ANDs).",
)
class RequiresScopes:
    """Apollo federation's directive `@requiresScopes`."""

    scopes: list[list[str]]


_PART_OF_ROOT = re.compile(r"\w+(Mutations|Queries)")
"""The naming pattern of classes with some of the fields of a root type: `AidMutations`, `CoverageQueries`."""
_ROOTS = {"Mutations": "Mutation", "Queries": "Query"}


class GuardedField(StrawberryField):
    """A field with its scopes and its source. A forbidden field is null, and its resolver does not run."""

    read: Read
    scopes: ScopeSets

    def __set_name__(self, owner: type, name: str) -> None:
        if not hasattr(self, "scopes"):
            part = _PART_OF_ROOT.fullmatch(owner.__name__)
            self.open_as(_ROOTS[part[1]] if part else owner.__name__, name)

    def open_as(self, noun: str, name: str) -> None:
        """Take the scopes of a type's attribute from the table; raises UndeclaredField."""
        self.open_to(opened_by(f"{noun}.{self.graphql_name or to_camel_case(name)}"))

    def open_to(self, scopes: ScopeSets) -> None:
        """Set the scopes, which the published schema shows."""
        self.scopes = scopes
        self.directives = [RequiresScopes(scopes=[sorted(one) for one in scopes])] if scopes else []

    def get_result(
        self, source: Any, info: Info | None, args: list[Any], kwargs: Any
    ) -> Awaitable[Any] | Any:
        assert info is not None
        if info.context.forbids(info):
            return None
        return super().get_result(source, info, args, kwargs)

    def __copy__(self) -> "GuardedField":
        copied = super().__copy__()
        copied.read = self.read
        if hasattr(self, "scopes"):
            copied.scopes = self.scopes
        return copied


def guarded(
    read: Read,
    resolver: Callable[..., Any],
    description: str,
    *,
    name: str | None = None,
    scopes: ScopeSets | None = None,
) -> Any:
    """A field of any kind; the functions below are for each kind. `scopes`: for a field that is in no table, because it has
    the same scopes in every type."""
    field = GuardedField(graphql_name=name, type_annotation=None, description=description)
    field.read = read
    if scopes is not None:
        field.open_to(scopes)
    return field(StrawberryResolver(resolver))


def of_type(field: GuardedField, noun: str) -> Any:
    """The same field with the scopes of another type: a concrete type guards in this way a field that its interface leaves
    open."""
    assert field.base_resolver is not None
    resolver: Any = field.base_resolver.wrapped_func
    made: GuardedField = guarded(field.read, resolver, field.description or "", name=field.graphql_name)
    made.open_as(noun, field.python_name)
    return made


def column(name: str, description: str, *, detail: bool = False) -> Any:
    """The value of a column of the type's table, or of its detail table."""
    if detail:

        async def resolve_detail(root: Any, info: Info) -> Any:
            return (await info.context.loaders.detail(type(root)).load(root.key))[name]

        return guarded(ColumnValue(name, detail=True), resolve_detail, description)

    def resolve(root: Any) -> Any:
        return root.row[name]

    return guarded(ColumnValue(name), resolve, description)


def sealed(name: str, place: str, description: str) -> Any:
    """An encrypted column, decrypted for the caller."""

    def resolve(root: Any, info: Info) -> str | None:
        context: ResolverContext = info.context
        return context.open_sealed(root.row[name], place, root.row["id"])

    return guarded(Sealed(name, place), resolve, description)


def derived(
    sql: Derive,
    description: str,
    *,
    made_of: tuple[str, ...] = (),
    discloses: tuple[tuple[str, ScopeSets], ...] = (),
) -> Any:
    """An expression over the row. `made_of` names the coordinates whose columns it uses, `discloses` those whose values it
    shows only to grants with further scopes; a check at start-up proves that its scopes, with the further ones, cover theirs."""
    read = Derived(sql, made_of, discloses)

    async def resolve(root: Any, info: Info) -> Any:
        return await info.context.loaders.derived(type(root), read).load(root.key)

    return guarded(read, resolve, description)


def node_id() -> Any:
    """The opaque Relay id."""

    def resolve(root: Any) -> strawberry.ID:
        return strawberry.ID(root.node_id)

    return guarded(NodeId(), resolve, "编号 Opaque id, stable for ever", scopes=OPEN)


def record_id(description: str) -> Any:
    """The opaque id of a row that is no node: a type whose existence is guarded cannot use it, since these ids are always
    shown."""

    def resolve(root: Any) -> strawberry.ID:
        return strawberry.ID(root.node_id)

    return guarded(NodeId(), resolve, description)


def inline(to: str, columns: Mapping[str, str | None], description: str) -> Any:
    """Another type over the same row."""
    read = Inline(to, columns)

    def resolve(root: Any) -> Any:
        return read.target(
            row={name: None if own is None else root.row[own] for name, own in columns.items()}
        )

    return guarded(read, resolve, description)


def to_one(
    to: str,
    on: Mapping[str, str] | Join,
    description: str,
    *,
    order: Order | None = None,
    name: str | None = None,
) -> Any:
    """The one row that this row points at; if there are several, the first in an order."""
    read = ToOne(to, on if isinstance(on, Join) else Join(on), order)

    async def resolve(root: Any, info: Info) -> Any:
        return await info.context.loaders.to_one(read, root.row)

    return guarded(read, resolve, description, name=name)


def to_many(
    to: str,
    join: Join,
    order: Order,
    description: str,
    *,
    where: Derive | None = None,
    every_version: bool = False,
) -> Any:
    """A list that is short by nature."""
    read = ToMany(to, join, order, where, every_version)

    async def resolve(root: Any, info: Info) -> Any:
        return await info.context.loaders.to_many(read, root.row)

    return guarded(read, resolve, description)


def connection(
    to: str,
    description: str,
    *,
    order: Order,
    join: Join | None = None,
    filter_by: type | None = None,
    order_by: type | None = None,
) -> Any:
    """A Relay connection, with an optional filter and order."""
    read = Connect(to, order, join, getattr(order_by, "order_columns", {}), filter_by)

    async def resolve(root: Any, info: Info, **_arguments: Any) -> Connection[Any]:
        context: ResolverContext = info.context
        at, arguments = context.resolved_field(info)
        coordinate = f"{info._raw_info.parent_type.name}.{info._raw_info.field_name}"
        return Connection(
            context=context,
            read=read,
            request=PageRequest.of(read, coordinate, arguments),
            filter=ArgumentValue(Parameters(), at, ("filter",), arguments["filter"])
            if "filter" in arguments
            else None,
            parent=getattr(root, "row", None),
        )

    parameters, annotations = page_arguments(filter_by, order_by)
    resolve.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [*list(inspect.signature(resolve).parameters.values())[:2], *parameters]
    )
    resolve.__annotations__ = {"info": Info, **annotations}
    return guarded(read, resolve, description)


def lookup(
    to: str,
    argument: str,
    where: Callable[[Any, Any, Any], Any],
    description: str,
    *,
    means: str,
    unique: bool = False,
    also: Mapping[str, str] = MappingProxyType({}),
) -> Any:
    """The one row that an argument names, together with the optional arguments `also`; `means` and the values of `also`
    describe them."""
    read = Lookup(to, where, argument, unique, tuple(also))

    async def resolve(info: Info, **_arguments: Any) -> Any:
        context: ResolverContext = info.context
        at, arguments = context.resolved_field(info)
        return await context.loaders.lookup(read, read.argument_value(Parameters(), at, arguments))

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    resolve.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter("info", kind, annotation=Info),
            inspect.Parameter(argument, kind, annotation=described(str, means)),
            *(
                inspect.Parameter(name, kind, annotation=described(str | None, said), default=None)
                for name, said in also.items()
            ),
        ]
    )
    return guarded(read, resolve, description)


def mutation(
    run: Callable[[W, T], Awaitable[object]],
    input: type[T],
    payload: type,
    description: str,
) -> Any:
    """A mutation: `run` takes one input, and returns the object from which the payload's fields are read."""
    annotation = described(input, get_object_definition(input, strict=True).description or "")

    async def validated(writer: W, given: T) -> object:
        return await run(writer.of(given).refusing(invalid_input(given)), given)

    read = Write(input, validated)

    async def resolve(info: Info, **given: Any) -> Any:
        context: ResolverContext = info.context
        answered = await validated(context.writer, given["input"])
        context.tally.count(answered)
        await context.renew()
        return answered

    resolve.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter("info", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Info),
            inspect.Parameter("input", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=annotation),
        ],
        return_annotation=payload | None,
    )
    resolve.__annotations__ = {"info": Info, "input": annotation}
    return guarded(read, resolve, description)


def saved(to: str, description: str) -> Any:
    """The object that a command saved, in its present state."""
    read = ToSavedRow(to)

    async def resolve(root: Any, info: Info) -> Any:
        return None if root.key is None else await info.context.loaders.node(read.target, root.key)

    return guarded(read, resolve, description, scopes=OPEN)


def computed(
    resolver: Callable[..., Any],
    description: str,
    *,
    rows: int = 0,
    cursors_of: tuple[str, Connect] | None = None,
) -> Any:
    """A value that Python computes; `rows` and `cursors_of`: as in `Computed`."""
    return guarded(Computed(rows, cursors_of), resolver, description)


def where(
    coordinate: str,
    sql: Restrict,
    description: str,
    *,
    value_scopes: Callable[[Any], list[ScopeSets]] | None = None,
    name: str | None = None,
) -> Any:
    """One field of a filter, guarded by the scopes of `coordinate`. Absent means no restriction. `name`: its name in the
    schema, if Python does not allow that name."""
    stands_on = Where(coordinate, sql, value_scopes)
    return strawberry.field(
        default=strawberry.UNSET, name=name, description=description, metadata={"where": stands_on}
    )
