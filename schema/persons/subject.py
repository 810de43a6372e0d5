"""The subject of a write, as an input."""

import strawberry

from hub.persons.subjects import Subject
from schema.engine.declare import ids


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
        default=strawberry.UNSET, description="家庭编号 A household's id: it as a whole"
    )

    def to_subject(self) -> Subject:
        """The subject; raises InvalidId."""
        if self.id_number:
            return Subject(id_number=self.id_number)
        if self.person_id:
            household, person = ids.key_of(self.person_id, "Person", at=("subject", "personId"))
            return Subject(person=(household, person))
        if self.household_id:
            return Subject(
                household_id=ids.key_of(
                    self.household_id, "Household", parts=1, at=("subject", "householdId")
                )[0]
            )
        return Subject()
