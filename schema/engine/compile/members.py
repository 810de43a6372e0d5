"""The fields that lead from a household to all its members.

An access record names the persons of the rows at the top of an answer. Data below a household may concern any member, so
reading such a field is recorded as reading all of them.
"""

from collections.abc import Mapping

from schema.engine.declare.field_sources import TYPES, Connect, Inline, Read, Reads, ToMany, ToOne


def fields_of_members(reads: Mapping[str, Read]) -> frozenset[str]:
    """The coordinates among `reads` that lead from a row of a household to rows of persons."""
    return frozenset(name for name, read in reads.items() if _leads_to_members(name.partition(".")[0], read))


def _leads_to_members(parent: str, read: Read) -> bool:
    own = _rows_of(parent)
    if own is None or own.household is None or own.person is not None:
        return False
    match read:
        case ToOne() | ToMany() | Connect():
            target = _rows_of(read.to)
            return target is not None and target.household is not None and target.person is not None
        case Inline():
            return "person_id" in read.columns
        case _:
            return False


def _rows_of(name: str) -> Reads | None:
    """The rows of a type, if it is based on rows."""
    return getattr(TYPES.get(name), "reads", None)
