"""The statements of the limit: for each question the best that we can write, with JSON as bytes.

They build JSON as the hub does (joined text, no functions that look up types), read only the requested columns, count from an
index, and have no guard: no row rule, no households for an access record. Nobody should be able to write one that is 5%
faster; whoever can, changes it here.
"""

from collections.abc import Mapping

_INSTANT = """YYYY-MM-DD"T"HH24:MI:SS.US"Z\""""


def _text(value: str) -> str:
    """Text that may need escaping."""
    return f"to_json({value}::text)"


def _text_or_null(value: str) -> str:
    return f"coalesce(to_json({value}), 'null')"


def _word(value: str) -> str:
    """Text that needs no escaping in JSON, never null."""
    return f"""'"', {value}, '"'"""


def _word_or_null(value: str) -> str:
    return f"""case when {value} is null then 'null' else concat('"', {value}, '"') end"""


def _instant(value: str) -> str:
    return _word(f"to_char({value}, '{_INSTANT}')")


def _object(fields: Mapping[str, str]) -> str:
    opened = [
        f"""'{"," if place else "{"}"{name}":', {value}"""
        for place, (name, value) in enumerate(fields.items())
    ]
    return f"concat({', '.join(opened)}, '}}')"


def _list(item: str, rows: str) -> str:
    return f"concat('[', (select string_agg({item}, ',') from ({rows}) x), ']')"


def _nodes(item: str, rows: str) -> str:
    return f"""concat('{{"nodes":[', (select string_agg({item}, ',') from ({rows}) x), ']}}')"""


def _columns(table: str, columns: str, rest: str) -> str:
    return f"select {columns} from {table} where {rest}"


_REGION = f"""(select {_object({"code": _text("r.code"), "name": _text("r.name")})} from region r where r.code = h.region)"""
_AGENCY = _object({"code": _text("x.agency_id")})
_CERTIFICATIONS = _list(
    _object(
        {
            "category": _word("x.category"),
            "validFrom": _word("x.valid_from"),
            "validUntil": _word_or_null("x.valid_until"),
            "endedOn": _word_or_null("x.ended_on"),
        }
    ),
    _columns(
        "certification",
        "category, valid_from, valid_until, ended_on",
        "household_id = h.id order by valid_from desc, id desc",
    ),
)
_OF_MEMBER = {
    "name": _text("x.name"),
    "gender": _word("x.gender"),
    "birthDate": _word("x.birth_date"),
    "relation": _word("x.relation"),
    "idNumberMasked": _text("x.id_number_masked"),
    "health": _word_or_null("x.health"),
    "disabilityType": _word_or_null("x.disability_type"),
    "disabilityGrade": "coalesce(x.disability_grade::text, 'null')",
    "educationStage": _word_or_null("x.education_stage"),
    "school": _text_or_null("x.school"),
    "employment": _word_or_null("x.employment"),
    "labour": _word_or_null("x.labour"),
}
_MEMBER_COLUMNS = {
    "name": "name", "gender": "gender", "birthDate": "birth_date", "relation": "relation",
    "idNumberMasked": "id_number_masked", "health": "health", "disabilityType": "disability_type",
    "disabilityGrade": "disability_grade", "educationStage": "education_stage", "school": "school",
    "employment": "employment", "labour": "labour",
}  # fmt: skip


def _members(*names: str) -> str:
    return _list(
        _object({name: _OF_MEMBER[name] for name in names}),
        _columns(
            "person",
            ", ".join(_MEMBER_COLUMNS[name] for name in names),
            "household_id = h.id and left_on is null order by id",
        ),
    )


