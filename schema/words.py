"""The domain's words as GraphQL enums, described by the glossary. Imported before any type that uses one."""

from enum import StrEnum

from hub.agencies.tables import Department
from hub.aid import tables as aid
from hub.alerts import tables as alerts
from hub.applications.tables import ApplicationStatus, Channel
from hub.certifications.tables import Category, EndReason, MonitoredSubtype, Support
from hub.circumstances.tables import CircumstanceKind
from hub.conferences.tables import ConferenceStatus
from hub.disclosures.tables import ListOf
from hub.entitlements.tables import EntitlementStatus
from hub.exchange.tables import ImportKind
from hub.glossary.code_sets import code_set
from hub.households.tables import Residence
from hub.ledger.tables import AccessOutcome, EventType
from hub.near_relatives.tables import Kinship
from hub.overlaps import rules as overlap_rules
from hub.overlaps import tables as overlaps
from hub.persons import tables as persons
from hub.provenance.tables import Origin
from hub.recoveries.tables import RecoveryStatus
from hub.referrals.tables import ReferralStatus
from hub.regions.tables import RegionLevel
from hub.visits.rules import VisitReason
from hub.visits.tables import Recommendation
from schema.enums import declare_enum

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
    ListOf,
    RecoveryStatus,
    aid.BasicLivingForm,
    aid.Payee,
    aid.MedicalForm,
    aid.EducationForm,
    aid.HousingForm,
    aid.DangerGrade,
    aid.EmploymentForm,
    aid.DisasterForm,
    aid.TemporaryForm,
    aid.ServiceForm,
    aid.OtherForm,
    aid.CharityForm,
    ReferralStatus,
    Channel,
    ApplicationStatus,
    ConferenceStatus,
    alerts.Finding,
    alerts.Severity,
    alerts.AlertStatus,
    alerts.Disposition,
    alerts.ClosedBecause,
    overlap_rules.OverlapCode,
    overlap_rules.Bearing,
    overlaps.OverlapStatus,
    overlaps.OverlapDisposition,
    overlaps.OverlapSide,
    Recommendation,
    VisitReason,
    EventType,
    EntitlementStatus,
    Origin,
    ImportKind,
    AccessOutcome,
)

for _word in WORDS:
    _codes = code_set(_word)
    declare_enum(_word, _codes.description, {name: term.description for name, term in _codes.values.items()})
