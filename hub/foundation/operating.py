"""Errors that the hub's operators can correct: settings, keys, files, the database. Only commands raise them, no request."""

from hub.foundation.errors import HubError


class OperatorError(HubError):
    """The hub cannot run so.
    平台无法这样运行。
    """
