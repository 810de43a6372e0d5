"""The permissions of a caller, decided once for a request from its verified token."""

from dataclasses import dataclass, field

from auth.scopes import Scope

ScopeSets = tuple[frozenset[Scope], ...]
"""An OR of ANDs, as in Apollo federation's @requiresScopes."""


def covers(scopes: frozenset[Scope], required: ScopeSets) -> bool:
    """Whether scopes satisfy `required`, an OR of ANDs; an empty requirement is always satisfied."""
    return not required or any(one <= scopes for one in required)


@dataclass(frozen=True, slots=True)
class Grant:
    """The caller and the purpose of the request.

    `regions` are GB/T 2260 prefixes (`4101`, `410105`, `410105001`): the agency's jurisdiction. `person` is the natural
    person behind an interactive client, None for a machine client. `trusted_documents_only`: the client may send registered
    documents only. `token_id`, `expires_at`: of its token; seconds since 1970. `counted_as`: the client whose daily limits
    the request uses, if these are not the client's own.
    """

    agency: str
    client: str
    scopes: frozenset[Scope]
    regions: tuple[str, ...]
    purpose: str
    purposes: tuple[str, ...] = ()
    person: str | None = None
    reject_forbidden: bool = False
    trusted_documents_only: bool = False
    token_id: str = field(default="", compare=False)
    expires_at: int | None = field(default=None, compare=False)
    counted_as: str | None = None

    def covers(self, required: ScopeSets) -> bool:
        """Whether the scopes satisfy `required`."""
        return covers(self.scopes, required)

    @property
    def department(self) -> str:
        """The department of the agency: `education` of `education@410105`."""
        return self.agency.partition("@")[0]

    @property
    def region(self) -> str:
        """The agency's own region, GB/T 2260: `410105` of `education@410105`; empty if it has none."""
        return self.agency.partition("@")[2]
