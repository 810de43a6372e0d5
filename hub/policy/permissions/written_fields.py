"""Writing follows reading: a caller who may not read a field may neither compare nor overwrite it (46-4.2).

The scopes come from the one table of fields, by the names in inputs, files and events. To register a household is to compare
the written values with the stored values and to replace them, whoever wrote them; so is to certify.
"""

from collections.abc import Iterable, Mapping

from auth.grant import Grant
from auth.scopes import Scope
from hub.policy.permissions.field_scopes import CERTIFICATION, OF_HOUSEHOLD, OF_PERSON
from hub.policy.permissions.scope_sets import together

_OF_CERTIFICATIONS = ("category", "support", "validFrom", "validUntil")
(CERTIFIED,) = together(*(CERTIFICATION[field] for field in _OF_CERTIFICATIONS))
"""The scopes to read that a caller needs to certify, or to end a certification."""

(CERTIFIED_AMOUNT,) = together((CERTIFIED,), CERTIFICATION["certifiedAmount"])
"""The scopes to read that a caller needs to state the amount of an allowance or of support."""

REGISTERED: Mapping[str, frozenset[Scope]] = {
    **OF_HOUSEHOLD,
    **OF_PERSON,
    "head": OF_PERSON["name"],
    **dict.fromkeys(_OF_CERTIFICATIONS, CERTIFIED),
    "certifiedAmount": CERTIFIED_AMOUNT,
}
"""The fields that can be written of a household and its members: for each, the scopes that the caller needs in addition to
the scope to write."""


def closed_to(grant: Grant, fields: Mapping[str, Iterable[Scope]] = REGISTERED) -> dict[str, Scope]:
    """The fields that a grant may not write, each with the first scope that it lacks."""
    lacking = {name: sorted(set(scopes) - grant.scopes) for name, scopes in fields.items()}
    return {name: scopes[0] for name, scopes in lacking.items() if scopes}
