"""The enums of the domain as GraphQL enums, described by the glossary. Imported before every type that uses one."""

from enum import StrEnum

from hub.evaluation.access.rules import UnusualAccessKind
from hub.evaluation.visits.rules import VisitReason
from hub.glossary.code_sets import code_set
from hub.model import aid, alerts, overlaps, persons
from hub.model.agencies import Department, ShownBecause
from hub.model.applications import ApplicationStatus, Channel
from hub.model.certifications import Category, EndReason, MonitoredSubtype, Support
from hub.model.circumstances import CircumstanceKind
from hub.model.conferences import ConferenceStatus
from hub.model.disclosures import ListOf
from hub.model.entitlements import EntitlementStatus
from hub.model.households import Residence
from hub.model.import_runs import ImportKind
from hub.model.ledger import AccessOutcome, EventType
from hub.model.liability import LiabilityOutcome, LiableParty
from hub.model.near_relatives import Kinship
from hub.model.provenance import Origin
from hub.model.recoveries import RecoveryManner, RecoveryStatus
from hub.model.referrals import ReferralStatus
from hub.model.regions import RegionLevel
from hub.model.visits import Recommendation, VisitKind
from schema.engine.declare.enums import declare_enum

WORDS: tuple[type[StrEnum], ...] = (
    RegionLevel,
    Department,
    Residence,
    Category,
    MonitoredSubtype,
    Support,
    EndReason,
    CircumstanceKind,
    persons.Gender,
    persons.Relation,
    persons.Health,
    persons.DisabilityType,
    persons.EducationStage,
    persons.Employment,
    persons.Labour,
    aid.AidKind,
    aid.AidStatus,
    aid.CorrectionReason,
    Kinship,
    LiableParty,
    LiabilityOutcome,
    ListOf,
    RecoveryManner,
    RecoveryStatus,
    *map(aid.forms_of, aid.AidKind),
    aid.Payee,
    aid.DangerGrade,
    ReferralStatus,
    Channel,
    ApplicationStatus,
    ConferenceStatus,
    alerts.Finding,
    alerts.Severity,
    alerts.AlertStatus,
    alerts.Disposition,
    alerts.ClosedBecause,
    overlaps.OverlapCode,
    overlaps.Bearing,
    overlaps.ProgrammeLevel,
    overlaps.OverlapStatus,
    overlaps.OverlapDisposition,
    overlaps.OverlapSide,
    Recommendation,
    VisitKind,
    VisitReason,
    EventType,
    EntitlementStatus,
    Origin,
    ImportKind,
    AccessOutcome,
    UnusualAccessKind,
)
IN_SENTENCES: tuple[type[StrEnum], ...] = (ShownBecause,)
"""Enums that no field returns: their words appear only in sentences."""

for _word in WORDS:
    _codes = code_set(_word)
    declare_enum(_word, _codes.description, {name: term.description for name, term in _codes.values.items()})
