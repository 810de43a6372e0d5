"""Writing follows reading: who may not read a field may neither compare it nor overwrite it (46-4.2).

The scopes are those of the one table of fields, by the names that inputs, files and events have. Registering a household compares
what is said with what stands, and puts it in its place, whoever said it before; so does certifying.
"""

from collections.abc import Iterable, Mapping

from auth.grant import Grant
from auth.scopes import Scope
from hub.policy.permissions.field_scopes import CERTIFICATION, OF_HOUSEHOLD, OF_PERSON
from hub.policy.permissions.scope_sets import together

_OF_CERTIFICATIONS = ("category", "support", "validFrom", "validUntil")
(CERTIFIED,) = together(*(CERTIFICATION[one] for one in _OF_CERTIFICATIONS))
"""What one needs to read who certifies, or ends a certification."""

(CERTIFIED_AMOUNT,) = together((CERTIFIED,), CERTIFICATION["certifiedAmount"])
"""What one needs to read who states the amount of an allowance or of support."""

REGISTERED: Mapping[str, frozenset[Scope]] = {
    **OF_HOUSEHOLD,
    **OF_PERSON,
    "head": OF_PERSON["name"],
    **dict.fromkeys(_OF_CERTIFICATIONS, CERTIFIED),
    "certifiedAmount": CERTIFIED_AMOUNT,
}
"""What can be said of a household and of its members: every scope that one needs who writes it, besides the scope to write."""


def closed_to(grant: Grant, fields: Mapping[str, Iterable[Scope]] = REGISTERED) -> dict[str, Scope]:
    """The fields that a grant may not write, each with the first scope that it lacks."""
    lacking = {name: sorted(set(scopes) - grant.scopes) for name, scopes in fields.items()}
    return {name: scopes[0] for name, scopes in lacking.items() if scopes}
