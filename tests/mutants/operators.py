"""The mutants of a file: small faults, each made by one operator at one node of the syntax tree.

Only code that decides something is changed: no docstring, annotation, message, assertion or import.
"""

import ast
import copy
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

Change = tuple[str, ast.AST, ast.AST | None]
"""The operator's name, the replacement of the node, and the dropped part of the node, if any."""

_FLIPPED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,), ast.NotIn: (ast.In,),
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt), ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_CONJUNCTIONS = {"and_", "or_", "where", "filter", "having"}
_OPPOSITES = {
    "and_": "or_", "or_": "and_", "any": "all", "all": "any", "min": "max", "max": "min", "desc": "asc", "asc": "desc",
    "is_": "is_not", "is_not": "is_", "in_": "not_in", "not_in": "in_",
}  # fmt: skip
_TELLING = {"debug", "info", "warning", "error", "exception", "print", "echo"}
_TEXTS = {"description", "help", "comment", "name", "title", "deprecation_reason"}
"""Arguments with texts for people."""


@dataclass(frozen=True)
class Mutant:
    """One fault: the old and the new code of a line. In the bytes of the file `text` replaces `start` to `end`; `nth`
    distinguishes equal ones in a function."""

    file: str
    within: str
    line: int
    last_line: int
    operator: str
    was: str
    becomes: str
    text: str
    start: int
    end: int
    nth: int = 0

    @property
    def id(self) -> str:
        """An id that stays the same while this code reads the same, wherever it is in the file."""
        text = "\0".join((self.file, self.within, self.operator, self.was, self.becomes, str(self.nth)))
        return hashlib.sha256(text.encode()).hexdigest()[:10]

    def put_into(self, source: bytes) -> bytes:
        """The file with the fault in it."""
        return source[: self.start] + self.text.encode() + source[self.end :]


def mutants_of(root: Path, file: str) -> list[Mutant]:
    """Every mutant of a file."""
    seen: Counter[tuple[str, ...]] = Counter()
    found = []
    for mutant in _Places(file, (root / file).read_bytes()).all():
        alike = (mutant.within, mutant.operator, mutant.was, mutant.becomes)
        found.append(replace(mutant, nth=seen[alike]))
        seen[alike] += 1
    return found


class _Places:
    """Walks a file's tree, and knows the position of each node in its bytes."""

    def __init__(self, file: str, source: bytes) -> None:
        self.file = file
        self.source = source
        self.lines = [0]
        for line in source.splitlines(keepends=True):
            self.lines.append(self.lines[-1] + len(line))

    def all(self) -> Iterator[Mutant]:
        yield from self._under(ast.parse(self.source), ())

    def _under(self, node: ast.AST, within: tuple[str, ...]) -> Iterator[Mutant]:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            within = (*within, node.name)
        if isinstance(node, ast.expr | ast.stmt) and not self._is_elif(node):
            for operator, becomes, dropped in changes_of(node):
                yield self._mutant(node, within, operator, becomes, dropped)
        for child in _deciding(node):
            yield from self._under(child, within)

    def _is_elif(self, node: ast.expr | ast.stmt) -> bool:
        return isinstance(node, ast.If) and self.source.startswith(b"elif", self._at(node)[0])

    def _at(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self.lines[node.lineno - 1] + node.col_offset,
            self.lines[node.end_lineno - 1] + node.end_col_offset,
        )

    def _mutant(
        self,
        node: ast.expr | ast.stmt,
        within: tuple[str, ...],
        operator: str,
        becomes: ast.AST,
        dropped: ast.AST | None,
    ) -> Mutant:
        start, end = self._at(node)
        text = ast.unparse(becomes).replace("\n", "\n" + " " * node.col_offset)
        shown: Any = dropped or node
        return Mutant(
            self.file,
            ".".join(within),
            shown.lineno,
            shown.end_lineno,
            operator,
            ast.unparse(shown),
            "" if dropped else text,
            f"({text})" if isinstance(becomes, ast.expr) else text,
            start,
            end,
        )


