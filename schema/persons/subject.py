"""The subject of a write, as an input."""

import strawberry

from hub.foundation.errors import InvalidInput
from hub.households.values import LONGEST_NAME
from hub.persons.subjects import Subject
from schema.engine.declare import ids

NAME = (
    "姓名 The person's name in your papers. A name that differs from the registered name of a person in sight is"
    " refused (NAME_MISMATCH), because the name or the number is another person's"
)
"""The description of a name beside a subject."""


@strawberry.input(one_of=True, description="对象,三项只填其一 Who is helped: exactly one of the three")
class SubjectInput:
    """受助对象."""

    id_number: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="身份证号 Must match one person in sight; urgent aid: any person",
    )
    person_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="人员编号 The id of a person in sight"
    )
    household_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="家庭编号 A household's id, for the household as a whole"
    )

    def to_subject(self, name: str | None = None) -> Subject:
        """The subject. `name`: the person's name, which some inputs have beside the subject. Raises InvalidId, InvalidInput."""
        if name is not None and self.household_id:
            raise _invalid_name("a name goes with idNumber or personId", "姓名须与身份证号或人员编号一并填写")
        if name is not None and not (name.strip() and len(name) <= LONGEST_NAME):
            raise _invalid_name(f"1 to {LONGEST_NAME} characters", f"须为 1 至 {LONGEST_NAME} 个字符")
        if self.id_number:
            return Subject(id_number=self.id_number, name=name)
        if self.person_id:
            household, person = ids.key_of(self.person_id, "Person", at=("subject", "personId"))
            return Subject(person=(household, person), name=name)
        if self.household_id:
            return Subject(
                household_id=ids.key_of(
                    self.household_id, "Household", parts=1, at=("subject", "householdId")
                )[0]
            )
        return Subject()


def _invalid_name(reason: str, reason_zh: str) -> InvalidInput:
    return InvalidInput(path=("name",), field="name", reason=reason, reason_zh=reason_zh)
