"""The scopes needed to read stored results: all that the evaluation reads for them. A reader with these scopes would get the
same result from an evaluation."""

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
"""The grant of the evaluation whose results are stored: the hub itself, which reads every fact."""
_REGISTRIES = frozenset(map(read_scope, REGISTRIES))


def _all(*required: ScopeSets) -> frozenset[Scope]:
    """All scopes of all alternatives of some requirements."""
    return frozenset(scope for sets in required for scopes in sets for scope in scopes)


def _needs(rule: EntitlementRule) -> frozenset[Scope]:
    """The scopes of everything that a rule's result depends on: each source of its facts, every registry (for the household's
    situation, deaths included), and the aid and the referrals that fulfil the rule."""
    facts = _all(*(source.scopes for fact in rule.facts for source in fact.sources))
    forms = _all(*FORM_IMPLIES.values()) if rule.kind is AidKind.OTHER else frozenset()
    shown = _all(HOUSEHOLD["entitlements"], ENTITLEMENT["status"], ENTITLEMENT_EVIDENCE["referrals"])
    subjects = _all(CERTIFICATION["category"], PERSON.base)
    return facts | forms | shown | subjects | _REGISTRIES | {read_scope_of_kind(rule.kind)}


NEEDS: Mapping[str, frozenset[Scope]] = MappingProxyType({rule.code: _needs(rule) for rule in RULES})
"""The scopes needed for a rule's stored results, by the rule's code."""

NEEDS_OF_VISITS = _all(
    *(fact.needs for rule in VISIT_RULES.values() for fact in rule.facts),
    needs(*_REGISTRIES),
    needs(*map(read_scope_of_kind, URGENT)),
)
"""The scopes needed for the stored visit list. A household's rank depends on all reasons."""


def whole(rules: Iterable[EntitlementRule], grant: Grant) -> list[EntitlementRule]:
    """The rules for which a grant reads everything that their results depend on."""
    return [rule for rule in rules if NEEDS[rule.code] <= grant.scopes]
