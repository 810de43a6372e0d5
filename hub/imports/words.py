"""The words that offices use besides those of the glossary."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from hub.glossary.code_sets import term
from hub.imports.cells import Cell, compact
from hub.imports.refusals import UnknownWord
from hub.model.certifications import Category, MonitoredSubtype, Support
from hub.model.circumstances import CircumstanceKind
from hub.model.households import Residence
from hub.model.persons import DisabilityType, EducationStage, Employment, Gender, Health, Labour, Relation

E = TypeVar("E", bound=StrEnum)

NOTHING = frozenset({"无", "-", "--", "—", "——", "/", "\\", "暂无", "不适用"})
"""Cell texts that mean "does not apply", unless the vocabulary has the word."""


@dataclass(frozen=True)
class Vocabulary(Generic[E]):
    """The accepted words for the members of an enum: Chinese words and the enum's codes."""

    of: Mapping[str, E]
    recommended: str

    def __call__(self, cell: Cell) -> E | None:
        """The member of a cell, or None for "does not apply"; raises UnknownWord."""
        if type(cell) is str and (exact := self.of.get(cell)) is not None:
            return exact
        word = compact(cell)
        if word is None:
            return None
        member = self.of.get(word) or self.of.get(word.upper())
        if member is None and word not in NOTHING:
            raise UnknownWord(words=self.recommended)
        return member


def vocabulary(words: Mapping[E, str]) -> Vocabulary[E]:
    """The vocabulary of an enum: the glossary's word of each member (recommended), further Chinese words separated by
    spaces, and the codes."""
    of = {word: member for member, many in words.items() for word in (term(member).zh, *many.split())}
    of.update({member.value: member for member in words})
    return Vocabulary(of, "、".join(term(member).zh for member in words))


RELATION = vocabulary(
    {
        Relation.HEAD: "本人 本人或户主",
        Relation.SPOUSE: "妻 夫 妻子 丈夫 夫妻 夫或妻",
        Relation.CHILD: "子 女 儿子 女儿 长子 次子 三子 四子 独生子 长女 次女 三女 四女 独生女 养子"
        " 养女 继子 继女 儿媳 女婿 养子女 继子女",
        Relation.GRANDCHILD: "孙子 孙女 外孙子 外孙女 外孙 孙 曾孙子 曾孙女 孙子女或外孙子女",
        Relation.PARENT: "父亲 母亲 父 母 公公 婆婆 岳父 岳母 继父 继母 养父 养母 父母或岳父母",
        Relation.GRANDPARENT: "祖父 祖母 外祖父 外祖母 爷爷 奶奶 外公 外婆 祖父母或外祖父母",
        Relation.SIBLING: "兄 弟 姐 妹 哥哥 弟弟 姐姐 妹妹 兄弟 姐妹",
        Relation.OTHER: "其它 其他亲属 非亲属 侄子 侄女 外甥 外甥女",
    }
)

CATEGORY = vocabulary(
    {
        Category.SUBSISTENCE_ALLOWANCE: "低保 低保户 低保家庭 最低生活保障 最低生活保障对象 最低生活保障家庭 城市低保 农村低保",
        Category.EXTREME_HARDSHIP: "特困 特困供养 特困供养人员 城市特困 农村特困",
        Category.SUBSISTENCE_MARGIN: "低保边缘 低边 低边家庭 低保边缘户",
        Category.RIGID_EXPENDITURE: "刚性支出困难 刚性支出家庭",
        Category.POVERTY_RELAPSE_MONITORED: "监测对象 防返贫监测对象",
        Category.OTHER_HARDSHIP: "其他困难 其他困难家庭",
    }
)

MONITORED_SUBTYPE = vocabulary(
    {
        MonitoredSubtype.UNSTABLE: "脱贫不稳定",
        MonitoredSubtype.MARGINAL: "边缘易致贫 边缘户",
        MonitoredSubtype.SUDDEN_HARDSHIP: "突发严重困难",
    }
)

SUPPORT = vocabulary({Support.INSTITUTIONAL: "集中", Support.DISPERSED: "分散 散居 居家 分散居家供养"})

RESIDENCE = vocabulary(
    {
        Residence.URBAN: "城镇 城 非农业 非农业户口 非农 居民",
        Residence.RURAL: "农业 乡 乡村 农业户口 农",
    }
)

GENDER = vocabulary({Gender.MALE: "男性 M 1", Gender.FEMALE: "女性 F 2"})

HEALTH = vocabulary(
    {
        Health.HEALTHY: "良好 健康或良好 一般 一般或较弱 身体健康",
        Health.CHRONIC: "有慢性病 患慢性病 患有慢性病 长期慢性病",
        Health.SERIOUS: "大病 患重病 患大病 患有大病 重大疾病 重特大疾病",
    }
)

CIRCUMSTANCE_KIND = vocabulary(
    {
        CircumstanceKind.HARDSHIP_STUDENT: "困难学生",
        CircumstanceKind.REGISTERED_UNEMPLOYED: "登记失业人员 失业",
        CircumstanceKind.SERIOUS_ILLNESS: "大病 重病患者 重特大疾病",
        CircumstanceKind.CHRONIC_ILLNESS: "慢病",
        CircumstanceKind.RIGID_EXPENSE: "刚性医疗支出",
        CircumstanceKind.DISABILITY: "残疾人",
        CircumstanceKind.DEATH: "殡葬 去世",
        CircumstanceKind.DISASTER: "灾害",
        CircumstanceKind.MONITORED: "监测对象",
    }
)

DISABILITY_TYPE = vocabulary(
    {
        DisabilityType.VISUAL: "视力",
        DisabilityType.HEARING: "听力",
        DisabilityType.SPEECH: "言语",
        DisabilityType.PHYSICAL: "肢体",
        DisabilityType.INTELLECTUAL: "智力",
        DisabilityType.MENTAL: "精神",
        DisabilityType.MULTIPLE: "多重",
    }
)

EDUCATION_STAGE = vocabulary(
    {
        EducationStage.KINDERGARTEN: "学前 学前教育",
        EducationStage.PRIMARY: "",
        EducationStage.JUNIOR_HIGH: "",
        EducationStage.SENIOR_HIGH: "普通高中",
        EducationStage.VOCATIONAL: "中专 职高 技校 中等职业学校 中等职业教育",
        EducationStage.COLLEGE: "本科 大专 专科 高职 高职高专 研究生 硕士 博士 高等教育",
    }
)

EMPLOYMENT = vocabulary(
    {
        Employment.EMPLOYED: "在职 已就业 单位就业 务工 外出务工 在业",
        Employment.FLEXIBLE: "自谋职业 打零工 个体经营",
        Employment.FARMING: "",
        Employment.UNEMPLOYED: "登记失业 未就业 待业 无业",
        Employment.STUDYING: "在校生 学生 上学 在读",
        Employment.RETIRED: "离退休",
        Employment.NONE: "未达就业年龄 无就业能力 其他",
    }
)

LABOUR = vocabulary(
    {
        Labour.FULL: "有 普通劳动力 全劳动力 正常",
        Labour.WEAK: "弱 弱劳动力 半劳动力 部分 部分劳动能力 部分丧失劳动能力",
        Labour.NONE: "无 丧失劳动能力 完全丧失劳动能力 无劳动力",
    }
)
