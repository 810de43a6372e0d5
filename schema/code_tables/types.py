"""The codes of the domain with their names, for programs that show them: the glossary as a query."""

import strawberry

from hub.glossary.code_sets import CodeSet, Term, code_set
from hub.model.aid import AidKind
from hub.model.overlaps import ProgrammeLevel
from hub.overlaps.programmes import Programme, programmes
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
    note_zh: str | None = strawberry.field(description="中文说明 A note in Chinese")
    note_en: str | None = strawberry.field(description="英文说明 The same in English")
    standard_code: str | None = strawberry.field(
        description="标准代码 Its code in the table's standard; null: it has none, or covers several codes of the standard"
    )
    source: str | None = strawberry.field(description="依据 The clause or law it comes from, as in 46-3.1")
    kind: AidKind | None = strawberry.field(
        default=None, description="救助类型 Of a programme: its kind of aid"
    )
    form: str | None = strawberry.field(
        default=None, description="救助形式 Of a programme: its form; null: of any form of its kind"
    )
    level: ProgrammeLevel | None = strawberry.field(
        default=None, description="项目层级 Of a programme: who sets it"
    )
    aliases: list[str] = strawberry.field(
        default_factory=list,
        description="别名 Of a programme: its other names",
    )
    excludes: list[str] = strawberry.field(
        default_factory=list,
        description="互斥 Of a programme: the programmes that nobody may have together with it",
    )

    @classmethod
    def of(cls, name: str, term: Term) -> "Code":
        """The code of a term of the glossary."""
        return cls(
            code=name,
            name_zh=term.zh,
            name_en=term.en,
            note_zh=term.note_zh or None,
            note_en=term.note or None,
            standard_code=term.code or None,
            source=term.source or None,
        )

    @classmethod
    def of_programme(cls, programme: Programme) -> "Code":
        """The code of a programme of the catalogue."""
        return cls(
            code=programme.code,
            name_zh=programme.zh,
            name_en=programme.en,
            note_zh=None,
            note_en=None,
            standard_code=None,
            source=programme.clause,
            kind=programme.kind,
            form=programme.form,
            level=programme.level,
            aliases=list(programme.aliases),
            excludes=list(programme.excludes),
        )


@strawberry.type(
    description="代码表 An enum of this schema, or the catalogue of programmes, with the names of its values"
)
class CodeTable:
    """代码表."""

    name: str = strawberry.field(description="名称 The enum's name in this schema, as in Relation")
    name_zh: str = strawberry.field(description="中文名称 What it is, in Chinese")
    name_en: str = strawberry.field(description="英文名称 What it is, in English")
    standard: str | None = strawberry.field(
        description="标准 The standard that defines standardCode, as in GB/T 4761; null: none"
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


PROGRAMMES = "Programme"
"""The name of the table of programmes. No enum has this name, since a programme may also be free text."""


def _tables() -> list[CodeTable]:
    catalogue = CodeTable(
        name=PROGRAMMES,
        name_zh="救助项目目录",
        name_en="catalogue of programmes",
        standard=None,
        values=[Code.of_programme(programme) for programme in programmes().values()],
    )
    return [*(CodeTable.of(codes) for codes in map(code_set, WORDS)), catalogue]


@strawberry.type
class CodeTableQueries:
    """Queries of the code tables."""

    code_tables: list[CodeTable] = computed(
        _tables,
        "代码表 Every enum of the domain with the names of its codes, and the catalogue of programmes; it changes only with the"
        " hub's version",
    )
