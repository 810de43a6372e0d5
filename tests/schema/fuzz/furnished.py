"""What supervision leaves (46-4.3) and the sample has none of: aid that was revoked and money that comes back, near
relatives of officials, public lists.

It hangs on rows of the sample by their ids alone, so that what is put here is the same in each copy.
"""

from typing import Any

import psycopg

_CHOSEN = "a.version = 1 and a.amount > 0 and mod(abs(hashtext(a.id::text)), 6) = 1"
_RELATED = "mod(abs(hashtext(p.id::text)), 7) = 2"
_FURNISH = (
    f"update aid_record a set revoked_because = 'FALSE_CLAIM' where {_CHOSEN}",
    "insert into recovery (household_id, id, person_id, aid_id, kind, agency_id, because, amount, reason, opened_on, due_on,"
    " waived, waive_reason, waived_by, waived_on, policy_basis, external_id, version, recorded_at)"
    " select a.household_id, md5(a.id || 'recovery')::uuid, a.person_id, a.id, a.kind, a.agency_id, 'FALSE_CLAIM', a.amount,"
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
    "insert into disclosure (id, region, month, list_of, agency_id, published_at, entries, policy_basis, external_id,"
    " withdrawn_at, withdraw_reason, version) select md5(township || list || 'list')::uuid, township, date '2026-10-01', list,"
    " 'civil_affairs@' || left(township, 6), timestamptz '2026-10-20', 3, '46-4.3', township || list,"
    " case when list = 'HELPED' then timestamptz '2026-10-25' end, case when list = 'HELPED' then '有误' end, 1"
    " from (select distinct left(region, 9) as township from household) t, unnest(array['CERTIFIED', 'HELPED']) list",
    "insert into disclosure_entry (disclosure_id, number, region, household_id, masked_name, category, since)"
    " select d.id, row_number() over (partition by d.id order by c.id), h.region, h.id, '张*' || c.id, c.category, c.valid_from"
    " from disclosure d join household h on left(h.region, 9) = d.region join certification c on c.household_id = h.id",
)


def furnish(connection: "psycopg.Connection[Any]") -> None:
    """Put it into a copy of the sample."""
    for statement in _FURNISH:
        connection.execute(statement.encode())


def furnished_keys(connection: "psycopg.Connection[Any]") -> dict[str, list[tuple[Any, ...]]]:
    """The keys that rows have where they are furnished, read from the sample that they hang on; by the word of their ids."""
    queries = {
        "Recovery": f"select household_id, md5(id || 'recovery')::uuid from aid_record a where {_CHOSEN}",
        "NearRelative": f"select household_id, md5(id || 'relative')::uuid from person p where {_RELATED}",
        "Disclosure": "select distinct md5(left(region, 9) || 'CERTIFIED' || 'list')::uuid from household",
    }
    return {
        name: list(connection.execute(f"{query} order by 1 limit 10".encode()))
        for name, query in queries.items()
    }
