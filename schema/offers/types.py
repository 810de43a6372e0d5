"""Charity offers (46-3.6), matched with needs by the agencies that refer and answer them."""

from datetime import date, datetime

import sqlalchemy as sa
import strawberry

from hub.foundation.calendar import TODAY
from hub.foundation.database import table_of
from hub.model.certifications import Category
from hub.model.offers import CharityOfferRow
from hub.policy.facts.offers import available
from schema.engine.declare.field_sources import Reads
from schema.engine.declare.fields import column, derived, to_one, where
from schema.engine.declare.filters import is_value
from schema.engine.declare.row_types import Node, OnRows, on_rows
from schema.regions.arguments import region_of
from schema.regions.types import Agency, Region


@on_rows(
    Reads("CharityOffer", table_of(CharityOfferRow), ("id",), ("id",)),
    "慈善帮扶资源 What an organisation offers to the low-income population, matched with needs (46-3.6)",
)
class CharityOffer(OnRows, Node):
    """慈善帮扶资源."""

    agency: Agency | None = to_one("Agency", {"id": "agency_id"}, "登记单位 Who registered it")
    external_id: str | None = column("external_id", "资源编号 The id by which a charity record names it")
    organisation: str | None = column("organisation", "慈善组织 The offering organisation")
    what: str | None = column("what", "内容 What is offered")
    category: Category | None = column("category", "面向类别 The category; null: any")
    region: Region | None = to_one("Region", {"code": "region"}, "区划 Where")
    quantity: int | None = column("quantity", "数量 Number of times that it can be given")
    remaining: int | None = column("remaining", "剩余 How many times are left")
    until: date | None = column("until", "截止日期 The last day of the offer")
    offered_at: datetime | None = column("offered_at", "登记时间 When the hub recorded it")
    withdrawn_at: datetime | None = column("withdrawn_at", "撤回时间 When it was withdrawn")
    open: bool | None = derived(
        lambda offer, _: available(offer, TODAY),
        "是否可用 Some of it is left, and it has neither expired nor been withdrawn",
        made_of=("CharityOffer.remaining", "CharityOffer.until", "CharityOffer.withdrawnAt"),
    )
    version: int | None = column("version", "版本 For expectedVersion")


@strawberry.input(description="慈善帮扶资源筛选 Which offers; all fields must match")
class CharityOfferFilter:
    """Offers for a need: by region, category and availability."""

    region: str | None = where(
        "CharityOffer.region",
        lambda o, v, _: region_of(v).op("^@")(o.c.region),
        "区划 Offered to this region or to a wider one that contains it",
    )
    category: Category | None = where(
        "CharityOffer.category",
        lambda o, v, _: sa.or_(o.c.category.is_(None), is_value(o.c.category, v)),
        "类别 Offered to this category, or to any",
    )
    open: bool | None = where(
        "CharityOffer.open",
        lambda o, v, _: available(o, TODAY) == v.bind(sa.Boolean),
        "是否可用 Still available",
    )
