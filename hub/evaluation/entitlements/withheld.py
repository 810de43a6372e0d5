"""What a grant does not see of entitlements, from the rules and the scopes alone (46-4.2): a hidden fact is unknown, not
false.

If a grant may read no source of a rule's fact, its lists have no line of the rule. If it may read only some of the sources, a
line may be missing. Both are `rules_withheld`. A line that it does see also assumes that nobody reported the opposite: that
the person lives, that a member lives, that no other trouble came later. If the grant cannot read such a report, the line
names the missing scopes (`scopes_withheld`): it is true unless the facts behind them say otherwise.
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
    """The codes of the rules of which a grant may not see all entitlements; with `of_persons` only rules of persons."""
    return [
        rule.code
        for rule in RULES
        if (rule.of_person or not of_persons)
        and not (rule.is_open_to(grant) and all(fact.is_whole_to(grant) for fact in rule.facts))
    ]


def scopes_withheld(rule: EntitlementRule, grant: Grant) -> list[str]:
    """The scopes that a grant lacks, and whose facts could show that a line of a rule is false or has another window."""
    lacking = {
        scope.value
        for scopes in _could_be_refuted_by(rule)
        if not grant.covers(scopes)
        for scope in scopes[0] - grant.scopes
    }
    return sorted(lacking)


def _could_be_refuted_by(rule: EntitlementRule) -> list[ScopeSets]:
    """The scopes of the facts that could refute a line. A death ends an entitlement, and a household without a living member
    has none. The last trouble sets the window of urgent aid."""
    found = [] if rule.outlives else [_DEATHS] if rule.of_person else [PERSON.base, _DEATHS]
    if facts.IN_TROUBLE in rule.facts:
        found += [_DISASTERS, CERTIFICATION["subtype"]]
    return found
