"""Reporting circumstances: inputs, payloads and the mutation of the registries."""

from datetime import date
from decimal import Decimal

import strawberry

from hub.circumstances.commands import CircumstanceKey, CircumstanceOutcome
from hub.circumstances.drafts import CircumstanceDraft
from hub.circumstances.rules import FIELDS
from hub.commands.context import CommandContext
from hub.foundation.months import month_of
from hub.model.circumstances import CircumstanceKind
from hub.model.persons import DisabilityType, EducationStage
from hub.shares.commands import report_for_month
from schema.batches import ERRORS_OF_ALL, in_order, one_answer
from schema.circumstances.types import Circumstance
from schema.engine.declare.fields import mutation, saved
from schema.engine.declare.input_validation import validate
from schema.engine.execute.transactions import Writer
from schema.payloads import ERRORS, EXPECTED_VERSION, WARNINGS, answered
from schema.persons.subject import NAME, SubjectInput
from schema.user_errors import UserError, WriteWarning


@strawberry.input(
    description="困难情形报送,各类情形各有其栏目 One fact of your registry. Each kind has its own fields: HARDSHIP_STUDENT"
    " educationStage and school, DISABILITY disabilityType and disabilityGrade, RIGID_EXPENSE and DISASTER amount;"
    " every other kind a note at most"
)
class CircumstanceInput:
    """困难情形报送."""

    external_id: str = strawberry.field(
        description="外部编号 The fact's id in your own system; sending the same content again writes nothing"
    )
    subject: SubjectInput = strawberry.field(
        description="对象 The person. For RIGID_EXPENSE and DISASTER it may be the household; for MONITORED it is always the"
        " household, whichever member is named"
    )
    kind: CircumstanceKind = strawberry.field(
        description="困难情形 Which fact; one that your registry reports"
    )
    since: date = strawberry.field(description="起始日期 Since when; for a death, the day of death")
    until: date | None = strawberry.field(
        default=None,
        description="结束日期 The last day on which it holds. To end a fact, send it again with this day; end a fact that was"
        " reported by mistake on the day it began",
    )
    disability_type: DisabilityType | None = strawberry.field(
        default=None, description="残疾类别 Type of disability; DISABILITY needs it"
    )
    disability_grade: int | None = strawberry.field(default=None, description="残疾等级 1 (most severe) to 4")
    education_stage: EducationStage | None = strawberry.field(
        default=None, description="就学阶段 Stage of school; HARDSHIP_STUDENT needs it"
    )
    school: str | None = strawberry.field(
        default=None, description="学校 Name of the school, up to 200 characters; HARDSHIP_STUDENT needs it"
    )
    amount: Decimal | None = strawberry.field(
        default=None, description="金额(元) Yuan: rigid expense of twelve months, disaster loss"
    )
    note: str | None = strawberry.field(default=None, description="说明 In the registry's own words")
    name: str | None = strawberry.field(default=None, description=NAME)
    expected_version: int | None = strawberry.field(
        default=None,
        description="更正本外部编号的情形时填写;结束情形无须填写。 Corrects the fact of this externalId; not needed to end it."
        f" {EXPECTED_VERSION}",
    )

    def to_draft(self) -> CircumstanceDraft:
        """The draft; raises InvalidId, InvalidInput."""
        validate(self)
        return CircumstanceDraft(
            self.external_id,
            self.subject.to_subject(self.name),
            self.kind,
            self.since,
            self.until,
            {name: getattr(self, name) for name in FIELDS},
            self.expected_version,
        )


@strawberry.input(
    description="批量报送困难情形 Up to 1,000 facts, with one result for each in the same order; a refused fact does not stop the"
    " others"
)
class ReportCircumstancesInput:
    """批量报送."""

    reports: list[CircumstanceInput] = strawberry.field(
        description="困难情形 Up to 1,000 facts; none: an empty list of the month"
    )
    month: str | None = strawberry.field(
        default=None,
        description="共享月份 The batch is (part of) your list of this month, written as 2026-11 or 2026-11-01: it is then"
        " counted in `shares`. Without any report, the list is empty",
    )


@strawberry.type(description="单条报送结果 The result of one fact of a batch")
class ReportedCircumstance:
    """单条报送结果."""

    key: strawberry.Private[CircumstanceKey | None]
    circumstance: Circumstance | None = saved("Circumstance", "情形 The fact, as it is now")
    created: bool = strawberry.field(
        description="是否新建 False if it was saved before (then it may have been corrected or ended), or was refused"
    )
    errors: list[UserError] = strawberry.field(description=ERRORS)
    warnings: list[WriteWarning] = strawberry.field(description=WARNINGS)


@strawberry.type(description="批量报送结果 The result of a batch")
class ReportCircumstancesPayload:
    """批量报送结果."""

    reports: list[ReportedCircumstance] = strawberry.field(
        description="逐条结果 One for each fact, in the order sent"
    )
    errors: list[UserError] = strawberry.field(description=ERRORS_OF_ALL)


async def _report(writer: Writer, input: ReportCircumstancesInput) -> ReportCircumstancesPayload:
    def payload_of(outcomes: list[CircumstanceOutcome]) -> ReportCircumstancesPayload:
        placed = enumerate(outcomes)
        answers = [
            one_answer(ReportedCircumstance, outcome, "input", "reports", place) for place, outcome in placed
        ]
        return ReportCircumstancesPayload(reports=answers, errors=[])

    async def save(context: CommandContext, drafts: list[CircumstanceDraft]) -> list[CircumstanceOutcome]:
        month = None if input.month is None else month_of(input.month)
        return await report_for_month(context, drafts, month)

    running = in_order(writer, input.reports, save, lambda error: CircumstanceOutcome(error=error))
    return await answered(
        running, payload_of, lambda error: ReportCircumstancesPayload(reports=[], errors=[error])
    )


@strawberry.type
class CircumstanceMutations:
    """The reports of registries."""

    report_circumstances = mutation(
        _report,
        ReportCircumstancesInput,
        ReportCircumstancesPayload,
        "报送困难情形 Report, correct or end facts of your registry; idempotent by externalId (46-2.2, 46-2.3)",
    )
