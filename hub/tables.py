"""Every table of the hub in one metadata, for migrations and for the tests that compare the two."""

from sqlmodel import SQLModel

from auth.tables import OAuthClientDocumentRow, OAuthClientRow
from hub.agencies.tables import AgencyRow, ShownHouseholdRow
from hub.aid.tables import DETAIL_OF, AidRecordRow
from hub.alerts.tables import AlertReferralRow, AlertRow
from hub.applications.tables import ApplicationRow
from hub.certifications.tables import CertificationRow
from hub.changes.tables import FieldChangeRow
from hub.circumstances.tables import CircumstanceRow
from hub.conferences.tables import ConferenceMeasureRow, ConferenceParticipantRow, ConferenceRow
from hub.coverage.tables import CoverageCategoryRow, CoverageKindRow, CoverageRow
from hub.disclosures.tables import DisclosureEntryRow, DisclosureRow, ObjectionRow
from hub.exchange.tables import ImportRunRow
from hub.households.tables import HouseholdRow
from hub.installation import InstallationRow
from hub.ledger.tables import AccessRecordRow, ChainEventRow, CoordinateSetRow, WriteReceiptRow
from hub.lines.tables import PovertyLineRow
from hub.monitoring.tables import MonitoringResultRow, MonitoringRunRow
from hub.near_relatives.tables import NearRelativeRow
from hub.offers.tables import CharityOfferRow
from hub.overlaps.tables import OverlapCaseRow
from hub.persons.tables import PersonRow
from hub.recoveries.tables import RecoveryRow, RepaymentRow
from hub.referrals.sent import SentCertificationRow, SentCircumstanceRow, SentHouseholdRow, SentMemberRow
from hub.referrals.tables import ReferralAidRow, ReferralRow
from hub.regions.tables import RegionRow
from hub.schedule.tables import ScheduledJobRow
from hub.shares.tables import MonthlyShareRow, ShareEntryRow
from hub.visits.tables import VisitRow

ROWS: tuple[type[SQLModel], ...] = (
    RegionRow,
    AgencyRow,
    PovertyLineRow,
    CharityOfferRow,
    InstallationRow,
    OAuthClientRow,
    OAuthClientDocumentRow,
    HouseholdRow,
    PersonRow,
    ShownHouseholdRow,
    CertificationRow,
    NearRelativeRow,
    CircumstanceRow,
    MonthlyShareRow,
    ShareEntryRow,
    AidRecordRow,
    *DETAIL_OF.values(),
    RecoveryRow,
    RepaymentRow,
    ApplicationRow,
    ReferralRow,
    ReferralAidRow,
    SentHouseholdRow,
    SentMemberRow,
    SentCertificationRow,
    SentCircumstanceRow,
    ConferenceRow,
    ConferenceParticipantRow,
    ConferenceMeasureRow,
    AlertRow,
    AlertReferralRow,
    OverlapCaseRow,
    VisitRow,
    DisclosureRow,
    DisclosureEntryRow,
    ObjectionRow,
    MonitoringRunRow,
    MonitoringResultRow,
    ScheduledJobRow,
    ChainEventRow,
    CoordinateSetRow,
    FieldChangeRow,
    AccessRecordRow,
    WriteReceiptRow,
    ImportRunRow,
    CoverageRow,
    CoverageCategoryRow,
    CoverageKindRow,
)

metadata = SQLModel.metadata
