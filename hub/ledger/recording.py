"""The database records every write: triggers on every table of records, whatever program writes a row.

A trigger writes one record event for each row that a statement inserts or changes, in the statement's transaction, as the
owner: the service's roles cannot write one. `hub migrate` updates the triggers to the forms of this version and records the
rows that an upgrade changed. The reasons for triggers: docs/adr/0015-rows-proven-by-events.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from hub.ledger.record_form import RecordForm, form_of

_SETTING = "hub.recording"
_OFF = "off"
_FUNCTION = "record_event_of_"
_NEW = "new_rows n"


def _differing(table: str, rows: str) -> str:
    """A query for those of the rows (a query of household_id, record, digest) that differ from their last events."""
    return f"""
select r.*, '{table}' as relation, last.number, last.link
from ({rows}) r
left join lateral (
  select number, digest, link from record_event e
  where e.household_id {"is null" if "null::uuid" in rows else "= r.household_id"}
    and e.relation = '{table}' and e.record = r.record
  order by number desc limit 1
) last on true
where last.digest is distinct from r.digest"""


def _inserted(form: RecordForm) -> str:
    """A query for the rows of an INSERT, in the shape of `_differing`: new rows have no earlier event."""
    rows = form.select(_NEW)
    return f"select r.*, '{form.table}' as relation, null::int as number, null::bytea as link from ({rows}) r"


def _events(rows: str) -> str:
    """The statement that writes the events of such rows."""
    return f"""
insert into record_event (household_id, relation, record, number, digest, link, written_at, written_by, reason)
select r.household_id, r.relation, r.record, coalesce(r.number, 0) + 1, r.digest,
  sha256(coalesce(r.link, '') || r.digest), transaction_timestamp(),
  coalesce(nullif(current_setting('role'), 'none'), session_user),
  nullif(current_setting('{_SETTING}', true), '')
from ({rows}) r"""


def _body(form: RecordForm) -> str:
    """The body of a table's trigger function. A row inserted again under the key of a deleted one has an event already: a new
    event is written only if the row differs from it."""
    return f"""
begin
  if current_setting('{_SETTING}', true) = '{_OFF}' then
    return null;
  end if;
  if TG_OP = 'INSERT' then{_events(_inserted(form))}
    on conflict do nothing;
  else{_events(_differing(form.table, form.select(_NEW)))};
  end if;
  return null;
end
"""


def set_recording(connection: sa.Connection, reason: str | None) -> None:
    """Set the reason for the record events of the rest of the transaction; None: it writes none, and its changes are sealed
    later."""
    connection.execute(sa.select(sa.func.set_config(_SETTING, _OFF if reason is None else reason, True)))


@dataclass(frozen=True)
class Upgrade:
    """An upgrade of the schema, from `begin_upgrade` to `seal`. `recorded`: whether rows were recorded before it."""

    recorded: bool


def begin_upgrade(connection: sa.Connection) -> Upgrade:
    """Record nothing until `seal`, and remember the rows that differ from their last events now: an upgrade seals its own
    changes, and no earlier ones."""
    set_recording(connection, None)
    connection.exec_driver_sql(
        "create temporary table unproven (household_id uuid, relation text, record text) on commit drop"
    )
    functions = connection.execute(_REMEMBERED, {"prefix": _FUNCTION}).all()
    for function, rows in functions:
        table = function.removeprefix(_FUNCTION)
        connection.exec_driver_sql(
            "insert into unproven select household_id, relation, record from"
            f" ({_differing(table, rows)}) differing".replace("%", "%%")
        )
    return Upgrade(bool(functions))


def seal(connection: sa.Connection, upgrade: Upgrade, tables: Sequence[sa.Table], revision: str) -> None:
    """Write one record event for each row that an upgrade changed, or for all rows if there were no events before, with the
    reason `upgrade <revision>` or `baseline <revision>`."""
    set_recording(connection, f"{'upgrade' if upgrade.recorded else 'baseline'} {revision}")
    for form in map(form_of, tables):
        named = (
            f"exists (select from unproven u where u.relation = '{form.table}' and u.record = r.record"
            " and u.household_id is not distinct from r.household_id)"
        )
        rows = _differing(form.table, form.select(f'"{form.table}" n'))
        statement = f"{_events(rows)} where not {named}"
        connection.exec_driver_sql(statement.replace("%", "%%"))


def sync_recording(connection: sa.Connection, tables: Sequence[sa.Table]) -> None:
    """Make the database record every table by the form of this version. Triggers that already agree are left alone."""
    held = {row.proname: row.prosrc for row in connection.execute(_HELD, {"prefix": _FUNCTION})}
    attached = {(table, name) for table, name in connection.execute(_ATTACHED)}
    for form in map(form_of, tables):
        if held.pop(_FUNCTION + form.table, None) != _body(form):
            _write(connection, form)
        for verb in ("insert", "update"):
            if (form.table, f"record_{verb}") not in attached:
                _attach(connection, form.table, verb)
    for function in held:  # of tables that no longer exist
        connection.exec_driver_sql(f'drop function "{function}"() cascade')


_HELD = sa.text(
    "select proname, prosrc from pg_proc where pronamespace = 'public'::regnamespace and starts_with(proname, :prefix)"
)
_REMEMBERED = sa.text(
    "select proname, obj_description(oid, 'pg_proc') from pg_proc"
    " where pronamespace = 'public'::regnamespace and starts_with(proname, :prefix)"
)
_ATTACHED = sa.text(
    "select relname, tgname from pg_trigger join pg_class on pg_class.oid = tgrelid"
    " where relnamespace = 'public'::regnamespace and tgenabled = 'O'"
)


def _write(connection: sa.Connection, form: RecordForm) -> None:
    """Make or replace a table's function. Its comment is the query for the table's rows, for the next upgrade."""
    name = _FUNCTION + form.table
    rows = form.select(f'"{form.table}" n').replace("'", "''")
    for statement in (
        f"create or replace function {name}() returns trigger language plpgsql security definer"
        f" set search_path = pg_catalog, public, pg_temp as $body${_body(form)}$body$",
        f"revoke execute on function {name}() from public",
        f"comment on function {name}() is '{rows}'",
    ):
        connection.exec_driver_sql(statement.replace("%", "%%"))


def _attach(connection: sa.Connection, table: str, verb: str) -> None:
    connection.exec_driver_sql(
        f'create or replace trigger record_{verb} after {verb} on "{table}" referencing new table as new_rows'
        f" for each statement execute function {_FUNCTION}{table}()"
    )
