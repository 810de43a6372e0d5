"""The root type of queries."""

from typing import Annotated

import sqlalchemy as sa
import strawberry
from strawberry.types.info import Info

from hub.foundation.database import CODE
from hub.foundation.encryption import Secrecy
from hub.foundation.texts import Form
from hub.persons.papers import number_registered
from hub.policy.facts.persons import present
from schema.aid.types import AidRecord, AidRecordFilter, AidRecordOrder
from schema.alerts.types import Alert, AlertFilter, AlertOrder, Visit, VisitFilter
from schema.applications.types import Application, ApplicationFilter
from schema.audit.filters import AccessRecordFilter
from schema.audit.types import AccessRecord, AccessRecordOrder
from schema.audit.unusual import AuditQueries
from schema.chain.feed import FeedQueries
from schema.chain.types import ChainEvent, ChainEventFilter
from schema.clauses.types import PolicyClauseQueries
from schema.code_tables.types import CodeTableQueries
from schema.conferences.types import Conference, ConferenceFilter
from schema.county_options.types import CountyOption, CountyOptionFilter
from schema.coverage.types import CoverageQueries
from schema.disclosures.types import Disclosure, DisclosureFilter
from schema.engine.declare import ids
from schema.engine.declare.bind_parameters import ArgumentValue
from schema.engine.declare.field_sources import Find
from schema.engine.declare.fields import connection, guarded, lookup
from schema.engine.declare.paging import Connection
from schema.engine.declare.row_types import NODES, Node
from schema.households.types import Household, HouseholdFilter, HouseholdOrder
from schema.lines.types import PovertyLine, PovertyLineFilter
from schema.monitoring.types import MonitoringRun
from schema.near_relatives.types import NearRelative, NearRelativeFilter
from schema.offers.types import CharityOffer, CharityOfferFilter
from schema.orders import (
    BY_CODE,
    BY_COUNTY,
    BY_RANK,
    FEED_ORDER,
    NEWEST_ACCESS,
    NEWEST_AID,
    NEWEST_ALERT,
    NEWEST_APPLICATION,
    NEWEST_CONFERENCE,
    NEWEST_DISCLOSURE,
    NEWEST_NEAR_RELATIVE,
    NEWEST_OFFER,
    NEWEST_OPTION,
    NEWEST_OVERLAP,
    NEWEST_RECOVERY,
    NEWEST_REFERRAL,
    NEWEST_RUN,
    NEWEST_SHARE,
    NEWEST_VISIT,
)
from schema.overlaps.types import OverlapCase, OverlapCaseFilter
from schema.persons.types import Person
from schema.recoveries.types import Recovery, RecoveryFilter
from schema.referrals.types import Referral, ReferralFilter, ReferralOrder
from schema.shares.types import MonthlyShare, MonthlyShareFilter
from schema.viewer.types import ViewerQueries
from schema.visits.types import HouseholdToVisit, VisitListFilter


async def _node(
    info: Info,
    id: Annotated[
        strawberry.ID,
        strawberry.argument(description="编号 The `id` of an object, as the hub returned it"),
    ],
) -> Node | None:
    name, key = ids.decode(id)
    if name not in NODES:
        raise ids.no_node()
    found: Node | None = await info.context.loaders.node(NODES[name], key)
    return found


def _by_code(household: sa.FromClause, code: ArgumentValue, _secrecy: Secrecy) -> sa.ColumnElement[bool]:
    return household.c.code == code.bind(CODE)


def _by_identity(person: sa.FromClause, id_number: ArgumentValue, secrecy: Secrecy) -> sa.ColumnElement[bool]:
    index = id_number.bind(
        sa.LargeBinary,
        lambda number: secrecy.blind_index(number_registered(number)),
        form=Form.LINE,
        searches=True,
    )
    return sa.and_(person.c.id_number_index == index, present(person))


