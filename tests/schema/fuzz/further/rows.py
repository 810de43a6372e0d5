"""What the furnished sample has none of, put into a copy of it, so that each filter of a further list keeps some rows and not
others."""

import psycopg

_OF = "mod(abs(hashtext(id::text)), {})"
STATEMENTS = (
    # access records of natural persons, of two clients; refused, forbidden in part, with several errors
    f"update access_record set rows = {_OF.format(7)}, client_id = (array['c', 'd'])[{_OF.format(2)} + 1],"
    f" person = (array['王审计', '李审计', null])[{_OF.format(3)} + 1],"
    f" purpose = (array['test', 'supervision'])[{_OF.format(5)} / 3 + 1],"
    f" operation_name = (array['Q', 'Households', null])[{_OF.format(11)} / 4 + 1]",
    "insert into coordinate_set (digest, coordinates) values (sha256('both'), array['Household.code', 'Person.name']),"
    " (sha256('none'), array['Alert.status'])",
    f"update access_record set coordinates_digest = sha256('both') where {_OF.format(13)} < 4",
    f"update access_record set coordinates_digest = sha256('none'), outcome = 'PARTLY_FORBIDDEN', forbidden ="
    f" array['Person.idNumber', 'Household.code'] where {_OF.format(13)} = 5",
    f"update access_record set outcome = 'REFUSED', code = 'FORBIDDEN_FILTER', codes = array['FORBIDDEN_FILTER'], forbidden ="
    f" array['Person.idNumber'] where {_OF.format(13)} = 6",
    f"update access_record set outcome = 'WRITE_REFUSED', codes = array['CONFLICT', 'NO_SUCH_HOUSEHOLD'], kept = 1, refused = 2"
    f" where {_OF.format(13)} = 7",
    "insert into access_record (id, at, agency_id, client_id, purpose, operation_hash, coordinates_digest, forbidden,"
    " household_ids, rows, milliseconds, outcome, code) select gen_random_uuid(), timestamptz '2026-11-01', '', '', '',"
    " sha256('?'), sha256('none'), '{}', '{}', 0, 1, 'REFUSED', 'INVALID_TOKEN'",
    # applications of the needs that have none
    "insert into application (household_id, id, person_id, agency_id, channel, submitted_at, external_id) select household_id,"
    " md5(id::text)::uuid, person_id, from_agency, 'ONLINE', sent_at, 'B-' || id from referral where application_id is null",
    "update referral set application_id = md5(id::text)::uuid where application_id is null",
    # recoveries that came back in full, and of which nothing came
    "insert into recovery_repayment (household_id, recovery_id, number, kind, agency_id, amount, repaid_on, external_id,"
    " recorded_at) select r.household_id, r.id, 3, r.kind, r.agency_id, r.amount - sum(p.amount), r.opened_on + 9, 'P3-' || r.id,"
    " r.recorded_at from recovery r join recovery_repayment p on p.recovery_id = r.id"
    " where mod(abs(hashtext(r.id::text)), 4) = 0 group by r.household_id, r.id",
    "delete from recovery_repayment where mod(abs(hashtext(recovery_id::text)), 4) = 1",
    # lists of another month, one of them withdrawn
    "insert into disclosure (id, region, month, list_of, agency_id, published_at, entries, policy_basis, external_id,"
    " withdrawn_at, withdraw_reason, version) select md5(id || 'earlier')::uuid, region, date '2026-09-01', list_of, agency_id,"
    " published_at - interval '30 days' + interval '1 second' * mod(abs(hashtext(region)), 50), 3, policy_basis,"
    " external_id || 'earlier', case when mod(abs(hashtext(region)), 2) = 0 then published_at end,"
    " case when mod(abs(hashtext(region)), 2) = 0 then '有误' end, 1 from disclosure where list_of = 'CERTIFIED'",
    # runs of monitoring of two counties
    "insert into monitoring_run (id, region, as_of, started_at) select gen_random_uuid(), county, date '2026-10-01' + n,"
    " timestamptz '2026-10-01 02:00+00' + interval '1 day' * n from unnest(array['410105', '410181']) county,"
    " generate_series(1, 4) n",
    # offers of which nothing is left, which run out today, which ran out yesterday, and of a township
    "insert into charity_offer (id, agency_id, external_id, organisation, what, category, region, quantity, remaining, until,"
    " offered_at, version) select gen_random_uuid(), 'charity@' || left(region, 6), region || n, '慈善总会', '棉被',"
    " case when n = 4 then 'SUBSISTENCE_ALLOWANCE' end, region, 5, n / 2 * 2, today - (n = 3)::int, timestamptz '2026-09-02'"
    " + interval '1 hour' * n, 1 from unnest(array['410105', '410105001', '410181']) region, generate_series(1, 4) n,"
    " (select (now() at time zone 'Asia/Shanghai')::date as today) d",
    # options that ended, and one that begins the day on which another ends
    "insert into county_option (id, county, item, category, since, document, agency_id, external_id, recorded_at, ended_on,"
    " end_reason, version) select gen_random_uuid(), county, item, category, since, '文件', 'civil_affairs@' || county,"
    " item || since, timestamptz '2026-02-01' + interval '1 minute' * place, ended_on,"
    " case when ended_on is not null then '停止' end, 1 from"
    " unnest(array['410105', '410181']) with ordinality c (county, place), (values"
    " ('HEATING', 'RIGID_EXPENDITURE', date '2025-01-01', date '2026-03-01'),"
    " ('HEATING', 'RIGID_EXPENDITURE', date '2026-03-01', null), ('DISABILITY_LIVING', 'RIGID_EXPENDITURE', date '2026-05-01',"
    " date '2026-05-01')) o (item, category, since, ended_on)",
    # a line replaced by a later one and by one to come, the earlier version of which was corrected
    "insert into poverty_line (county, residence, category, from_month, version, yuan, source, client_id, recorded_at,"
    " superseded_at) select county, 'URBAN', 'SUBSISTENCE_ALLOWANCE', from_month, version, 800 + version, '文', 'c',"
    " timestamptz '2026-06-01', case when version = 1 and month = 7 then timestamptz '2026-06-02' end from"
    " unnest(array['410105', '410181']) county, (values (7, 1), (7, 2), (3, 1)) v (month, version),"
    " make_date(case month when 3 then 2027 else 2026 end, month, 1) from_month",
    # lists of a month that came on the last day, late, not yet; one that is never late
    "update monthly_share set first_shared_at = (due_on + time '23:59') at time zone 'Asia/Shanghai', shared_at = now()"
    " where mod(abs(hashtext(source_registry || kind || region)), 7) = 1",
    "update monthly_share set first_shared_at = (due_on + 1 + time '00:00') at time zone 'Asia/Shanghai', shared_at = now()"
    " where mod(abs(hashtext(source_registry || kind || region)), 7) = 2",
    "update monthly_share set first_shared_at = null, shared_at = null"
    " where mod(abs(hashtext(source_registry || kind || region)), 7) = 3",
    "update monthly_share set due_on = null where mod(abs(hashtext(source_registry || kind || region)), 7) = 4",
)  # fmt: skip


def vary(url: str) -> None:
    """Put all of it into a copy of the furnished sample."""
    with psycopg.connect(url) as connection:
        for statement in STATEMENTS:
            connection.execute(statement.encode())
