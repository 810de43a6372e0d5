"""The SDL file is the schema, and the permissions are the reviewed ones."""

from pathlib import Path

from graphql import GraphQLInterfaceType, build_schema, get_named_type, is_non_null_type, is_object_type

from auth.departments import DEPARTMENTS
from schema import sdl
from schema.hub_schema import build

ROOT = Path(__file__).parents[2]
PERMISSIONS = Path(__file__).with_name("permissions.txt")


def matrix() -> str:
    """Every department with its purposes and scopes, one line each, sorted, so that a change of one is a change of one line."""
    lines: list[str] = []
    for name, permissions in sorted(DEPARTMENTS.items()):
        lines += [
            f"{name} {permissions.name_zh}: {', '.join(permissions.purposes)}",
            *(f"  {scope}" for scope in sorted(permissions.scopes)),
        ]
    return "\n".join(lines) + "\n"


def test_the_committed_schema_is_what_the_hub_publishes() -> None:
    committed = (ROOT / "schema" / "schema.graphql").read_text(encoding="utf-8")
    assert committed == sdl(), "run `make schema` and review what changes for clients"


def test_the_published_schema_reads_as_a_schema() -> None:
    published = build_schema(sdl())
    ours = {name for name in build().graphql.type_map if not name.startswith("__")}
    assert ours <= set(published.type_map)


def test_no_field_of_an_interface_carries_the_directive() -> None:
    """Apollo's composition refuses it: AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE."""
    interfaces = [
        kind for kind in build_schema(sdl()).type_map.values() if isinstance(kind, GraphQLInterfaceType)
    ]
    assert {interface.name for interface in interfaces} == {"Node", "AidRecord"}
    carrying = [
        f"{interface.name}.{name}"
        for interface in interfaces
        for name, field in interface.fields.items()
        if field.ast_node is not None and field.ast_node.directives
    ]
    assert carrying == []


def test_every_guarded_root_of_query_is_nullable_so_that_a_refusal_takes_nothing_else_with_it() -> None:
    guards, query = build().guards, build().graphql.query_type
    assert query is not None
    guarded = {
        name: field
        for name, field in query.fields.items()
        if guards.scopes[f"Query.{name}"] and is_object_type(get_named_type(field.type))
    }
    assert {"household", "person", "households", "aidRecords", "referrals"} <= set(guarded)
    assert [name for name, field in guarded.items() if is_non_null_type(field.type)] == []


def test_the_permissions_are_those_that_were_reviewed() -> None:
    assert PERMISSIONS.read_text(encoding="utf-8") == matrix(), (
        "auth/departments.toml opens something else than was reviewed. If it is meant, write the snapshot anew with "
        "`python -m tests.schema.test_sdl` and have the difference reviewed"
    )


if __name__ == "__main__":
    PERMISSIONS.write_text(matrix(), encoding="utf-8")
