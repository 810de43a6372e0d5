"""The refusals of monthly lists."""

from hub.foundation.errors import HubError


class CountyOfficeRequired(HubError):
    """A monthly list is shared by the county's or the city's office (46-2.2); leave the month out.
    每月名单由区县或市级单位共享(46-2.2),请不要填写月份。
    """
