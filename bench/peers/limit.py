"""The limit: SQL written by hand for each question, whose bytes go through a bare Starlette route.

No GraphQL, no token, no permission, no record: `POST /W1` with the variables as JSON. What a service does more than
this, it pays for.
"""

import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.foundation.settings import Settings

_AID = """
select coalesce(json_agg(json_build_object({fields}) order by a.period_from desc, a.id desc), '[]')
from (
    select * from aid_record
    where household_id = h.id and superseded_at is null
    order by period_from desc, id desc limit {first}
) a
"""
_W1 = f"""
select json_build_object(
    'code', h.code, 'residence', h.residence, 'address', h.address, 'incomePerCapita', h.income_per_capita::text,
    'region', (select json_build_object('code', code, 'name', name) from region where code = h.region),
    'certifications', (
        select coalesce(json_agg(json_build_object(
            'category', category, 'validFrom', valid_from, 'validUntil', valid_until, 'endedOn', ended_on
        ) order by valid_from desc, id desc), '[]') from certification where household_id = h.id),
    'members', (
        select coalesce(json_agg(json_build_object(
            'name', name, 'gender', gender, 'birthDate', birth_date, 'relation', relation,
            'idNumberMasked', id_number_masked, 'health', health, 'disabilityType', disability_type,
            'disabilityGrade', disability_grade, 'educationStage', education_stage, 'school', school,
            'employment', employment, 'labour', labour
        ) order by id), '[]') from person where household_id = h.id and left_on is null),
    'aidRecords', json_build_object('nodes', ({
    _AID.format(
        first=20,
        fields='''
            'kind', a.kind, 'program', a.program, 'status', a.status, 'amount', a.amount::text,
            'outcome', a.outcome, 'decidedOn', a.decided_on, 'paidOn', a.paid_on,
            'agency', json_build_object('code', a.agency_id)
        ''',
    )
})),
    'referrals', json_build_object('nodes', (
        select coalesce(json_agg(json_build_object(
            'need', r.need, 'status', r.status, 'reason', r.reason, 'sentAt', r.sent_at, 'dueAt', r.due_at,
            'to', json_build_object('code', r.to_agency)
        ) order by r.sent_at desc, r.id desc), '[]')
        from (select * from referral where household_id = h.id order by sent_at desc, id desc limit 10) r))
)::text
from household h where h.code = $1
"""
_W2 = f"""
select json_build_object('nodes', coalesce(json_agg(json_build_object(
    'code', h.code, 'residence', h.residence, 'incomePerCapita', h.income_per_capita::text,
    'members', (
        select coalesce(json_agg(json_build_object(
            'name', name, 'gender', gender, 'birthDate', birth_date, 'relation', relation,
            'idNumberMasked', id_number_masked, 'health', health, 'employment', employment, 'labour', labour
        ) order by id), '[]') from person where household_id = h.id and left_on is null),
    'aidRecords', json_build_object('nodes', ({
    _AID.format(
        first=10,
        fields='''
            'kind', a.kind, 'program', a.program, 'status', a.status, 'amount', a.amount::text,
            'decidedOn', a.decided_on, 'agency', json_build_object('code', a.agency_id)
        ''',
    )
}))
) order by h.code), '[]'))::text
from (select * from household where code > $1 order by code limit 100) h
"""
_W4 = """
select json_build_object('nodes', coalesce(json_agg(json_build_object(
    'code', h.code, 'residence', h.residence, 'address', h.address, 'incomePerCapita', h.income_per_capita::text,
    'updatedAt', h.updated_at,
    'region', (select json_build_object('code', code, 'name', name) from region where code = h.region)
) order by h.code), '[]'))::text
from (select * from household where residence = 'RURAL' and code > $1 order by code limit 50) h
"""
_WITH_CIRCUMSTANCE = """
exists (
    select 1 from circumstance c
    where c.household_id = h.id and c.kind = any ($1)
        and (c.until is null or c.until >= (now() at time zone 'Asia/Shanghai')::date))
"""
_W5 = f"""
select json_build_object(
    'totalCount', (select count(*) from household h where {_WITH_CIRCUMSTANCE}),
    'nodes', (
        select coalesce(json_agg(json_build_object(
            'code', h.code, 'residence', h.residence,
            'region', (select json_build_object('code', code, 'name', name) from region where code = h.region),
            'members', (
                select coalesce(json_agg(json_build_object('name', name, 'relation', relation) order by id), '[]')
                from person where household_id = h.id and left_on is null)
        ) order by h.code), '[]')
        from (select * from household h where {_WITH_CIRCUMSTANCE} order by code limit 50) h)
)::text
"""
_STATEMENTS: Mapping[str, tuple[str, str, Callable[[Mapping[str, Any]], Any]]] = {
    "W1": (_W1, "household", lambda variables: variables["code"]),
    "W2": (_W2, "households", lambda variables: variables["after"] or ""),
    "W4": (_W4, "households", lambda variables: variables["after"] or ""),
    "W5": (_W5, "households", lambda variables: variables["kinds"]),
}


def create_limit(settings: Settings) -> Starlette:
    """The ASGI application: a route for each workload."""
    assert settings.reading_database_url is not None
    url = settings.reading_database_url.get_secret_value()
    opened: list[asyncpg.Pool] = []

    def route(name: str) -> Route:
        statement, key, value = _STATEMENTS[name]

        async def answer(request: Request) -> Response:
            reply = value(orjson.loads(await request.body()))
            async with opened[0].acquire() as connection:
                data = await connection.fetchval(statement, reply)
            return Response(f'{{"data":{{"{key}":{data}}}}}'.encode(), media_type="application/json")

        return Route(f"/{name}", answer, methods=["POST"])

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with asyncpg.create_pool(
            url,
            min_size=settings.pool_size,
            max_size=settings.pool_size,
            server_settings={"role": "hub_reader", "TimeZone": "UTC"},
        ) as pool:
            opened.append(pool)
            yield

    return Starlette(routes=[route(name) for name in _STATEMENTS], lifespan=lifespan)


if __name__ == "__main__":
    uvicorn.run(create_limit(Settings()), port=int(sys.argv[1]), log_level="warning")
