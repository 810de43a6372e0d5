"""Every table of the hub in one metadata, for migrations and for the tests that compare the two."""

from sqlmodel import SQLModel

from auth.tables import OAuthClientDocumentRow, OAuthClientRow
from hub.agencies.tables import AgencyRow, ShownHouseholdRow
from hub.aid.tables import DETAIL_OF, AidRecordRow
from hub.certifications.tables import CertificationRow
from hub.circumstances.tables import CircumstanceRow
from hub.exchange.tables import ImportRunRow
from hub.households.tables import HouseholdRow
from hub.installation import InstallationRow
from hub.ledger.tables import AccessRecordRow, ChainEventRow, WriteReceiptRow
from hub.persons.tables import PersonRow
from hub.referrals.tables import ReferralAidRow, ReferralRow
from hub.regions.tables import RegionRow

ROWS: tuple[type[SQLModel], ...] = (
    RegionRow,
    AgencyRow,
    InstallationRow,
    OAuthClientRow,
    OAuthClientDocumentRow,
    HouseholdRow,
    PersonRow,
    ShownHouseholdRow,
    CertificationRow,
    CircumstanceRow,
    AidRecordRow,
    *DETAIL_OF.values(),
    ReferralRow,
    ReferralAidRow,
    ChainEventRow,
    AccessRecordRow,
    WriteReceiptRow,
    ImportRunRow,
)

metadata = SQLModel.metadata
