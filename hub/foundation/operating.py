"""What those who run the hub can mend: settings, keys, files, the database. Told by commands; no request meets it."""

from hub.foundation.errors import HubError


class OperatorError(HubError):
    """The hub cannot run so.
    平台无法这样运行。
    """
