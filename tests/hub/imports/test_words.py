"""Files may use the policy's own words, the words of offices, and the codes of the standards."""

from collections.abc import Iterator
from enum import StrEnum
from importlib.resources import files
from typing import Any

import pytest

from hub.glossary.code_sets import term
from hub.imports import aid_words, words
from hub.imports.aid_words import FORMS, STATUS
from hub.imports.cells import compact
from hub.imports.refusals import UnknownWord
from hub.imports.words import (
    CATEGORY,
    CATEGORY_WITH_SUPPORT,
    DISABILITY_GRADE,
    DISABILITY_TYPE,
    EDUCATION_STAGE,
    EMPLOYMENT,
    HEALTH,
    MONITORED_SUBTYPE,
    RELATION,
    RESIDENCE,
    ROW_CHANGE,
    AmbiguousWord,
    ColumnVocabulary,
    Fuller,
    RowChange,
    file_of,
    lines_of,
)
from hub.model.aid import (
    AidKind,
    AidStatus,
    DisasterForm,
    EducationForm,
    OtherForm,
    ServiceForm,
    TemporaryForm,
)
from hub.model.certifications import Category, MonitoredSubtype, Support
from hub.model.households import Residence
from hub.model.persons import DisabilityType, EducationStage, Employment, Health, Relation

VOCABULARIES = [
    one
    for one in (*vars(words).values(), *vars(aid_words).values(), *FORMS.values())
    if isinstance(one, ColumnVocabulary)
]


@pytest.mark.parametrize(("vocabulary", "word", "member"), [
    (FORMS[AidKind.OTHER], "冬季取暖补贴", OtherForm.HEATING),
    (FORMS[AidKind.OTHER], "减免基本殡葬服务费用", OtherForm.FUNERAL_FEES),
    (FORMS[AidKind.SERVICE], "探访关爱", ServiceForm.VISIT),
    (FORMS[AidKind.SERVICE], "照护服务", ServiceForm.CARE),
    (FORMS[AidKind.SERVICE], "资源链接", ServiceForm.SOCIAL_WORK),
    (FORMS[AidKind.SERVICE], "能力提升", ServiceForm.SOCIAL_WORK),
    (FORMS[AidKind.SERVICE], "社会融入", ServiceForm.SOCIAL_WORK),
    (FORMS[AidKind.DISASTER], "旱灾临时生活困难救助", DisasterForm.DROUGHT),
    (FORMS[AidKind.DISASTER], "冬春临时生活困难救助", DisasterForm.WINTER_SPRING),
    (FORMS[AidKind.DISASTER], "因灾倒损民房恢复重建", DisasterForm.REBUILDING),
    (FORMS[AidKind.EDUCATION], "减免相关费用", EducationForm.FEE_WAIVER),
    (FORMS[AidKind.TEMPORARY], "“一事一议”", TemporaryForm.CASE_CONFERENCE),
    (CATEGORY, "低保边缘家庭成员", Category.SUBSISTENCE_MARGIN),
    (CATEGORY, "刚性支出困难家庭成员", Category.RIGID_EXPENDITURE),
    (CATEGORY, "低保A类", Category.SUBSISTENCE_ALLOWANCE),
    (CATEGORY, "低保a类", Category.SUBSISTENCE_ALLOWANCE),
    (CATEGORY, "城镇低保", Category.SUBSISTENCE_ALLOWANCE),
    (CATEGORY, "农村低保对象", Category.SUBSISTENCE_ALLOWANCE),
    (CATEGORY, "城市最低生活保障", Category.SUBSISTENCE_ALLOWANCE),
    (CATEGORY, "五保户", Category.EXTREME_HARDSHIP),
    (CATEGORY, "分散供养特困人员", Category.EXTREME_HARDSHIP),
    (CATEGORY_WITH_SUPPORT, "分散供养特困人员", Fuller(Category.EXTREME_HARDSHIP, {"support": Support.DISPERSED})),
    (CATEGORY_WITH_SUPPORT, "特困(集中供养)", Fuller(Category.EXTREME_HARDSHIP, {"support": Support.INSTITUTIONAL})),
    (MONITORED_SUBTYPE, "边缘易致贫人口", MonitoredSubtype.MARGINAL),
    (RESIDENCE, "城市户口", Residence.URBAN),
    (RESIDENCE, "农业家庭户口", Residence.RURAL),
    (HEALTH, "长期慢性病", Health.CHRONIC),
    (HEALTH, "患有大病,残疾", Health.SERIOUS),
    (HEALTH, "残疾", None),
    (DISABILITY_TYPE, "肢体", DisabilityType.PHYSICAL),
    (DISABILITY_TYPE, "肢体二级", Fuller(DisabilityType.PHYSICAL, {"disabilityGrade": 2})),
    (DISABILITY_TYPE, "精神残疾Ⅱ级", Fuller(DisabilityType.MENTAL, {"disabilityGrade": 2})),
    (DISABILITY_GRADE, "Ⅱ级", 2),
    (DISABILITY_GRADE, "贰级", 2),
    (DISABILITY_GRADE, "四级", 4),
    (DISABILITY_GRADE, 3, 3),
    (EDUCATION_STAGE, "三年级", EducationStage.PRIMARY),
    (EDUCATION_STAGE, "九年级", EducationStage.JUNIOR_HIGH),
    (EDUCATION_STAGE, "高二", EducationStage.SENIOR_HIGH),
    (EDUCATION_STAGE, "技工学校", EducationStage.VOCATIONAL),
    (EDUCATION_STAGE, "本科生", EducationStage.COLLEGE),
    (EDUCATION_STAGE, "非在校生", None),
    (EMPLOYMENT, "无", Employment.NONE),
    (STATUS, "已确认", AidStatus.APPROVED),
    (RELATION, "五子", Relation.CHILD),
    (RELATION, "孙女婿", Relation.GRANDCHILD),
    (RELATION, "之子", Relation.CHILD),
    (RELATION, "之儿媳", Relation.CHILD),
    (RELATION, "之外孙女", Relation.GRANDCHILD),
    (RELATION, "之岳母", Relation.PARENT),
    (RELATION, "之兄弟姐妹", Relation.SIBLING),
    (RELATION, "01", Relation.HEAD),
    (RELATION, "02", Relation.HEAD),
    (RELATION, "10", Relation.SPOUSE),
    (RELATION, "20", Relation.CHILD),
    (RELATION, "38", Relation.CHILD),
    (RELATION, "46", Relation.GRANDCHILD),
    (RELATION, "97", Relation.OTHER),
    (ROW_CHANGE, "死亡", RowChange.DEATH),
    (ROW_CHANGE, "户口迁出", RowChange.LEFT),
    (ROW_CHANGE, "转出", RowChange.LEFT),
    (ROW_CHANGE, "停保", RowChange.STOPPED),
    (ROW_CHANGE, "新增", None),
])  # fmt: skip
def test_a_word_of_the_policy_of_an_office_or_of_the_standard_is_accepted(
    vocabulary: ColumnVocabulary[Any], word: str, member: Any
) -> None:
    assert vocabulary(word) == member


