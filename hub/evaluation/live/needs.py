"""Which scopes the kept rows need: all that the evaluation reads for them, so that their reader finds the same by evaluating."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from auth.grant import Grant, ScopeSets
from auth.scopes import Scope
from hub.evaluation.entitlements.rules import RULES, EntitlementRule
from hub.evaluation.visits.facts import URGENT
from hub.evaluation.visits.rules import VISIT_RULES
from hub.model.aid import AidKind
from hub.policy.permissions.aid_scopes import read_scope as read_scope_of_kind
from hub.policy.permissions.field_scopes import (
    CERTIFICATION,
    ENTITLEMENT,
    ENTITLEMENT_EVIDENCE,
    HOUSEHOLD,
    PERSON,
)
from hub.policy.permissions.implied_facts import FORM_IMPLIES
from hub.policy.permissions.registry_scopes import REGISTRIES, read_scope
from hub.policy.permissions.scope_sets import needs

EVERYTHING = Grant("civil_affairs@41", "evaluation", frozenset(Scope), ("41",), "monitoring")
"""The grant of the evaluation whose result is kept: the hub itself, which reads every fact."""
_REGISTRIES = frozenset(map(read_scope, REGISTRIES))


def _all(*required: ScopeSets) -> frozenset[Scope]:
    """The scopes of every way in which some requirements can be met."""
    return frozenset(scope for sets in required for one in sets for scope in one)


def _needs(rule: EntitlementRule) -> frozenset[Scope]:
    """The facts of a rule from each of their sources, every registry, by which a household's situation is read (the dead among
    it), and the aid and the referrals that answer the rule."""
    facts = _all(*(source.scopes for fact in rule.facts for source in fact.sources))
    forms = _all(*FORM_IMPLIES.values()) if rule.kind is AidKind.OTHER else frozenset()
    shown = _all(HOUSEHOLD["entitlements"], ENTITLEMENT["status"], ENTITLEMENT_EVIDENCE["referrals"])
    subjects = _all(CERTIFICATION["category"], PERSON.base)
    return facts | forms | shown | subjects | _REGISTRIES | {read_scope_of_kind(rule.kind)}


NEEDS: Mapping[str, frozenset[Scope]] = MappingProxyType({rule.code: _needs(rule) for rule in RULES})
"""By rule."""

NEEDS_OF_VISITS = _all(
    *(fact.needs for rule in VISIT_RULES.values() for fact in rule.facts),
    needs(*_REGISTRIES),
    needs(*map(read_scope_of_kind, URGENT)),
)
"""Of the visit list, all of whose reasons a household's rank depends on."""


def whole(rules: Iterable[EntitlementRule], grant: Grant) -> list[EntitlementRule]:
    """The rules of which a grant reads everything."""
    return [rule for rule in rules if NEEDS[rule.code] <= grant.scopes]
