"""Recording and ending a county's options: inputs, payloads and mutations (46-3.5)."""

from datetime import date

import strawberry

from hub.county_options.commands import OptionDraft, OptionEnd, end_county_option, record_county_option
from hub.model.aid import OtherForm
from hub.model.certifications import Category
from schema.county_options.types import CountyOption
from schema.engine.declare import ids
from schema.payloads import EXPECTED_VERSION, SavedRow, command

OPTION = SavedRow(CountyOption, "option", "延伸事项 The option, as it is now")


@strawberry.input(description="登记延伸事项 What your county extends to a category (46-3.5)")
class RecordCountyOptionInput:
    """登记延伸事项."""

    external_id: str = strawberry.field(
        description="外部编号 Its id in your own system; sending the same content again writes nothing"
    )
    item: OtherForm = strawberry.field(
        description="事项 DISABILITY_LIVING, CHILD_REHABILITATION or BARRIER_FREE, which the policy names"
    )
    category: Category = strawberry.field(description="类别 To whom, as SUBSISTENCE_MARGIN")
    since: date = strawberry.field(description="起始日期 Its first day, YYYY-MM-DD; it may be in the future")
    document: str = strawberry.field(description="依据 The county's document, 1 to 500 characters")

    def to_draft(self) -> OptionDraft:
        """The draft."""
        return OptionDraft(self.external_id, self.item, self.category, self.since, self.document)


@strawberry.input(description="终止延伸事项 The end of an option of your county")
class EndCountyOptionInput:
    """终止延伸事项."""

    id: strawberry.ID = strawberry.field(description="延伸事项 The option's id")
    expected_version: int = strawberry.field(description=EXPECTED_VERSION)
    ended_on: date = strawberry.field(
        description="终止日期 The first day on which it is no longer in force, YYYY-MM-DD; today at the latest"
    )
    reason: str = strawberry.field(description="终止原因 Why, 1 to 500 characters")


@strawberry.type
class CountyOptionMutations:
    """The decisions of counties."""

    record_county_option = command(
        RecordCountyOptionInput,
        "登记延伸事项 Record what your county extended to whom; idempotent by externalId (46-3.5)",
        keeps=OPTION,
        answer="登记延伸事项结果 The result of recording an option",
        run=lambda context, input: record_county_option(context, input.to_draft()),
    )
    end_county_option = command(
        EndCountyOptionInput,
        "终止延伸事项 End an option of your county",
        keeps=OPTION,
        answer="终止延伸事项结果 The result of ending an option",
        run=lambda context, input: end_county_option(
            context,
            ids.key_of(input.id, "CountyOption", 1),
            input.expected_version,
            OptionEnd(input.ended_on, input.reason),
        ),
    )
