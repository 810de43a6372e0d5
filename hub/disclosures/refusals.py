"""The refusals of lists and of objections."""

from hub.foundation.errors import HubError


class AlreadyDisclosed(HubError):
    """This list was published already; withdraw it before you publish another.
    该名单已公示,如需更换请先撤回。
    """


class DisclosureWithdrawn(HubError):
    """The list was withdrawn already.
    该名单已撤回。
    """


class NotYourDisclosure(HubError):
    """Only the agency that published a list withdraws it.
    只有发布公示的单位可以撤回。
    """