@strawberry.type(description="查询 Every read")
class Query(AuditQueries, CodeTableQueries, PolicyClauseQueries, CoverageQueries, FeedQueries, ViewerQueries):
    """查询."""

    node: Node | None = guarded(
        Find(), _node, "按 id 查找 The object of an id, or null if it is out of sight"
    )
    household: Household | None = lookup(
        "Household",
        "code",
        _by_code,
        "按户编号查找 The household of a code",
        unique=True,
        means="户编号 The code of the household, as it is registered",
    )
    person: Person | None = lookup(
        "Person",
        "id_number",
        _by_identity,
        "按身份证号查找 The person of an identity number; an error if it matches more than one",
        means="身份证号 The 18 characters of the identity number (GB 11643); write it as a variable",
    )
    households: Connection[Household] | None = connection(
        "Household",
        "家庭 Households in your jurisdiction, and those shown to you, by code",
        order=BY_CODE,
        filter_by=HouseholdFilter,
        order_by=HouseholdOrder,
    )
    aid_records: Connection[AidRecord] | None = connection(
        "AidRecord",
        "救助记录 Aid records, newest first",
        order=NEWEST_AID,
        filter_by=AidRecordFilter,
        order_by=AidRecordOrder,
    )
    recoveries: Connection[Recovery] | None = connection(
        "Recovery",
        "追回 Recoveries, newest first (46-4.3)",
        order=NEWEST_RECOVERY,
        filter_by=RecoveryFilter,
    )
    referrals: Connection[Referral] | None = connection(
        "Referral",
        "转办单 Referrals, newest first",
        order=NEWEST_REFERRAL,
        filter_by=ReferralFilter,
        order_by=ReferralOrder,
    )
    applications: Connection[Application] | None = connection(
        "Application",
        "申请 Applications, newest first",
        order=NEWEST_APPLICATION,
        filter_by=ApplicationFilter,
    )
    alerts: Connection[Alert] | None = connection(
        "Alert",
        "预警 Alerts, newest first",
        order=NEWEST_ALERT,
        filter_by=AlertFilter,
        order_by=AlertOrder,
    )
    visits: Connection[Visit] | None = connection(
        "Visit",
        "走访 Visits, newest first",
        order=NEWEST_VISIT,
        filter_by=VisitFilter,
    )
    visit_list: Connection[HouseholdToVisit] | None = connection(
        "HouseholdToVisit",
        "重点走访名单 Households to visit first (46-2.3), the most urgent first",
        order=BY_RANK,
        filter_by=VisitListFilter,
    )
    conferences: Connection[Conference] | None = connection(
        "Conference",
        "一事一议 Case conferences, newest first",
        order=NEWEST_CONFERENCE,
        filter_by=ConferenceFilter,
    )
    overlap_cases: Connection[OverlapCase] | None = connection(
        "OverlapCase",
        "重复救助核实单 Cases of overlapping aid, newest first",
        order=NEWEST_OVERLAP,
        filter_by=OverlapCaseFilter,
    )
    near_relatives: Connection[NearRelative] | None = connection(
        "NearRelative",
        "近亲属备案 Officials' near relatives among those helped, newest first (46-4.3)",
        order=NEWEST_NEAR_RELATIVE,
        filter_by=NearRelativeFilter,
    )
    disclosures: Connection[Disclosure] | None = connection(
        "Disclosure",
        "公示 The public lists of your regions, newest first (46-4.3)",
        order=NEWEST_DISCLOSURE,
        filter_by=DisclosureFilter,
    )
    monitoring_runs: Connection[MonitoringRun] | None = connection(
        "MonitoringRun",
        "监测运行 Runs of monitoring over your whole jurisdiction, newest first",
        order=NEWEST_RUN,
    )
    charity_offers: Connection[CharityOffer] | None = connection(
        "CharityOffer",
        "慈善帮扶资源 Offers of charity, newest first",
        order=NEWEST_OFFER,
        filter_by=CharityOfferFilter,
    )
    county_options: Connection[CountyOption] | None = connection(
        "CountyOption",
        "延伸事项 What each county extended to whom, newest first (46-3.5)",
        order=NEWEST_OPTION,
        filter_by=CountyOptionFilter,
    )
    lines: Connection[PovertyLine] | None = connection(
        "PovertyLine",
        "标准线 Monthly standards and income lines, by county",
        order=BY_COUNTY,
        filter_by=PovertyLineFilter,
    )
    shares: Connection[MonthlyShare] | None = connection(
        "MonthlyShare",
        "每月共享 The monthly lists of each registry for each county, received or late, newest month first",
        order=NEWEST_SHARE,
        filter_by=MonthlyShareFilter,
    )
    chain_events: Connection[ChainEvent] | None = connection(
        "ChainEvent",
        "变更流 The change feed, in the order of commits. Store the last cursor and request what follows it; any"
        " client of your agency may do so",
        order=FEED_ORDER,
        filter_by=ChainEventFilter,
    )
    access_records: Connection[AccessRecord] | None = connection(
        "AccessRecord",
        "访问记录 Who read what, newest first",
        order=NEWEST_ACCESS,
        filter_by=AccessRecordFilter,
        order_by=AccessRecordOrder,
    )
