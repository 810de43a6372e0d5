"""The questions of W1, W2, W4 and W5 in the language of each system, always for the same rows.

The hub, its variants and the Strawberry peer use the same documents. PostGraphile names its fields after the tables, so
aliases give its answers the same shape. The limit takes only the variables.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import orjson

from bench.database import BenchDatabase
from bench.systems import CannotMeasure

Variables = Mapping[str, Any]
Ask = Callable[[str, Variables], Any]
"""One question to a GraphQL system: document, variables -> `data`."""

_W1 = """
query W1($code: String!) {
  household(code: $code) {
    code residence address incomePerCapita
    region { code name }
    certifications { category validFrom validUntil endedOn }
    members {
      name gender birthDate relation idNumberMasked health disabilityType disabilityGrade
      educationStage school employment labour
    }
    aidRecords(first: 20) { nodes { kind program status amount outcome decidedOn paidOn agency { code } } }
    referrals(first: 10) { nodes { need status reason sentAt dueAt to { code } } }
  }
}
"""
_W2 = """
query W2($after: String) {
  households(orderBy: {field: CODE}, first: 100, after: $after) {
    nodes {
      code residence incomePerCapita
      members { name gender birthDate relation idNumberMasked health employment labour }
      aidRecords(first: 10) { nodes { kind program status amount decidedOn agency { code } } }
    }
  }
}
"""
_W4 = """
query W4($after: String) {
  households(filter: {residence: RURAL}, orderBy: {field: CODE}, first: 50, after: $after) {
    nodes { code residence address incomePerCapita updatedAt region { code name } }
  }
}
"""
_W5 = """
query W5($kinds: [CircumstanceKind!]) {
  households(filter: {circumstance: $kinds}, orderBy: {field: CODE}, first: 50) {
    totalCount
    nodes { code residence region { code name } members { name relation } }
  }
}
"""
_WALK = """
query Walk($filter: HouseholdFilter!, $first: Int!, $after: String) {
  households(filter: $filter, orderBy: {field: CODE}, first: $first, after: $after) { pageInfo { endCursor } }
}
"""
DOCUMENTS = {"W1": _W1, "W2": _W2, "W4": _W4, "W5": _W5}

_MEMBERS = "members: peopleByHouseholdId(condition: {leftOn: null}, orderBy: [ROW_ID_ASC])"
_AID = "aidRecords: aidRecordsByHouseholdId(condition: {supersededAt: null}, orderBy: [PERIOD_FROM_DESC, ROW_ID_DESC], first: %d)"
_REGION = "region: regionByRegion { code name }"
_AGENCY = "agency: agencyByAgencyId { code: rowId }"
POSTGRAPHILE = {
    "W1": f"""
query W1($code: String!) {{
  household: householdByCode(code: $code) {{
    code residence address incomePerCapita
    {_REGION}
    certifications: certificationsByHouseholdId(orderBy: [VALID_FROM_DESC, ROW_ID_DESC]) {{
      nodes {{ category validFrom validUntil endedOn }}
    }}
    {_MEMBERS} {{
      nodes {{
        name gender birthDate relation idNumberMasked health disabilityType disabilityGrade
        educationStage school employment labour
      }}
    }}
    {_AID % 20} {{ nodes {{ kind program status amount outcome decidedOn paidOn {_AGENCY} }} }}
    referrals: referralsByHouseholdId(orderBy: [SENT_AT_DESC, ROW_ID_DESC], first: 10) {{
      nodes {{ need status reason sentAt dueAt to: agencyByToAgency {{ code: rowId }} }}
    }}
  }}
}}""",
    "W2": f"""
query W2($after: Cursor) {{
  households: allHouseholds(orderBy: [CODE_ASC], first: 100, after: $after) {{
    nodes {{
      code residence incomePerCapita
      {_MEMBERS} {{ nodes {{ name gender birthDate relation idNumberMasked health employment labour }} }}
      {_AID % 10} {{ nodes {{ kind program status amount decidedOn {_AGENCY} }} }}
    }}
  }}
}}""",
    "W4": f"""
query W4($after: Cursor) {{
  households: allHouseholds(condition: {{residence: "RURAL"}}, orderBy: [CODE_ASC], first: 50, after: $after) {{
    nodes {{ code residence address incomePerCapita updatedAt {_REGION} }}
  }}
}}""",
    "W5": f"""
