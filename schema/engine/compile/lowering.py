"""Pass 4: an authorised operation -> a tree over tables (`compile.ir`)."""

from collections.abc import Mapping, Sequence

from graphql import GraphQLSchema, get_named_type, print_ast

from auth.grant import Grant
from schema.engine.compile.authorize import AuthorizedOperation
from schema.engine.compile.collect import MOST_FIELDS, TYPENAME, SelectedField
from schema.engine.compile.guards import Guards
from schema.engine.compile.ir import (
    Absent,
    Choice,
    Count,
    Cursor,
    Edges,
    ForbiddenNull,
    Found,
    Identified,
    Info,
    Leaf,
    Nodes,
    Page,
    Part,
    RelatedRow,
    RelatedRows,
    Selection,
    TypeName,
    Within,
)
from schema.engine.declare.field_sources import (
    TYPES,
    ColumnValue,
    Computed,
    Connect,
    Derived,
    Find,
    Inline,
    Lookup,
    NodeId,
    Sealed,
    ToMany,
    ToOne,
)
from schema.engine.declare.row_types import NODES
from schema.engine.refusals import TooManyFields


class Lowering:
    """The pass over one operation."""

    def __init__(
        self, schema: GraphQLSchema, guards: Guards, authorized: AuthorizedOperation, grant: Grant
    ) -> None:
        self._schema = schema
        self._guards = guards
        self._authorized = authorized
        self._grant = grant
        self._made: dict[int, Selection] = {}
        self._places: dict[tuple[str, ...], tuple[str, ...]] = {}
        self.left_out: list[str] = []

    def lower(self) -> Selection:
        """The whole operation. Afterwards `left_out` has the coordinates that only the reference executor answers."""
        return self._selection(self._authorized.fields)

    def choice(self, to: str, children: Mapping[str, Sequence[SelectedField]]) -> Choice:
        """The selection on the rows of a type; kinds with the same selection are grouped."""
        kinds = TYPES[to].reads.kinds
        names = [to] if kinds is None else list(kinds.types.values())
        grouped: dict[Selection, list[str]] = {}
        for name in names:
            grouped.setdefault(self._selection(children[name]), []).append(name)
        return Choice(to, tuple((tuple(types), selection) for selection, types in grouped.items()))

    def _selection(self, fields: Sequence[SelectedField]) -> Selection:
        """The selection on one type. Raises TooManyFields if kinds with different selections multiply."""
        if id(fields) not in self._made:
            self._made[id(fields)] = Selection(
                tuple((field.response_key, self._part(field)) for field in fields)
            )
        selection = self._made[id(fields)]
        if selection.size > MOST_FIELDS:
            raise TooManyFields(most=MOST_FIELDS)
        return selection

    def _part(self, field: SelectedField) -> Part:
        if field.name == TYPENAME:
            return TypeName()
        read = self._guards.reads.get(field.coordinate)
        if self._authorized.forbids(field.coordinate) and read is not None:
            return ForbiddenNull(field.at[1])
        match read:
            case ColumnValue() | Sealed() | Derived() | NodeId():
                output = self._schema.type_map[field.parent].fields[field.name].type  # type: ignore[attr-defined]
                detail = isinstance(read, ColumnValue) and read.detail
                return Leaf(
                    read, get_named_type(output), TYPES[field.parent].reads.detail if detail else None
                )
            case Inline():
                return Within(read, self._selection(field.children[read.to]))
            case ToOne():
                return RelatedRow(read, self.choice(read.to, field.children))
            case ToMany():
                return RelatedRows(read, self.choice(read.to, field.children))
            case Connect():
                return self._page(field, read)
            case Lookup():
                return Found(read, self._place(field), self.choice(read.to, field.children), field.arguments)
            case Find():
                return self._identified(field)
            case Computed(cursors_of=(coordinate, connection)):
                self.left_out.append(field.coordinate)
                return self._checked_cursor(field, coordinate, connection)
            case _:
                self.left_out.append(field.coordinate)
                return Absent()

    def _place(self, field: SelectedField) -> tuple[str, ...]:
        """The first field of the document with the same selection and arguments, so that their values are bound once."""
        arguments = sorted(print_ast(argument) for argument in field.nodes[0].arguments or ())
        return self._places.setdefault((field.coordinate, *arguments), field.at)

    def _page(self, field: SelectedField, read: Connect) -> Page:
        (parts,) = field.children.values()
        fields: list[tuple[str, Nodes | Edges | Info | Count | TypeName]] = []
        for part in parts:
            lowered: Nodes | Edges | Info | Count | TypeName
            match part.name:
                case "nodes":
                    lowered = Nodes(self.choice(read.to, part.children))
                case "edges":
                    (inner,) = part.children.values()
                    lowered = Edges(
                        tuple((selected.response_key, self._of_edge(selected, read)) for selected in inner)
                    )
                case "pageInfo":
                    (inner,) = part.children.values()
                    lowered = Info(tuple((selected.response_key, selected.name) for selected in inner))
                case "totalCount":
                    lowered = Count()
                case _:
                    lowered = TypeName()
            fields.append((part.response_key, lowered))
        return Page(read, field.coordinate, self._place(field), tuple(fields), field.arguments)

    def _checked_cursor(self, field: SelectedField, coordinate: str, read: Connect) -> Page:
        """A page of a connection that the reference executor answers: the statement only checks its cursor."""
        more = ("pageInfo", Info((("hasNextPage", "hasNextPage"),)))
        return Page(read, coordinate, self._place(field), (more,), {"first": 1, **field.arguments})

    def _of_edge(self, field: SelectedField, read: Connect) -> Nodes | Cursor | TypeName:
        match field.name:
            case "node":
                return Nodes(self.choice(read.to, field.children))
            case "cursor":
                return Cursor()
            case _:
                return TypeName()

    def _identified(self, field: SelectedField) -> Identified:
        choices = [
            (name, self.choice(target.__name__, field.children))
            for name, target in NODES.items()
            if self._grant.covers(target.reads.scopes)
        ]
        return Identified(self._place(field), tuple(choices), field.arguments)
