"""The words that departments use in files of aid records (46-3)."""

from enum import StrEnum

from hub.imports.cells import Cell, compact
from hub.imports.refusals import UnknownWord
from hub.imports.words import ColumnVocabulary, vocabulary
from hub.model.aid import AidKind, AidStatus, DangerGrade, Payee, forms_of

KIND = vocabulary(AidKind)
STATUS = vocabulary(AidStatus, without=(AidStatus.REVOKED,))
PAYEE = vocabulary(Payee)
DANGER_GRADE = vocabulary(DangerGrade)
FORMS: dict[AidKind, ColumnVocabulary[StrEnum]] = {kind: vocabulary(forms_of(kind)) for kind in AidKind}
"""The forms of each kind; a word means the form of the row's own kind."""

_TRUTH = {"是": True, "有": True, "TRUE": True, "Y": True, "1": True,
          "否": False, "无": False, "FALSE": False, "N": False, "0": False}  # fmt: skip


def truth(cell: Cell) -> bool | None:
    """是 or 否; raises UnknownWord."""
    word = compact(cell)
    if word is None:
        return None
    if word.upper() not in _TRUTH:
        raise UnknownWord(words="TRUE, FALSE", words_zh="是、否")
    return _TRUTH[word.upper()]