query W5($kinds: [String!]) {{
  households: allHouseholds(condition: {{circumstances: $kinds}}, orderBy: [CODE_ASC], first: 50) {{
    totalCount
    nodes {{ code residence {_REGION} {_MEMBERS} {{ nodes {{ name relation }} }} }}
  }}
}}""",
}
_POSTGRAPHILE_WALK = """
query Walk($filter: HouseholdCondition!, $first: Int!, $after: Cursor) {
  households: allHouseholds(condition: $filter, orderBy: [CODE_ASC], first: $first, after: $after) {
    pageInfo { endCursor }
  }
}
"""
_KINDS = ("SERIOUS_ILLNESS", "DISABILITY", "REGISTERED_UNEMPLOYED", "HARDSHIP_STUDENT")
_CODES, _PAGES, _DEEP_PAGES = 500, 20, 10
_DEEP, _STRIDE = 50_000, 1000


@dataclass(frozen=True)
class Questions:
    """A workload for one system: the `path` of its server, and its variables, which ask for the same rows in every system."""

    path: str
    document: str | None
    variables: Sequence[Variables]

    def body(self, variables: Variables) -> str:
        """The request's body."""
        whole = variables if self.document is None else {"query": self.document, "variables": variables}
        return orjson.dumps(whole).decode()

    @property
    def bodies(self) -> list[str]:
        """The body of every question."""
        return [self.body(variable) for variable in self.variables]


def questions(system: str, ask: Ask, on: BenchDatabase) -> dict[str, Questions]:
    """Every read workload, for one system. Cursors are each system's own, so they are fetched from it."""
    households, rural = on.rows(
        "select count(*), count(*) filter (where residence = 'RURAL') from household"
    )[0]
    deep = min(_DEEP, rural // 2)
    if min(households // 100, deep // 50) < 2:
        raise CannotMeasure("There are too few households to measure anything; give HOUSEHOLDS=1000 or more.")
    pages = _cursors(system, ask, on, None, [100] * (min(_PAGES, households // 100) - 1))
    to_deep = [_STRIDE] * (deep // _STRIDE) + [deep % _STRIDE] * (deep % _STRIDE > 0)
    further = [50] * (min(_DEEP_PAGES, (rural - deep) // 50) - 1)
    beyond = _cursors(system, ask, on, "RURAL", to_deep + further)[len(to_deep) - 1 :]
    variables: dict[str, Sequence[Variables]] = {
        "W1": [{"code": code} for code in _codes(on)],
        "W2": [{"after": after} for after in [None, *pages]],
        "W4": [{"after": after} for after in beyond],
        "W4_first": [{"after": None}],
        "W5": [{"kinds": [kind]} for kind in _KINDS],
    }
    documents = POSTGRAPHILE if system == "postgraphile" else DOCUMENTS
    return {
        name: Questions(f"/{_question_of(name)}", None, of_workload)
        if system == "limit"
        else Questions("/graphql", documents[_question_of(name)], of_workload)
        for name, of_workload in variables.items()
    }


def _question_of(workload: str) -> str:
    """The question of a workload; the first page uses the document of the deep page."""
    return workload.removesuffix("_first")


def _codes(on: BenchDatabase) -> list[str]:
    """Households with at least 20 aid records, or with the most, in random order."""
    statement = """
    select code from household join (
        select household_id, count(*) as aid from aid_record where superseded_at is null group by household_id
    ) counted on household_id = id order by least(aid, 20) desc, md5(code) limit %s
    """
    return [code for (code,) in on.rows(statement, _CODES)]


def _cursors(
    system: str, ask: Ask, on: BenchDatabase, residence: str | None, steps: Sequence[int]
) -> list[str]:
    """The cursors after each of some steps through the households, in the order of their codes."""
    if system == "limit":
        condition, codes = "true" if residence is None else f"residence = '{residence}'", []
        for place in accumulate(steps):
            codes += on.rows(
                f"select code from household where {condition} order by code offset %s limit 1", place - 1
            )
        return [code for (code,) in codes]
    document = _POSTGRAPHILE_WALK if system == "postgraphile" else _WALK
    found: list[str] = []
    for first in steps:
        page = {
            "filter": {"residence": residence} if residence else {},
            "first": first,
            "after": found[-1] if found else None,
        }
        found.append(ask(document, page)["households"]["pageInfo"]["endCursor"])
    return found
