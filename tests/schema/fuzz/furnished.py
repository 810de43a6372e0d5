"""Adds to a copy of the sample the rows that it lacks: findings of monitoring and their consequences, applications, cases,
requests, changes, and the records of supervision (46-2.3, 46-2.4, 46-4.3).

Monitoring runs by its own command, on facts that it can find. The other rows refer to existing rows by id.
"""

import psycopg

from hub.evaluation.monitoring.run import run_monitoring
from hub.foundation.calendar import today
from hub.foundation.database import Database
from hub.foundation.settings import Settings
from hub.model.every_table import metadata
from tests.hub.policy.permissions.staged import reckon
from tests.schema.fuzz.outside import COLUMNS, FIELDS

_CHOSEN = "a.version = 1 and a.amount > 0 and mod(abs(hashtext(a.id::text)), 6) = 1"
_RELATED = "mod(abs(hashtext(p.id::text)), 7) = 2"
READERS = (
    "education@410105",
    "civil_affairs@4101",
    "audit@4101",
    "health@410181",
    "finance@410183",
    "audit@410105",
)
_COUNTY = "'civil_affairs@' || left(h.region, 6)"
_FACTS = (
    "insert into circumstance (household_id, id, person_id, kind, source_registry, since, disability_type, disability_grade,"
    " education_stage, agency_id, external_id, recorded_at) select p.household_id, md5(p.id || k.kind)::uuid, p.id, k.kind,"
    " k.registry, h.updated_at::date - 60, k.type, k.grade, k.stage, k.registry || '@' || left(h.region, 6), 'F-' || p.id,"
    " h.updated_at from person p join household h on h.id = p.household_id join (values"
    " (1, 'HARDSHIP_STUDENT', 'education', null, null, 'PRIMARY'),"
    " (2, 'REGISTERED_UNEMPLOYED', 'human_resources', null, null, null),"
    " (3, 'SERIOUS_ILLNESS', 'health', null, null, null), (4, 'DISABILITY', 'disabled_federation', 'PHYSICAL', 1, null),"
    " (5, 'DEATH', 'civil_affairs', null, null, null)) k (which, kind, registry, type, grade, stage)"
    " on k.which = mod(abs(hashtext(p.id::text)), 11)",
    "update household set income_per_capita = income_per_capita + 3000 where mod(abs(hashtext(code)), 5) = 1",
)
"""Reports of registries, and incomes, that monitoring finds."""


def _some(of: str, many: int, *which: int) -> str:
    """SQL: whether an alert belongs to a part of the alerts: the `which` of `many` parts, whatever its id."""
    return f"mod(abs(hashtext({of}.household_id || {of}.finding || {of}.evidence)), {many}) in {(*which, -1)}"


