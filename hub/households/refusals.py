"""The errors of a household and of its members."""

from hub.foundation.errors import HubError


class ValueMissing(HubError):
    """The value is missing.
    此项未填写。
    """


class InvalidText(HubError):
    """The text cannot be used: {reason}.
    文字不可用:{reason_zh}。
    """


class InvalidMoney(HubError):
    """It is not an amount in yuan from 0 to 9999999999.99 with at most two decimals.
    不是 0 至 9999999999.99 元的金额(最多两位小数)。
    """


class InvalidNumber(HubError, numbers=("least", "most")):
    """It is not a whole number from {least} to {most}.
    不是 {least} 至 {most} 的整数。
    """


class InvalidPhone(HubError):
    """It is not one telephone number.
    不是一个有效的电话号码。
    """


class InvalidAccount(HubError):
    """It is not an account number.
    不是有效的账号。
    """


class IdentityNumberMismatch(HubError):
    """It does not match the identity number.
    与身份证号所示不一致。
    """


class HouseholdValueMismatch(HubError):
    """It differs from row {row} of the same household; a value of the household must be the same in each row.
    与同户第 {row} 行不一致,属于全户的内容各行应相同。
    """


class DuplicateRow(HubError):
    """The same person is already in row {row} of the same household.
    同户第 {row} 行已有此人。
    """


class TooManyMembers(HubError, numbers=("most",)):
    """More than {most} rows share this household code; the column probably holds something else.
    同一户编号超过 {most} 行,该列可能不是户编号。
    """


class DuplicateHead(HubError):
    """The household has another head: {other}. Give both rows, with one head.
    该户已有户主:{other_zh}。请同时提供两人,且只有一名户主。
    """


class HeadMissing(HubError):
    """The household is new, or would have no head, and the file has no row of its head (relation HEAD).
    该户为新户,或将没有户主,而文件中没有户主一行。
    """


class HeadCannotLeave(HubError):
    """The head cannot leave while other members stay; give the row of the new head (relation HEAD) in the same file.
    户主迁出后其他成员没有户主,请在同一文件中提供新户主一行。
    """


class HeadRefused(HubError):
    """The row of the head of this household, row {row}, was refused; correct that row and import again.
    该户户主所在的第 {row} 行未被接受,请更正该行后重新导入。
    """


class HeadNameMismatch(HubError):
    """The household with this code has another head; check the code.
    该户编号下登记的户主另有其人,请核对户编号。
    """


class NamesShifted(HubError):
    """The names of this file are beside other people's numbers; the name column was probably sorted or shifted alone.
    姓名与其他人的号码对应,姓名列可能被单独排序或错行,请核对后重新导入。
    """


class NameChanged(HubError):
    """The registered name was changed; check that the number is this person's.
    已更改登记姓名,请核对该号码确为此人。
    """


class HeadRequired(HubError):
    """Values of the whole household come with its head (relation HEAD); add the head as a member.
    属于全户的内容须与户主一并填写,请同时提供户主。
    """


class ForeignHousehold(HubError):
    """The household is outside your jurisdiction; you cannot use its code.
    该户不属于您的辖区,不能使用该户编号。
    """


class PersonInAnotherHousehold(HubError):
    """The person is already a member of {household}; end that membership first.
    此人已是{household_zh}的成员,须先从该户迁出。
    """


class TooManyHouseholds(HubError, numbers=("most",)):
    """A request holds at most {most} households; send the rest in another, or import them as a file.
    每次请求最多 {most} 户,其余请另批发送,或以文件导入。
    """


class DuplicateHousehold(HubError):
    """This household code is already in this request.
    本次请求中已有此户编号。
    """
