"""What a grant is not told of entitlements, by the rules and the scopes alone (46-4.2): a hidden fact is unknown, not false.

A rule whose fact is wholly closed to a grant has no line in its lists. One whose fact has several sources may have a line that
only a closed source would show: both are `rules_withheld`. A line that is told rests besides on what nobody has reported: that
the person lives, that a member does, that no other trouble came later. Where the grant could not read such a report, the line
names the scopes (`scopes_withheld`): it holds as far as the facts behind them do not say otherwise.
"""

from auth.grant import Grant, ScopeSets
from hub.evaluation.entitlements import facts
from hub.evaluation.entitlements.rules import RULES, EntitlementRule
from hub.model.agencies import Department
from hub.policy.permissions.field_scopes import CERTIFICATION, PERSON
from hub.policy.permissions.registry_scopes import read_scope
from hub.policy.permissions.scope_sets import needs

_DEATHS = needs(read_scope(Department.CIVIL_AFFAIRS))
_DISASTERS = needs(read_scope(Department.EMERGENCY_MANAGEMENT))


def rules_withheld(grant: Grant, *, of_persons: bool = False) -> list[str]:
    """The codes of the rules, of all or of persons alone, whose entitlements a grant may not be told of, or not of every one."""
    return [
        rule.code
        for rule in RULES
        if (rule.of_person or not of_persons)
        and not (rule.is_open_to(grant) and all(fact.is_whole_to(grant) for fact in rule.facts))
    ]


def scopes_withheld(rule: EntitlementRule, grant: Grant) -> list[str]:
    """The scopes that a grant lacks of those by which a line of a rule could prove wrong or its window another one."""
    lacking = {
        scope.value
        for scopes in _could_be_refuted_by(rule)
        if not grant.covers(scopes)
        for scope in scopes[0] - grant.scopes
    }
    return sorted(lacking)


def _could_be_refuted_by(rule: EntitlementRule) -> list[ScopeSets]:
    """A death ends an entitlement, and a household without a living member has none; the trouble that came last sets the window
    of urgent aid."""
    found = [] if rule.outlives else [_DEATHS] if rule.of_person else [PERSON.base, _DEATHS]
    if facts.IN_TROUBLE in rule.facts:
        found += [_DISASTERS, CERTIFICATION["subtype"]]
    return found