def _aid(first: int, *names: str) -> str:
    fields = {
        "kind": _word("x.kind"),
        "program": _text("x.program"),
        "status": _word("x.status"),
        "amount": _word_or_null("x.amount"),
        "outcome": _text_or_null("x.outcome"),
        "decidedOn": _word("x.decided_on"),
        "paidOn": _word_or_null("x.paid_on"),
        "agency": _AGENCY,
    }
    return _nodes(
        _object({name: fields[name] for name in names}),
        _columns(
            "aid_record",
            "kind, program, status, amount, outcome, decided_on, paid_on, agency_id",
            f"household_id = h.id and superseded_at is null order by period_from desc, id desc limit {first}",
        ),
    )


_REFERRALS = _nodes(
    _object(
        {
            "need": _word("x.need"),
            "status": _word("x.status"),
            "reason": _text("x.reason"),
            "sentAt": _instant("x.sent_at"),
            "dueAt": _instant("x.due_at"),
            "to": _object({"code": _text("x.to_agency")}),
        }
    ),
    _columns(
        "referral",
        "need, status, reason, sent_at, due_at, to_agency",
        "household_id = h.id order by sent_at desc, id desc limit 10",
    ),
)
_CODE, _RESIDENCE = _text("h.code"), _word("h.residence")
_INCOME = _word_or_null("h.income_per_capita")


def _answer(key: str, value: str, rows: str = "") -> str:
    return f"""select convert_to(concat('{{"data":{{"{key}":', {value}, '}}}}'), 'UTF8') {rows}"""


def _page(item: str, rows: str) -> str:
    return f"""'{{"nodes":[', (select string_agg({item}, ',') from ({rows}) h), ']}}'"""


_STANDS = """
kind = any ($1) and since <= (now() at time zone 'Asia/Shanghai')::date
and (until is null or until >= (now() at time zone 'Asia/Shanghai')::date)
"""
_W1_FIELDS = {
    "code": _CODE,
    "residence": _RESIDENCE,
    "address": _text_or_null("h.address"),
    "incomePerCapita": _INCOME,
    "region": _REGION,
    "certifications": _CERTIFICATIONS,
    "members": _members(*_OF_MEMBER),
    "aidRecords": _aid(20, "kind", "program", "status", "amount", "outcome", "decidedOn", "paidOn", "agency"),
    "referrals": _REFERRALS,
}
W1 = _answer("household", _object(_W1_FIELDS), "from household h where h.code = $1")
W2 = _answer(
    "households",
    _page(
        _object(
            {
                "code": _CODE,
                "residence": _RESIDENCE,
                "incomePerCapita": _INCOME,
                "members": _members(
                    "name",
                    "gender",
                    "birthDate",
                    "relation",
                    "idNumberMasked",
                    "health",
                    "employment",
                    "labour",
                ),
                "aidRecords": _aid(10, "kind", "program", "status", "amount", "decidedOn", "agency"),
            }
        ),
        _columns("household", "id, code, residence, income_per_capita", "code > $1 order by code limit 100"),
    ),
)
W4 = _answer(
    "households",
    _page(
        _object(
            {
                "code": _CODE,
                "residence": _RESIDENCE,
                "address": _text_or_null("h.address"),
                "incomePerCapita": _INCOME,
                "updatedAt": _instant("h.updated_at"),
                "region": _REGION,
            }
        ),
        _columns(
            "household",
            "code, residence, address, income_per_capita, updated_at, region",
            # an equality would make the planner use the index of all codes
            "(residence, code) > ('RURAL', $1) and residence <= 'RURAL' order by residence, code limit 50",
        ),
    ),
)
_W5_NODES = _page(
    _object(
        {"code": _CODE, "residence": _RESIDENCE, "region": _REGION, "members": _members("name", "relation")}
    ),
    _columns(
        "household o",
        "id, code, residence, region",
        f"exists (select from circumstance where household_id = o.id and {_STANDS}) order by code limit 50",
    ),
)
W5 = _answer(
    "households",
    f"""'{{"totalCount":', (select count(distinct household_id) from circumstance where {_STANDS}), ',', """
    + _W5_NODES.replace("""'{"nodes":[',""", """'"nodes":[',""", 1),
)
