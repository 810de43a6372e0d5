"""Registering households and their members by request (46-2.2): inputs, payload and mutation."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry

from hub.commands.context import CommandContext
from hub.households.commands import HouseholdOutcome, upsert_households
from hub.households.drafts import HouseholdDraft, MemberDraft, WholeDraft
from hub.model.households import Residence
from hub.model.persons import DisabilityType, EducationStage, Employment, Health, Labour, Relation
from schema.engine.declare.fields import mutation, saved
from schema.engine.execute.transactions import Writer
from schema.households.types import Household
from schema.payloads import ERRORS, EXPECTED_VERSION, WARNINGS, answered
from schema.user_errors import UserError, WriteWarning


def _stated_values(input: Any, *names: str) -> dict[str, Any]:
    """The values of the named fields of an input, without omitted fields."""
    return {name: value for name in names if (value := getattr(input, name)) is not strawberry.UNSET}


@strawberry.input(description="成员 A member; omitted values stay unchanged, null clears a value")
class MemberInput:
    """成员."""

    id_number: str = strawberry.field(
        description="身份证号 Identity number; birth date and gender are derived from it (GB 11643)"
    )
    name: str = strawberry.field(description="姓名 Full name")
    relation: Relation = strawberry.field(
        description="与户主关系 Relation to the head; each household has one HEAD"
    )
    phone: str | None = strawberry.field(
        default=strawberry.UNSET, description="联系电话 One telephone number"
    )
    account: str | None = strawberry.field(
        default=strawberry.UNSET, description="银行账号 Number of the “一卡通” account"
    )
    health: Health | None = strawberry.field(default=strawberry.UNSET, description="健康状况 Health")
    disability_type: DisabilityType | None = strawberry.field(
        default=strawberry.UNSET, description="残疾类别 Type of disability"
    )
    disability_grade: int | None = strawberry.field(
        default=strawberry.UNSET, description="残疾等级 1 (most severe) to 4"
    )
    education_stage: EducationStage | None = strawberry.field(
        default=strawberry.UNSET, description="就学阶段 Stage of school"
    )
    school: str | None = strawberry.field(default=strawberry.UNSET, description="学校 Name of the school")
    employment: Employment | None = strawberry.field(
        default=strawberry.UNSET, description="就业状况 Employment"
    )
    labour: Labour | None = strawberry.field(default=strawberry.UNSET, description="劳动能力 Ability to work")

    def to_draft(self) -> MemberDraft:
        """The draft."""
        stated = _stated_values(
            self,
            "phone",
            "account",
            "health",
            "disability_type",
            "disability_grade",
            "education_stage",
            "school",
            "employment",
            "labour",
        )
        return MemberDraft(id_number=self.id_number, name=self.name, relation=self.relation, **stated)


@strawberry.input(
    description="家庭登记 A household by its code, with its new or changed members. Omitted values stay unchanged"
)
class HouseholdInput:
    """家庭."""

    code: str = strawberry.field(description="户编号 Its code; a new one registers a household")
    members: list[MemberInput] = strawberry.field(
        description="成员 A new household needs its head; values of the whole household need it too"
    )
    region: str | None = strawberry.field(
        default=strawberry.UNSET, description="区划 Township or village, by code or name"
    )
    residence: Residence | None = strawberry.field(
        default=strawberry.UNSET,
        description="城乡类别 Urban or rural; default of a new household: urban in a street, rural in another township",
    )
    address: str | None = strawberry.field(
        default=strawberry.UNSET, description="地址 Address, up to 500 characters; null clears it"
    )
    income_per_capita: Decimal | None = strawberry.field(
        default=strawberry.UNSET, description="家庭人均月收入 Yuan a month for each member"
    )
    head: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="户主 The head's name, only for comparison: nothing is written if the code has another head",
    )
    expected_version: int | None = strawberry.field(
        default=None,
        description="户或成员此后有变更的,拒绝写入;新户填 0;不填则不核对。部分被拒的,重发时所拒部分不会补录,更正后请填新版本。"
        " Refused if the household or a member was changed since; 0 for a new household; omitted: not checked. A refused part"
        f" stays refused when the same input is sent again: correct it, and send the new version. {EXPECTED_VERSION}",
    )

    def to_draft(self) -> HouseholdDraft:
        """The draft."""
        whole = WholeDraft(
            **_stated_values(self, "region", "residence", "address", "income_per_capita", "head")
        )
        members = [member.to_draft() for member in self.members]
        return HouseholdDraft(self.code, members, whole, self.expected_version)


@strawberry.input(
    description="批量登记家庭 Households to register or update, with one result for each (46-2.2)"
)
class UpsertHouseholdsInput:
    """家庭登记."""

    households: list[HouseholdInput] = strawberry.field(
        description="家庭 The households, with one result for each"
    )


@strawberry.type(description="单户登记结果 The result of one household")
class UpsertedHousehold:
    """单户登记结果."""

    key: strawberry.Private[tuple[UUID] | None]
    household: Household | None = saved("Household", "家庭 The household, as it is now")
    changed: bool = strawberry.field(
        description="是否有变更 False if nothing changed or everything was refused"
    )
    errors: list[UserError] = strawberry.field(
        description="错误 The refusals; members without an error were saved"
    )
    warnings: list[WriteWarning] = strawberry.field(description=WARNINGS)


@strawberry.type(description="家庭登记结果 The result of registering households")
class UpsertHouseholdsPayload:
    """家庭登记结果."""

    outcomes: list[UpsertedHousehold] = strawberry.field(
        description="逐户结果 One for each household, in the order sent"
    )
    errors: list[UserError] = strawberry.field(description=ERRORS)


def _outcome(place: int, outcome: HouseholdOutcome) -> UpsertedHousehold:
    at = "input", "households", place
    return UpsertedHousehold(
        key=outcome.key,
        changed=outcome.changed,
        errors=[UserError.of(error, *at, *path) for path, error in outcome.refused],
        warnings=[WriteWarning.of(warning, *at) for warning in outcome.warnings],
    )


async def _upsert(writer: Writer, input: UpsertHouseholdsInput) -> UpsertHouseholdsPayload:
    def payload_of(outcomes: list[HouseholdOutcome]) -> UpsertHouseholdsPayload:
        answers = [_outcome(place, outcome) for place, outcome in enumerate(outcomes)]
        return UpsertHouseholdsPayload(outcomes=answers, errors=[])

    drafts = [household.to_draft() for household in input.households]
    running = writer.run(
        lambda session: upsert_households(
            CommandContext(session, writer.grant, writer.secrecy, writer.named), drafts
        )
    )
    return await answered(
        running, payload_of, lambda error: UpsertHouseholdsPayload(outcomes=[], errors=[error])
    )


@strawberry.type
class HouseholdMutations:
    """家庭登记."""

    upsert_households = mutation(
        _upsert,
        UpsertHouseholdsInput,
        UpsertHouseholdsPayload,
        "登记家庭 Register or update households and members (46-2.2); sending the same again writes nothing",
    )
