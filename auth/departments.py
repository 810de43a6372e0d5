"""The most that a client of each department may have: `departments.toml`, checked on import."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from auth.scopes import Scope
from hub.foundation.errors import HubError

_WORD = re.compile(r"[a-z]+(_[a-z]+)*")
_PURPOSE = re.compile(r"[a-z]+(-[a-z]+)*")


class DepartmentsFileInvalid(Exception):
    """auth/departments.toml says something that cannot be meant; the message names the department and the word."""


class UnknownDepartment(HubError):
    """There is no department {department}; the departments are: {departments}.
    没有部门 {department};部门有:{departments}。
    """


class UnknownScope(HubError):
    """There is no scope {scope}; `hub permissions` lists them.
    没有权限 {scope};可用 `hub permissions` 列出全部权限。
    """


@dataclass(frozen=True, slots=True)
class DepartmentPermissions:
    """The most that a client of a department may have (46-4.2). The first purpose is the default. `searches_elsewhere`: how
    many people outside its sight a client may look for in a day, if that is the department's duty (46-3.3)."""

    department: str
    scopes: frozenset[Scope]
    purposes: tuple[str, ...]
    name_zh: str
    searches_elsewhere: int = 0


def read_departments(toml: str) -> Mapping[str, DepartmentPermissions]:
    """The departments of a TOML text, in its order; raises DepartmentsFileInvalid."""
    try:
        tables = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise DepartmentsFileInvalid(str(error)) from error
    return MappingProxyType({department: _read(department, table) for department, table in tables.items()})


def _read(department: str, table: Any) -> DepartmentPermissions:
    if not _WORD.fullmatch(department) or not isinstance(table, dict):
        raise DepartmentsFileInvalid(f"{department!r} is not a department with a table of its own")
    if set(table) - {"searches_elsewhere"} != {"name_zh", "purposes", "scopes"}:
        raise DepartmentsFileInvalid(
            f"{department} needs exactly name_zh, purposes and scopes, and searches_elsewhere where that is its duty"
        )
    searches = table.get("searches_elsewhere", 0)
    if not isinstance(searches, int) or searches < 0:
        raise DepartmentsFileInvalid(f"{department} has no number of searches_elsewhere")
    scopes = _distinct(department, "scope", table["scopes"])
    purposes = _distinct(department, "purpose", table["purposes"])
    known = {scope.value: scope for scope in Scope}
    if unknown := [scope for scope in scopes if scope not in known]:
        raise DepartmentsFileInvalid(f"{department} names unknown scopes: {', '.join(unknown)}")
    if odd := [purpose for purpose in purposes if not _PURPOSE.fullmatch(purpose)]:
        raise DepartmentsFileInvalid(f"{department} has purposes that are not words: {', '.join(odd)}")
    opened = frozenset(known[scope] for scope in scopes)
    return DepartmentPermissions(department, opened, tuple(purposes), str(table["name_zh"]), searches)


def _distinct(department: str, what: str, values: Iterable[str]) -> list[str]:
    counted = Counter(values)
    if not counted:
        raise DepartmentsFileInvalid(f"{department} has no {what}")
    if twice := [value for value, times in counted.items() if times > 1]:
        raise DepartmentsFileInvalid(f"{department} names a {what} twice: {', '.join(twice)}")
    return list(counted)


DEPARTMENTS: Mapping[str, DepartmentPermissions] = read_departments(
    files("auth").joinpath("departments.toml").read_text(encoding="utf-8")
)
"""Every department's permissions, by the department's code (`education`)."""


def department_of(word: str) -> DepartmentPermissions:
    """The permissions of a department by its code (`education`); raises UnknownDepartment."""
    if word not in DEPARTMENTS:
        raise UnknownDepartment(department=word, departments=", ".join(DEPARTMENTS))
    return DEPARTMENTS[word]


def scope_of(word: str) -> Scope:
    """The scope of a name (`person:read`); raises UnknownScope."""
    known = {scope.value: scope for scope in Scope}
    if word not in known:
        raise UnknownScope(scope=word)
    return known[word]
