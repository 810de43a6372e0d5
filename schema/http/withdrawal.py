"""Shows what a client's registered documents would lose if a scope were withdrawn."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from auth.documents import RegisteredDocument
from auth.scopes import Scope
from schema.engine.compile.requirements import Requirement
from schema.engine.refusals import RequestRefused
from schema.http.explain import Explainer


@dataclass(frozen=True)
class Loss:
    """The loss of one operation of a document. `unreadable` is the code of the refusal if the document no longer fits the
    schema; its loss is then unknown."""

    client_id: str
    sha256: str
    operation: str | None
    lost: tuple[Requirement, ...]
    unreadable: str | None = None

    def body(self) -> dict[str, Any]:
        """The loss as JSON."""
        return {
            "client_id": self.client_id,
            "sha256": self.sha256,
            "operation": self.operation,
            "lost": [
                {"coordinate": one.coordinate, "asFilter": one.as_filter, "variable": one.variable}
                for one in self.lost
            ],
            "unreadable": self.unreadable,
        }


def losses(
    explainer: Explainer, document: RegisteredDocument, scopes: frozenset[Scope], withdrawn: Scope
) -> Iterator[Loss]:
    """The operations that would lose something, for all values of their variables; none if nothing changes."""
    client, sha256 = document.client_id, document.sha256
    try:
        for one in explainer.each_operation(document.text):
            before, after = one.forbidden(scopes), one.forbidden(scopes - {withdrawn})
            if lost := tuple(each for each in after if each not in before):
                yield Loss(client, sha256, one.operation, lost)
    except RequestRefused as refused:
        yield Loss(client, sha256, None, (), refused.kind.code)
