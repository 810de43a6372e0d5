"""Database privileges: brings PostgreSQL's catalogs into line with the declared privileges.

A privilege of a table goes to a role, on the table or on some of its columns. `sync_privileges` revokes undeclared privileges
from the hub's roles and from PUBLIC, and grants missing ones. Privileges of the operator's own roles (for backups, say) are
left alone. Templates and dumps do not copy a database's own privileges, so they are set at every migration.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

READER, WRITER = "hub_reader", "hub_writer"
PUBLIC = "public"
"""Everybody who may log in."""
READING_LOGIN, WRITING_LOGIN = "hub_query", "hub_service"
"""The logins that take on the roles; the reading login can never become `hub_writer`."""


@dataclass(frozen=True, order=True)
class Privilege:
    """A privilege of a role on a table, or on one column of it (`column` is empty for the whole table)."""

    role: str
    table: str
    verb: str
    column: str = ""


_HELD = sa.text("""
    select coalesce(grantee.rolname, 'public'), class.relname, acl.privilege_type, ''
    from pg_class class, aclexplode(coalesce(class.relacl, acldefault('r', class.relowner))) acl
    left join pg_roles grantee on grantee.oid = acl.grantee
    where class.relnamespace = 'public'::regnamespace and class.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
      and (acl.grantee = 0 or grantee.rolname in ('hub_reader', 'hub_writer'))
    union all
    select coalesce(grantee.rolname, 'public'), class.relname, acl.privilege_type, attribute.attname
    from pg_class class join pg_attribute attribute on attribute.attrelid = class.oid, aclexplode(attribute.attacl) acl
    left join pg_roles grantee on grantee.oid = acl.grantee
    where class.relnamespace = 'public'::regnamespace
      and (acl.grantee = 0 or grantee.rolname in ('hub_reader', 'hub_writer'))
""")


def existing_privileges(connection: sa.Connection) -> set[Privilege]:
    """The privileges of the hub's roles and PUBLIC on tables, views and sequences of the hub's schema, from the catalogs."""
    return {Privilege(role, table, verb, column) for role, table, verb, column in connection.execute(_HELD)}


def sync_privileges(connection: sa.Connection, declared: Collection[Privilege]) -> None:
    """Give the hub's roles and PUBLIC the declared privileges and no others, and each login its one role.

    The connection is the owner's. Running it again changes nothing.
    """
    wanted = set(declared)
    for one in sorted(existing_privileges(connection) - wanted):
        connection.exec_driver_sql(f"revoke {_clause(one)} from {one.role}")
    for one in sorted(
        wanted - existing_privileges(connection)
    ):  # revoking a table's privilege revokes those of its columns too
        connection.exec_driver_sql(f"grant {_clause(one)} to {one.role}")
    _sync_functions(connection)
    _sync_logins(connection)
    _sync_places(connection)


def _clause(one: Privilege) -> str:
    column = f' ("{one.column}")' if one.column else ""
    return f'{one.verb}{column} on "{one.table}"'


def _sync_functions(connection: sa.Connection) -> None:
    """Only the hub's roles may call the functions of the words, which their CHECKs use."""
    open_to_all = connection.scalars(
        sa.text("""
        select function.oid::regprocedure::text
        from pg_proc function, aclexplode(coalesce(function.proacl, acldefault('f', function.proowner))) acl
        where function.pronamespace = 'public'::regnamespace and acl.grantee = 0
          and not exists (select from pg_depend where objid = function.oid and deptype = 'e')""")
    )
    for function in open_to_all.all():
        connection.exec_driver_sql(f"revoke execute on function {function} from public")


def _sync_places(connection: sa.Connection) -> None:
    """PUBLIC has no privilege on the database and the schema; the roles may use the schema and create nothing in it."""
    members = _members(connection)
    database = connection.scalars(sa.text("select quote_ident(current_database())")).one()
    may_connect = {(member, "CONNECT") for member in members}
    _sync_place(connection, f"database {database}", _ON_DATABASE, members, may_connect)
    may_use = {(READER, "USAGE"), (WRITER, "USAGE")}
    _sync_place(connection, "schema public", _ON_SCHEMA, (READER, WRITER), may_use)


_ON_DATABASE = sa.text("""
    select coalesce(quote_ident(grantee.rolname), 'public'), acl.privilege_type
    from pg_database place, aclexplode(coalesce(place.datacl, acldefault('d', place.datdba))) acl
    left join pg_roles grantee on grantee.oid = acl.grantee
    where place.datname = current_database() and acl.grantee <> place.datdba
""")
_ON_SCHEMA = sa.text("""
    select coalesce(quote_ident(grantee.rolname), 'public'), acl.privilege_type
    from pg_namespace place, aclexplode(coalesce(place.nspacl, acldefault('n', place.nspowner))) acl
    left join pg_roles grantee on grantee.oid = acl.grantee
    where place.nspname = 'public' and acl.grantee <> place.nspowner
""")


def _sync_place(
    connection: sa.Connection,
    place: str,
    held_on: sa.TextClause,
    ours: Collection[str],
    wanted: set[tuple[str, str]],
) -> None:
    held = {(grantee, verb) for grantee, verb in connection.execute(held_on)}
    for grantee, verb in sorted(held - wanted):
        if grantee in (PUBLIC, *ours):
            connection.exec_driver_sql(f"revoke {verb} on {place} from {grantee}")
    for grantee, verb in sorted(wanted - held):
        connection.exec_driver_sql(f"grant {verb} on {place} to {grantee}")


def _members(connection: sa.Connection) -> Sequence[str]:
    """The hub's roles, and every login that may take one on: a login that does not inherit needs its own right to connect."""
    return connection.scalars(
        sa.text("""
        with recursive member(oid) as (
            select oid from pg_roles where rolname in ('hub_reader', 'hub_writer')
            union select held.member from pg_auth_members held join member on held.roleid = member.oid
        )
        select quote_ident(rolname) from pg_roles join member using (oid) order by 1""")
    ).all()


def _sync_logins(connection: sa.Connection) -> None:
    """`hub_service` takes on `hub_writer`, `hub_query` takes on `hub_reader`, and neither the other's. If there is no
    `hub_query`, `hub_service` reads too."""
    logins = set(
        connection.scalars(
            sa.text("select rolname from pg_roles where rolname in ('hub_query', 'hub_service')")
        )
    )
    wanted = {(WRITING_LOGIN, WRITER), (READING_LOGIN if READING_LOGIN in logins else WRITING_LOGIN, READER)}
    held = {
        (member, role)
        for member, role in connection.execute(
            sa.text("""
            select member.rolname, role.rolname from pg_auth_members held
            join pg_roles member on member.oid = held.member join pg_roles role on role.oid = held.roleid
            where role.rolname in ('hub_reader', 'hub_writer')""")
        )
        if member in logins
    }
    for login, role in sorted(held - wanted):
        connection.exec_driver_sql(f"revoke {role} from {login}")
    for login, role in sorted(wanted - held):
        if login in logins:
            connection.exec_driver_sql(f"grant {role} to {login}")
