"""departments.toml: every department, with the least privileges for its duty (46-3, 46-4.2), and files that are refused."""

import pytest

from auth.departments import DEPARTMENTS, DepartmentsFileInvalid, read_departments
from auth.scopes import Scope
from hub.model.agencies import Department
from hub.model.aid import AidKind
from tests.policy import IN_CHARGE

SOUND = '[education]\nname_zh = "教育"\npurposes = ["education-aid"]\nscopes = ["aid:read"]\n'


def holders(scope: Scope) -> set[str]:
    return {name for name, permissions in DEPARTMENTS.items() if scope in permissions.scopes}


def test_every_department_has_its_permissions() -> None:
    assert set(DEPARTMENTS) == {department.value for department in Department}
    assert all(name == permissions.department for name, permissions in DEPARTMENTS.items())


@pytest.mark.parametrize("kind", AidKind)
def test_a_kind_is_written_by_the_departments_in_charge_of_it_and_no_other(kind: AidKind) -> None:
    assert holders(Scope[f"AID_{kind.name}_WRITE"]) == IN_CHARGE[kind][1]


@pytest.mark.parametrize("kind", AidKind)
def test_who_is_in_charge_of_a_kind_can_look_up_take_the_push_and_feed_back(kind: AidKind) -> None:
    for department in IN_CHARGE[kind][1]:
        needed = {
            Scope.HOUSEHOLD_READ,
            Scope.AID_READ,
            Scope[f"AID_{kind.name}_READ"],
            Scope.REFERRAL_READ,
            Scope.REFERRAL_WRITE,
        }
        assert needed <= DEPARTMENTS[department].scopes


@pytest.mark.parametrize("scope", [scope for scope in Scope if scope.startswith("circumstance.")])
def test_a_registry_is_written_by_its_own_department_alone(scope: Scope) -> None:
    registry = scope.removeprefix("circumstance.").partition(":")[0]
    if scope.endswith(":write"):
        assert holders(scope) == {registry}
    else:
        assert {registry, "civil_affairs"} <= holders(scope)


@pytest.mark.parametrize(
    ("scope", "departments"),
    [
        (Scope.CERTIFICATION_WRITE, {"civil_affairs", "agriculture"}),  # 46-1.2
        (Scope.HOUSEHOLD_WRITE, {"civil_affairs", "agriculture"}),  # 46-2.2
        (Scope.HOUSEHOLD_FINANCE_READ, {"civil_affairs", "finance", "audit"}),  # 46-3.1, 46-4.3
        (Scope.PERSON_HEALTH_READ, {"civil_affairs", "health"}),  # 46-3.2.1
        (Scope.PERSON_DISABILITY_READ, {"civil_affairs", "disabled_federation"}),  # 46-3.5
        (Scope.PERSON_EDUCATION_READ, {"civil_affairs", "education"}),  # 46-3.2.2
        (Scope.PERSON_EMPLOYMENT_READ, {"civil_affairs", "human_resources"}),  # 46-3.2.4
        (Scope.ALERT_WRITE, {"civil_affairs"}),  # 46-2.4
        (Scope.VISIT_WRITE, {"civil_affairs"}),  # 46-2.3
        (
            Scope.ALERT_READ,
            {"civil_affairs", "audit"},
        ),  # 46-2.4: departments that only find cases learn nothing of them
        (Scope.VISIT_OWN_WRITE, {"education", "health", "disabled_federation"}),  # 46-2.3
        (Scope.ALERT_FINDING_WRITE, set(DEPARTMENTS) - {"civil_affairs", "audit"}),  # 46-2.3 各级各部门
        (Scope.AUDIT_READ, {"audit"}),  # 46-4.3
        (Scope.CERTIFICATION_NEAR_RELATIVE_READ, {"civil_affairs", "agriculture", "audit"}),  # 46-4.3
        (Scope.CERTIFICATION_NEAR_RELATIVE_WRITE, {"civil_affairs", "agriculture"}),  # 46-4.3
        (Scope.DISCLOSURE_WRITE, {"civil_affairs"}),  # 46-4.3
        (Scope.LIABILITY_READ, {"civil_affairs", "audit"}),  # 46-4.3
        (Scope.LIABILITY_WRITE, {"civil_affairs"}),  # 46-4.3
        (Scope.HUB_ADMIN, set()),
    ],
)
def test_what_is_sensitive_is_held_by_those_whose_duty_needs_it(scope: Scope, departments: set[str]) -> None:
    assert holders(scope) == departments


def test_identity_numbers_are_not_for_who_matches_no_registry() -> None:
    without = {"finance", "development_reform", "charity", "audit"}
    assert holders(Scope.PERSON_IDENTITY_READ) == set(DEPARTMENTS) - without


def test_charity_learns_no_name() -> None:
    assert not [
        scope for scope in DEPARTMENTS["charity"].scopes if scope.startswith(("person", "household."))
    ]


def test_an_auditor_writes_nothing_and_sees_every_kind_of_aid() -> None:
    scopes = DEPARTMENTS["audit"].scopes
    assert not [scope for scope in scopes if scope.endswith(":write")]
    assert {Scope[f"AID_{kind.name}_READ"] for kind in AidKind} <= scopes


def test_every_scope_but_the_administrators_is_some_departments() -> None:
    assert [scope for scope in Scope if not holders(scope)] == [Scope.HUB_ADMIN]


def test_a_sound_file_is_read() -> None:
    education = read_departments(SOUND)["education"]
    assert education.scopes == {Scope.AID_READ}
    assert education.purposes == ("education-aid",)
    assert education.name_zh == "教育"


@pytest.mark.parametrize(
    ("said", "instead", "complaint"),
    [
        ('"aid:read"', '"aid:reed"', "education names unknown scopes: aid:reed"),
        ('"aid:read"', '"aid:read", "aid:read"', "education names a scope twice: aid:read"),
        ('["aid:read"]', "[]", "education has no scope"),
        ('["education-aid"]', "[]", "education has no purpose"),
        ("education-aid", "Education aid", "purposes that are not words: Education aid"),
        ("[education]", "[Education]", "'Education' is not a department"),
        ('name_zh = "教育"\n', "", "exactly name_zh, purposes and scopes"),
        ('name_zh = "教育"\n', 'name_zh = "教育"\nscope = []\n', "exactly name_zh, purposes and scopes"),
        ("scopes =", "scopes", "line 4"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_with_the_place(
    said: str, instead: str, complaint: str
) -> None:
    with pytest.raises(DepartmentsFileInvalid, match=complaint):
        read_departments(SOUND.replace(said, instead))