_AFTER_MONITORING = (
    "insert into alert (household_id, id, finding, severity, evidence, reason, needs, policy_basis, raised_by, to_agency,"
    " raised_at, due_at, status, external_id, version) select h.id, md5(h.id || 'spot')::uuid, 'FOUND_ON_THE_SPOT', 'HIGH', '',"
    f" '走访发现' || h.code, '{{}}', '46-2.3', {_COUNTY}, {_COUNTY}, h.updated_at, h.updated_at + interval '14 days', 'OPEN',"
    " 'S-' || h.code, 1 from household h where mod(abs(hashtext(h.code)), 2) = 0",
    "insert into visit (household_id, id, person_id, alert_id, agency_id, visited_on, visitors, found, recommendation,"
    " external_id, recorded_at) select a.household_id, md5(a.id || 'visit')::uuid, a.person_id, a.id, a.to_agency,"
    " a.raised_at::date, '李娜' || a.household_id, '家中无人照料' || a.household_id, (array['NOTHING', 'CARRY_OUT', 'INCLUDE',"
    " 'CONFERENCE', 'TERMINATE'])[mod(abs(hashtext(a.household_id::text)), 5) + 1], 'V-' || a.id, a.raised_at from alert a"
    f" where {_some('a', 3, 0, 1)}",
    "insert into visit (household_id, id, agency_id, visited_on, visitors, found, recommendation, external_id, recorded_at)"
    f" select h.id, md5(h.id || 'visit')::uuid, {_COUNTY}, h.updated_at::date - 9, '王强', '一切正常' || h.code, 'NOTHING',"
    " 'W-' || h.code, h.updated_at from household h where mod(abs(hashtext(h.code)), 3) = 0",
    "update alert a set status = 'VISITED' where exists (select from visit v where v.alert_id = a.id)",
    "insert into conference (household_id, id, person_id, alert_id, called_by, called_at, meets_on, matter, status, held_on,"
    " minutes, decision, external_id, version) select a.household_id, md5(a.id || 'conference')::uuid, a.person_id, a.id,"
    f" {_COUNTY}, a.raised_at, a.raised_at::date + 2, '情形复杂' || h.code, case when held then 'HELD' else 'CALLED' end,"
    " case when held then a.raised_at::date + 2 end, case when held then '各单位同意' || h.code end,"
    " case when held then '分类救助' || h.code end, a.id, 2 from alert a join household h on h.id = a.household_id,"
    f" lateral (select mod(abs(hashtext(h.code)), 3) > 0 as held) how where {_some('a', 3, 0)}",
    "insert into conference_participant (household_id, conference_id, agency_id) select distinct c.household_id, c.id, agency"
    " from conference c join household h on h.id = c.household_id, unnest(array[c.called_by, 'education@' || left(h.region, 6),"
    " 'charity@410105']) with ordinality p (agency, place) where place = 1 or mod(abs(hashtext(h.code || agency)), 2) = 0",
    "insert into conference_measure (household_id, conference_id, number, agency_id, kind, amount, what, referral_id)"
    " select c.household_id, c.id, 1, c.called_by, 'TEMPORARY', 5000, '给予临时救助' || c.household_id, (select min(r.id::text)"
    "::uuid from referral r where r.household_id = c.household_id) from conference c where c.status = 'HELD'",
    "update alert a set status = 'DISPOSED', disposition = 'CONFERENCE', disposition_reason = '一事一议' || a.household_id,"
    " disposed_by = c.called_by, disposed_at = c.called_at, conference_id = c.id, version = 3 from conference c"
    " where c.alert_id = a.id",
    "update alert a set status = 'DISPOSED', disposition = 'TERMINATE', disposition_reason = '不再符合' || a.household_id,"
    " disposed_by = a.to_agency, disposed_at = a.raised_at, version = 3, certification_id = c.id from certification c"
    f" where c.household_id = a.household_id and {_some('a', 12, 1, 4)}",
    "update alert a set status = 'DISPOSED', disposition = case when mod(abs(hashtext(a.household_id::text)), 2) = 0"
    " then 'INCLUDE' else 'CARRY_OUT' end, disposition_reason = '已推送' || a.household_id, disposed_by = a.to_agency,"
    f" disposed_at = a.raised_at, version = 3 where a.status = 'VISITED' and {_some('a', 12, 7)}",
    "insert into alert_referral (household_id, alert_id, referral_id) select a.household_id, a.id, r.id from alert a"
    " join referral r on r.household_id = a.household_id where mod(abs(hashtext(a.id || r.id::text)), 3) > 0",
    "update alert a set status = 'CLOSED', closed_at = raised_at, closed_because = case when disposition is null"
    f" then 'FACT_GONE' else 'DISPOSED' end where {_some('a', 5, 0)}",
    "update overlap_case c set alert_id = a.id from alert a where a.household_id = c.household_id and c.alert_id is null",
)
"""Visits, dispositions, conferences and pushed needs for alerts of monitoring and of agencies."""
_BESIDE = (
    "insert into application (household_id, id, person_id, agency_id, channel, submitted_at, external_id)"
    " select household_id, md5(id::text)::uuid, person_id, from_agency, 'COUNTER', sent_at, 'A-' || id from referral"
    " where mod(hashtext(id::text), 2) = 0",
    "update referral set application_id = md5(id::text)::uuid where mod(hashtext(id::text), 2) = 0",
    "insert into charity_offer (id, agency_id, external_id, organisation, what, category, region, quantity, remaining, until,"
    " offered_at, withdrawn_at, version) select md5(a.id || n)::uuid, a.id, 'O-' || n, '慈善总会' || n, '冬衣' || n,"
    " case when n = 2 then 'EXTREME_HARDSHIP' end, split_part(a.id, '@', 2), 10, 10 - n, date '2099-12-31',"
    " timestamptz '2026-09-01', case when n = 3 then timestamptz '2026-10-01' end, 1 from agency a, generate_series(1, 3) n"
    " where a.id like 'charity@4101%'",
    "insert into county_option (id, county, item, category, since, document, agency_id, external_id, recorded_at, version)"
    " select md5(a.id || 'option')::uuid, split_part(a.id, '@', 2), 'DISABILITY_LIVING', 'SUBSISTENCE_MARGIN', date '2026-01-01',"
    " '文件', a.id, 'option', timestamptz '2026-01-05', 1 from agency a where a.id like 'civil_affairs@4101__'",
    "insert into access_record (id, at, agency_id, client_id, purpose, operation_name, operation_hash, coordinates_digest,"
    " forbidden, household_ids, rows, milliseconds, outcome, person_ids, whole_households, variables, numbers_named)"
    " select md5(id || reader)::uuid, created_at, reader, 'c',"
    " 'test', 'Q', sha256(code::bytea), sha256('Household.code'), '{}', array[id], 3, 5, 'ANSWERED',"
    " array(select p.id from person p where p.household_id = household.id and mod(hashtext(p.id::text), 2) = 0)"
    ", mod(hashtext(code), 2) = 0, array['code'],"
    " array(select p.id_number_index from person p where p.household_id = household.id and p.id_number_index is not null"
    " and mod(hashtext(p.id::text), 3) = 0)"
    f" from household, unnest(array{list(READERS)}) reader where mod(hashtext(code || reader), 4) = 0",
    "insert into coordinate_set (digest, coordinates) values (sha256('Household.code'), array['Household.code'])",
    "insert into operation_text (digest, document) select sha256(code::bytea), 'query Q { household }' from household",
    "insert into overlap_case (household_id, id, rule, first_household_id, first_id, first_agency, second_id, second_agency,"
    " second_external_id, said, to_agency, opened_at, status, disposition, withdrawn, reason, decided_by, decided_at, version)"
    " select b.household_id, md5(a.id::text || b.id)::uuid, 'NO_DUPLICATE', a.household_id, a.id, a.agency_id, b.id,"
    " b.agency_id, b.external_id, '情况说明', 'civil_affairs@' || left(h.region, 6), b.recorded_at, c.status,"
    " c.disposition, c.withdrawn, c.reason, c.decided_by, b.recorded_at, 2 from aid_record a join aid_record b"
    " on b.household_id = a.household_id and b.id > a.id and b.agency_id <> a.agency_id and b.kind <> a.kind"
    " join household h on h.id = a.household_id join (values (0, 'OPEN', null, null, null, null), (1, 'DECIDED', 'BOTH_STAND',"
    " null, '经核实', 'civil_affairs@4101'), (2, 'DECIDED', 'RECOVER', 'SECOND', '应追回', 'civil_affairs@4101'))"
    " c (which, status, disposition, withdrawn, reason, decided_by) on c.which = mod(abs(hashtext(b.id::text)), 3)"
    " where mod(hashtext(a.id || b.id::text), 37) = 0",
    "insert into overlap_case (household_id, id, rule, first_household_id, first_id, first_agency, second_id, second_agency,"
    " second_external_id, to_agency, opened_at, status, version) select b.household_id,"
    " md5(a.id::text || b.id || 'met')::uuid, 'NO_DUPLICATE', a.household_id, a.id, third.agency, b.id, b.agency_id,"
    " b.external_id, 'civil_affairs@' || left(h.region, 6), b.recorded_at, 'OPEN', 1 from aid_record b"
    " join household h on h.id = b.household_id,"
    " lateral (select * from aid_record a where a.household_id <> b.household_id order by md5(a.id::text || b.id) limit 1) a,"
    " lateral (select (array['health@410105', 'charity@410105', 'education@410181'])[mod(abs(hashtext(b.id::text)), 3) + 1]"
    " as agency) third where mod(hashtext(b.id::text), 29) = 0 and b.version = 1",
    "insert into field_change (household_id, number, field, before, after)"
    f" select id, 1, field, 'before', 'after' from household, unnest(array{list(FIELDS)}) field",
)
"""Applications, offers, requests, cases and changes."""
_SUPERVISED = (
    f"update aid_record a set revoked_because = 'FALSE_CLAIM' where {_CHOSEN}",
    "insert into recovery (household_id, id, person_id, aid_id, kind, agency_id, because, amount, reason, opened_on, due_on,"
    " waived, waive_reason, waived_by, waived_on, policy_basis, external_id, version, recorded_at)"
    " select a.household_id, md5(a.id || 'recovery')::uuid, a.person_id, a.id, a.kind, a.agency_id, case when w then 'MISTAKE'"
    " else 'FALSE_CLAIM' end, a.amount,"
    " '虚报' || a.external_id, a.decided_on, a.decided_on + 60, case when w then 0.01 end, case when w then '困难' end,"
    " case when w then a.agency_id end, case when w then a.decided_on + 30 end, '46-4.3', 'R-' || a.id, 1, a.recorded_at"
    f" from aid_record a, lateral (select mod(abs(hashtext(a.household_id::text)), 3) = 0 as w) waived where {_CHOSEN}",
    "insert into recovery_repayment (household_id, recovery_id, number, kind, agency_id, amount, repaid_on, external_id,"
    " recorded_at) select r.household_id, r.id, n, r.kind, r.agency_id, r.amount / 4, r.opened_on + n, 'P-' || r.id || n,"
    " r.recorded_at from recovery r, generate_series(1, 2) n where r.amount >= 1",
    "insert into near_relative (household_id, id, person_id, kinship, office, post, agency_id, declared_on, ended_on, end_reason,"
    " policy_basis, external_id, version, recorded_at) select p.household_id, md5(p.id || 'relative')::uuid, p.id, 'CHILD',"
    " '街道办' || p.id, '科员' || p.id, 'civil_affairs@' || left(h.region, 6), date '2026-03-01',"
    " case when e then date '2026-06-01' end, case when e then '调离' end, '46-4.3', 'N-' || p.id, 1, h.updated_at"
    " from person p join household h on h.id = p.household_id, lateral (select mod(abs(hashtext(p.id::text)), 4) = 0 as e) ended"
    f" where {_RELATED}",
    "insert into liability_decision (household_id, id, aid_id, party, outcome, reason, measure, agency_id, decided_on,"
    " policy_basis, external_id, recorded_at) select a.household_id, md5(a.id || 'liability')::uuid, a.id, 'OFFICIAL',"
    " 'HELD_LIABLE', '核查不严' || a.external_id, '约谈' || a.external_id, 'civil_affairs@' || left(h.region, 6), a.decided_on,"
    f" '46-4.3', 'L-' || a.id, a.recorded_at from aid_record a join household h on h.id = a.household_id where {_CHOSEN}",
    "insert into disclosure (id, region, month, list_of, agency_id, published_at, entries, policy_basis, external_id,"
    " withdrawn_at, withdraw_reason, version) select md5(township || list || 'list')::uuid, township, date '2026-10-01', list,"
    " 'civil_affairs@' || left(township, 6), timestamptz '2026-10-20', 3, '46-4.3', township || list,"
    " case when list = 'HELPED' then timestamptz '2026-10-25' end, case when list = 'HELPED' then '有误' end, 1"
    " from (select distinct left(region, 9) as township from household) t, unnest(array['CERTIFIED', 'HELPED']) list",
    "insert into disclosure_entry (disclosure_id, number, region, household_id, masked_name, category, since)"
    " select d.id, row_number() over (partition by d.id order by c.id), h.region, h.id, '张*' || c.id, c.category, c.valid_from"
    " from disclosure d join household h on left(h.region, 9) = d.region join certification c on c.household_id = h.id",
    "insert into disclosure_objection (household_id, id, disclosure_id, number, agency_id, objected_on, ground, alert_id,"
    " external_id, recorded_at) select e.household_id, md5(e.disclosure_id::text || e.number)::uuid, e.disclosure_id, e.number,"
    " a.to_agency, date '2026-10-22', '不属实' || e.household_id, a.id, 'X-' || e.disclosure_id || e.number, a.raised_at"
    " from disclosure_entry e join alert a on a.household_id = e.household_id and a.finding = 'FOUND_ON_THE_SPOT'"
    " where mod(abs(hashtext(e.household_id::text || e.number)), 3) > 0",
)
"""Recoveries, declarations, public lists and objections to them."""


async def furnish(url: str, settings: Settings) -> None:
    """Put all of it into a copy of the sample."""
    _execute(url, _FACTS)
    database = Database(url, settings)
    await run_monitoring(database, today())
    await database.close()
    _execute(url, (*_BESIDE, *_AFTER_MONITORING, *_SUPERVISED, *_amended()))
    await reckon(url, settings)


def _execute(url: str, statements: tuple[str, ...]) -> None:
    with psycopg.connect(url) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def _amended() -> tuple[str, ...]:
    """Second versions of some aid records, with their details."""
    statements = []
    for table in ("aid_record", *(name for name in COLUMNS if name.endswith("_detail"))):
        columns = [column.name for column in metadata.tables[table].columns]
        change = {"version": "2", "amount": "amount + 1", "amendment_reason": "'更正'", "outcome": "'更正'"}
        values = ", ".join(change.get(name, name) for name in columns)
        statements.append(
            f"insert into {table} ({', '.join(columns)}) select {values} from {table}"
            " where mod(hashtext(id::text), 5) = 0"
        )
    ended = "update aid_record set superseded_at = now() where version = 1 and mod(hashtext(id::text), 5) = 0"
    return (*statements, ended)
