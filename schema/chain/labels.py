"""The words for codes in sentences, in English and Chinese, from the glossary."""

from collections.abc import Mapping
from enum import StrEnum

from hub.glossary.code_sets import term
from hub.model.agencies import ShownBecause
from hub.model.aid import AidKind, AidStatus, CorrectionReason
from hub.model.alerts import Disposition, Finding
from hub.model.certifications import Category, EndReason, MonitoredSubtype
from hub.model.circumstances import CircumstanceKind
from hub.model.disclosures import ListOf
from hub.model.liability import LiabilityOutcome, LiableParty
from hub.model.near_relatives import Kinship
from hub.model.visits import Recommendation

Words = Mapping[StrEnum, tuple[str, str]]
"""English and Chinese of the members of an enum."""


def _words(kind: type[StrEnum]) -> Words:
    return {member: (term(member).en, term(member).zh) for member in kind}


AID_KINDS = _words(AidKind)
CATEGORIES = _words(Category)
CIRCUMSTANCES = _words(CircumstanceKind)
CORRECTIONS = _words(CorrectionReason)
DISPOSITIONS = _words(Disposition)
ENDS = _words(EndReason)
FINDINGS = _words(Finding)
KINSHIPS = _words(Kinship)
LIABLE, LIABILITY = _words(LiableParty), _words(LiabilityOutcome)
LISTS = _words(ListOf)
RECOMMENDATIONS = _words(Recommendation)
SHOWN = _words(ShownBecause)
STATUSES = _words(AidStatus)
SUBTYPES = _words(MonitoredSubtype)