def _deciding(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a node that decide something."""
    match node:
        case ast.Assert() | ast.Import() | ast.ImportFrom() | ast.JoinedStr() | ast.Raise():
            return
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            yield from (
                *node.args.defaults,
                *(default for default in node.args.kw_defaults if default),
                *node.body,
            )
        case ast.AnnAssign():
            yield from (node.value,) if node.value else ()
        case ast.Subscript():
            yield node.value
            yield from () if isinstance(node.slice, ast.Tuple | ast.List) else (node.slice,)
        case ast.keyword(arg=name) if name in _TEXTS:
            return
        case ast.ClassDef():
            yield from (
                statement for statement in node.body if not isinstance(statement, ast.Assign)
            )  # the words of an enum
        case _:
            yield from ast.iter_child_nodes(node)


def changes_of(node: ast.expr | ast.stmt) -> Iterator[Change]:
    """The changes that the operators make to a node."""
    for operator in _OPERATORS:
        yield from operator(node)


def _with(node: Any, **fields: object) -> Any:
    """A copy of a node with other fields."""
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _without(parts: list[Any], place: int) -> list[Any]:
    return parts[:place] + parts[place + 1 :]


def _name(call: ast.Call) -> str:
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def _comparison(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            for other in _FLIPPED.get(type(operator), ()):
                ops = [*node.ops[:place], other(), *node.ops[place + 1 :]]
                yield "comparison flipped", _with(node, ops=ops), None


def _conjunction(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.BoolOp):
        yield "and, or swapped", _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And()), None
        for place, dropped in enumerate(node.values):
            rest = _without(node.values, place)
            yield "condition dropped", rest[0] if len(rest) == 1 else _with(node, values=rest), dropped


def _predicate(node: ast.AST) -> Iterator[Change]:
    if not (isinstance(node, ast.Call) and _name(node) in _CONJUNCTIONS):
        return
    if len(node.args) > 1:
        for place, dropped in enumerate(node.args):
            yield "predicate dropped", _with(node, args=_without(node.args, place)), dropped
    elif isinstance(node.func, ast.Attribute) and _name(node) not in {"and_", "or_"} and node.args:
        yield "predicate dropped", node.func.value, node.args[0]


def _opposite(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.Call) and (other := _OPPOSITES.get(_name(node))):
        field = "attr" if isinstance(node.func, ast.Attribute) else "id"
        yield "opposite called", _with(node, func=_with(node.func, **{field: other})), None


def _negation(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "not dropped", node.operand, None
    if isinstance(node, ast.Call) and _name(node) == "not_" and node.args:
        yield "not dropped", node.args[0], None


def _constant(node: ast.AST) -> Iterator[Change]:
    if not isinstance(node, ast.Constant):
        return
    if isinstance(node.value, bool):
        yield "truth turned", ast.Constant(not node.value), None
    elif isinstance(node.value, int):
        yield "number moved", ast.Constant(node.value + 1), None
        yield "number moved", ast.Constant(node.value - 1), None


def _arithmetic(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.BinOp) and (other := _ARITHMETIC.get(type(node.op))) and not _is_type(node):
        yield "arithmetic changed", _with(node, op=other()), None


def _is_type(node: ast.BinOp) -> bool:
    """Whether it is `X | None`: a type, which decides nothing."""
    return isinstance(node.right, ast.Constant) and node.right.value is None


def _choice(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.IfExp):
        yield "choice forced", node.body, None
        yield "choice forced", node.orelse, None


def _skipped(node: ast.AST) -> Iterator[Change]:
    match node:
        case ast.If(body=[ast.Raise() | ast.Return() | ast.Continue() | ast.Expr()], orelse=[]):
            yield "check skipped", ast.Pass(), None
        case ast.If(body=[*_], orelse=[]):
            yield "condition forced", _with(node, test=ast.Constant(True)), node.test
        case ast.Expr(value=ast.Await(value=ast.Call() as call)) | ast.Expr(value=ast.Call() as call):
            if _name(call) not in _TELLING:
                yield "call dropped", ast.Pass(), None
        case ast.Expr(value=ast.Yield() | ast.YieldFrom()):
            yield "yield dropped", ast.Pass(), None


def _element(node: ast.AST) -> Iterator[Change]:
    if isinstance(node, ast.Tuple | ast.Set | ast.List) and _is_collection(node):
        for place, dropped in enumerate(node.elts):
            yield "element dropped", _with(node, elts=_without(node.elts, place)), dropped
    if isinstance(node, ast.Dict) and len(node.keys) > 1:
        dumps = [ast.dump(value) for value in node.values]
        for place, value in enumerate(dumps):
            other = next((at for at, one in enumerate(dumps) if one != value), None)
            if other is not None and node.keys[place] is not None:
                values = [*node.values[:place], node.values[other], *node.values[place + 1 :]]
                yield "value of another entry", _with(node, values=values), node.keys[place]


def _is_collection(node: ast.Tuple | ast.Set | ast.List) -> bool:
    """Whether it holds items of one kind, so that one may be missing. A pair is a row, and every reader uses both of its
    values."""
    loaded = isinstance(node, ast.Set) or isinstance(node.ctx, ast.Load)
    of_a_kind = len({type(one) for one in node.elts}) == 1
    return loaded and of_a_kind and len(node.elts) > (2 if isinstance(node, ast.Tuple) else 1)


_OPERATORS: tuple[Callable[[ast.AST], Iterator[Change]], ...] = (
    _comparison, _conjunction, _predicate, _opposite, _negation, _constant, _arithmetic, _choice, _skipped, _element,
)  # fmt: skip