@pytest.mark.parametrize(
    ("vocabulary", "word", "meanings"),
    [
        (CATEGORY, "一般户", ("低保对象", "均不是")),
        (CATEGORY, "低收入家庭", ("低保边缘家庭", "刚性支出困难家庭")),
        (CATEGORY, "边缘户", ("低保边缘家庭", "防止返贫监测对象")),
        (RESIDENCE, "居民户口", ("城市", "农村")),
        (ROW_CHANGE, "注销", ("停保", "迁出", "死亡")),
        (HEALTH, "较差", ("慢性病", "重病")),
        (HEALTH, "一般或较弱", ("健康", "慢性病")),
        (DISABILITY_TYPE, "肢体、智力", ("肢体残疾", "智力残疾")),
        (DISABILITY_GRADE, "重度", ("一级", "二级")),
        (EDUCATION_STAGE, "中学", ("初中", "高中")),
        (EMPLOYMENT, "无业", ("失业", "无")),
        (FORMS[AidKind.OTHER], "用电用水用气价格补贴", ("用电价格补贴", "用水价格补贴", "用气价格补贴")),
    ],
)
def test_a_word_with_more_than_one_meaning_is_refused_with_all_of_them(
    vocabulary: ColumnVocabulary[Any], word: str, meanings: tuple[str, ...]
) -> None:
    with pytest.raises(AmbiguousWord) as refused:
        vocabulary(word)
    assert "、".join(meanings) in refused.value.message_zh


@pytest.mark.parametrize("word", ["无", "/", "-", "——", "不适用", "N/A"])
@pytest.mark.parametrize("vocabulary", [CATEGORY, HEALTH, DISABILITY_TYPE, DISABILITY_GRADE, EDUCATION_STAGE])
def test_a_word_for_nothing_says_nothing(vocabulary: ColumnVocabulary[Any], word: str) -> None:
    assert vocabulary(word) is None


def test_who_wrote_another_word_is_told_the_codes_in_english_and_the_names_in_chinese() -> None:
    with pytest.raises(UnknownWord) as refused:
        RELATION("邻居")
    assert "use: HEAD, SPOUSE, CHILD" in refused.value.message
    assert "可填:户主、配偶、子女" in refused.value.message_zh


def enums() -> Iterator[tuple[type[StrEnum], ColumnVocabulary[Any]]]:
    """Each enum that files may state, with its words."""
    for vocabulary in VOCABULARIES:
        value = next(iter(vocabulary.name_of))
        if isinstance(value, StrEnum):
            yield type(value), vocabulary


@pytest.mark.parametrize(("kind", "vocabulary"), list(enums()))
def test_every_value_has_its_official_word_and_its_codes(
    kind: type[StrEnum], vocabulary: ColumnVocabulary[Any]
) -> None:
    for member in vocabulary.name_of:
        for word in filter(None, (term(member).zh, member.value, member.value.lower(), term(member).code)):
            assert vocabulary(word) == member, word


@pytest.mark.parametrize(
    "name",
    sorted(path.name.removesuffix(".csv") for path in files("hub.imports").joinpath("vocabulary").iterdir()),
)
def test_no_word_of_a_file_stands_twice_or_against_an_official_word_and_each_has_a_source(name: str) -> None:
    lines = lines_of(name)
    forms = [(compact(word) or "").upper() for word, *_ in lines]
    assert all(forms)
    assert sorted({form for form in forms if forms.count(form) > 1}) == []
    assert all(source for _, _, source, _ in lines)
    values: set[str] = {"-", "1", "2", "3", "4", *(one.name for one in RowChange)}
    for kind, vocabulary in enums():
        if file_of(kind) == name:
            values |= {member.name for member in kind}
            official = {term(member).zh for member in vocabulary.name_of}
            assert sorted(official & set(forms)) == [], "the glossary has it"
    assert {one for _, value, *_ in lines for one in value.split("|") if one} <= values


def test_every_vocabulary_file_is_read() -> None:
    read = {file_of(kind) for kind, _ in enums()} | {"disability_grade", "row_change"}
    there = {path.name for path in files("hub.imports").joinpath("vocabulary").iterdir()}
    assert {f"{name}.csv" for name in read} == there
