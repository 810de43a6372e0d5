"""The refusals of circumstances, for requests and for rows of files."""

from hub.foundation.errors import HubError


class NotYourRegistry(HubError):
    """Your agency does not report {kind}; these registries do: {registries} (46-2.3).
    您的单位不报送{kind_zh},应由以下部门报送:{registries_zh}(46-2.3)。
    """


class PersonRequired(HubError):
    """Report this for a person, not a household.
    此类信息须以个人为对象报送。
    """
