"""The scopes of each kind of aid."""

from auth.scopes import Scope
from hub.model.aid import AidKind


def read_scope(kind: AidKind) -> Scope:
    """The scope that opens amount and details of a kind."""
    return Scope[f"AID_{kind.value}_READ"]


def write_scope(kind: AidKind) -> Scope:
    """The scope with which an agency may write aid of a kind."""
    return Scope[f"AID_{kind.value}_WRITE"]
