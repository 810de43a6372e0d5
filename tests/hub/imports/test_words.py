"""The policy's own words, the words of offices, and the codes of GB/T 4761 are accepted in files."""

from enum import StrEnum

import pytest

from hub.imports.aid_words import FORMS, STATUS
from hub.imports.refusals import UnknownWord
from hub.imports.words import CATEGORY, RELATION, Vocabulary
from hub.model.aid import AidKind, AidStatus, DisasterForm, EducationForm, OtherForm, ServiceForm
from hub.model.certifications import Category
from hub.model.persons import Relation


@pytest.mark.parametrize(("vocabulary", "word", "member"), [
    (FORMS[AidKind.OTHER], "冬季取暖补贴", OtherForm.HEATING),
    (FORMS[AidKind.SERVICE], "探访关爱", ServiceForm.VISIT),
    (FORMS[AidKind.SERVICE], "照护服务", ServiceForm.CARE),
    (FORMS[AidKind.SERVICE], "资源链接", ServiceForm.SOCIAL_WORK),
    (FORMS[AidKind.SERVICE], "能力提升", ServiceForm.SOCIAL_WORK),
    (FORMS[AidKind.SERVICE], "社会融入", ServiceForm.SOCIAL_WORK),
    (FORMS[AidKind.DISASTER], "旱灾临时生活困难救助", DisasterForm.DROUGHT),
    (FORMS[AidKind.DISASTER], "冬春临时生活困难救助", DisasterForm.WINTER_SPRING),
    (FORMS[AidKind.DISASTER], "因灾倒损民房恢复重建", DisasterForm.REBUILDING),
    (FORMS[AidKind.EDUCATION], "减免相关费用", EducationForm.FEE_WAIVER),
    (CATEGORY, "低保边缘家庭成员", Category.SUBSISTENCE_MARGIN),
    (CATEGORY, "刚性支出困难家庭成员", Category.RIGID_EXPENDITURE),
    (STATUS, "已确认", AidStatus.APPROVED),
    (RELATION, "五子", Relation.CHILD),
    (RELATION, "孙女婿", Relation.GRANDCHILD),
    (RELATION, "01", Relation.HEAD),
    (RELATION, "02", Relation.HEAD),
    (RELATION, "10", Relation.SPOUSE),
    (RELATION, "20", Relation.CHILD),
    (RELATION, "38", Relation.CHILD),
    (RELATION, "46", Relation.GRANDCHILD),
])  # fmt: skip
def test_a_word_of_the_policy_of_an_office_or_of_the_standard_is_accepted(
    vocabulary: Vocabulary[StrEnum], word: str, member: StrEnum
) -> None:
    assert vocabulary(word) is member


def test_who_wrote_another_word_is_told_the_codes_in_english_and_the_names_in_chinese() -> None:
    with pytest.raises(UnknownWord) as refused:
        RELATION("邻居")
    assert "use: HEAD, SPOUSE, CHILD" in refused.value.message
    assert "可填:户主、配偶、子女" in refused.value.message_zh
