"""The codes of the domain with their names, for programs that show them: the glossary as a query."""

import strawberry

from hub.glossary.code_sets import CodeSet, Term, code_set
from schema.engine.declare.fields import computed
from schema.enums import WORDS


@strawberry.type(description="代码 One value of a code table")
class Code:
    """代码."""

    code: str = strawberry.field(description="代码 As this schema writes it, as in HEAD")
    name_zh: str = strawberry.field(
        description="中文名称 Its name in Chinese, as the policy or the standard has it"
    )
    name_en: str = strawberry.field(description="英文名称 Its name in English")
    note_zh: str | None = strawberry.field(description="中文说明 What more there is to say of it, in Chinese")
    note_en: str | None = strawberry.field(description="英文说明 The same in English")
    standard_code: str | None = strawberry.field(
        description="标准代码 Its code in the table's standard; null: none, or it joins several codes of it"
    )
    source: str | None = strawberry.field(description="依据 The clause or law it comes from, as in 46-3.1")

    @classmethod
    def of(cls, name: str, term: Term) -> "Code":
        """The value of a line of the glossary."""
        return cls(
            code=name,
            name_zh=term.zh,
            name_en=term.en,
            note_zh=term.note_zh or None,
            note_en=term.note or None,
            standard_code=term.code or None,
            source=term.source or None,
        )


@strawberry.type(description="代码表 An enum of this schema, with the names of its values")
class CodeTable:
    """代码表."""

    name: str = strawberry.field(description="名称 The enum's name in this schema, as in Relation")
    name_zh: str = strawberry.field(description="中文名称 What it is, in Chinese")
    name_en: str = strawberry.field(description="英文名称 What it is, in English")
    standard: str | None = strawberry.field(
        description="标准 The standard that standardCode is of, as in GB/T 4761; null: none"
    )
    values: list[Code] = strawberry.field(description="代码 Its values, in the schema's order")

    @classmethod
    def of(cls, codes: CodeSet) -> "CodeTable":
        """The table of an enum."""
        return cls(
            name=codes.name,
            name_zh=codes.of.zh,
            name_en=codes.of.en,
            standard=codes.standard or None,
            values=[Code.of(name, term) for name, term in codes.values.items()],
        )


def _tables() -> list[CodeTable]:
    return [CodeTable.of(codes) for codes in map(code_set, WORDS)]


@strawberry.type
class CodeTableQueries:
    """What the codes mean."""

    code_tables: list[CodeTable] = computed(
        _tables,
        "代码表 Every enum of the domain with the names of its codes; it changes only with the hub's version",
    )
