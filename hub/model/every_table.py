"""All tables of the hub in one metadata, for migrations and for the tests that compare them."""

from sqlmodel import SQLModel

from auth.tables import OAuthClientDocumentRow, OAuthClientRow
from hub.foundation.words import constrain_words
from hub.model.agencies import AgencyRow, ShownHouseholdRow
from hub.model.aid import DETAIL_OF, AidRecordRow
from hub.model.alerts import AlertReferralRow, AlertRow
from hub.model.applications import ApplicationRow
from hub.model.certifications import CertificationRow
from hub.model.changes import FieldChangeRow
from hub.model.circumstances import CircumstanceRow
from hub.model.conferences import ConferenceMeasureRow, ConferenceParticipantRow, ConferenceRow
from hub.model.county_options import CountyOptionRow
from hub.model.coverage import CoverageCategoryRow, CoverageKindRow, CoverageRow
from hub.model.disclosures import DisclosureEntryRow, DisclosureRow, ObjectionRow
from hub.model.elsewhere_searches import ElsewhereSearchesRow
from hub.model.export_jobs import ExportJobRow
from hub.model.households import HouseholdRow
from hub.model.import_jobs import ImportJobRow
from hub.model.import_runs import ImportBeforeRow, ImportRunRow
from hub.model.installation import InstallationRow
from hub.model.keys import KeyCheckRow
from hub.model.ledger import (
    AccessRecordRow,
    ChainEventRow,
    CoordinateSetRow,
    FeedCounterRow,
    OperationTextRow,
    WriteReceiptRow,
)
from hub.model.liability import LiabilityDecisionRow
from hub.model.lines import PovertyLineRow
from hub.model.live import LiveEntitlementRow, LiveHouseholdRow
from hub.model.log import LogBlockRow, LogCheckpointRow
from hub.model.monitoring import MonitoringResultRow, MonitoringRunRow
from hub.model.near_relatives import NearRelativeRow
from hub.model.offers import CharityOfferRow
from hub.model.office_words import OfficeWordRow
from hub.model.overlaps import OverlapCaseRow
from hub.model.persons import PersonRow
from hub.model.record_events import RecordEventRow
from hub.model.recoveries import RecoveryRow, RepaymentRow
from hub.model.referral_snapshots import (
    SentCertificationRow,
    SentCircumstanceRow,
    SentHouseholdRow,
    SentMemberRow,
)
from hub.model.referrals import ReferralAidRow, ReferralRow
from hub.model.regions import RegionRow
from hub.model.scheduled_jobs import ScheduledJobRow
from hub.model.schema_versions import SchemaVersionRow
from hub.model.sealed_parts import SealedPartRow
from hub.model.shares import MonthlyShareRow, ShareEntryRow
from hub.model.visits import VisitRow

ROWS: tuple[type[SQLModel], ...] = (
    RegionRow,
    AgencyRow,
    PovertyLineRow,
    CharityOfferRow,
    CountyOptionRow,
    InstallationRow,
    SchemaVersionRow,
    KeyCheckRow,
    OAuthClientRow,
    OAuthClientDocumentRow,
    HouseholdRow,
    PersonRow,
    ShownHouseholdRow,
    CertificationRow,
    LiabilityDecisionRow,
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
    FeedCounterRow,
    CoordinateSetRow,
    OperationTextRow,
    FieldChangeRow,
    RecordEventRow,
    LogCheckpointRow,
    LogBlockRow,
    AccessRecordRow,
    WriteReceiptRow,
    ElsewhereSearchesRow,
    ImportRunRow,
    ImportBeforeRow,
    ImportJobRow,
    ExportJobRow,
    SealedPartRow,
    OfficeWordRow,
    CoverageRow,
    CoverageCategoryRow,
    CoverageKindRow,
    LiveHouseholdRow,
    LiveEntitlementRow,
)

metadata = SQLModel.metadata
constrain_words(metadata)
