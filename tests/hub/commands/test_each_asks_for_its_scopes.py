"""A command checks its scopes itself, before anything else, for every caller: a mutation, an import or a job."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

import hub
from auth.grant import Grant
from hub.commands.context import CommandContext
from hub.commands.creation import Creation
from hub.commands.update import Update
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import ForbiddenWrite
from hub.referrals.commands import ReferralOrigin

NO_SCOPES = Grant("civil_affairs@4101", "client", frozenset(), ("4101",), "social-assistance")
SCOPE = {
    "alerts.commands:_RaiseAlert": "alert:write",
    "alerts.commands:_DisposeAlert": "alert:write",
    "applications.commands:_SubmitApplication": "referral:write",
    "conferences.commands:_OpenConference": "conference:write",
    "conferences.commands:_CloseConference": "conference:write",
    "county_options.commands:_RecordOption": "county_option:write",
    "county_options.commands:_EndOption": "county_option:write",
    "disclosures.commands:_PublishDisclosure": "disclosure:write",
    "disclosures.commands:_WithdrawDisclosure": "disclosure:write",
    "disclosures.objections:_Object": "alert:write",
    "liability.commands:_RecordLiability": "liability:write",
    "near_relatives.commands:_Declare": "certification.near_relative:write",
    "near_relatives.commands:_End": "certification.near_relative:write",
    "offers.commands:_OfferCharity": "aid.charity:write",
    "offers.commands:_WithdrawOffer": "aid.charity:write",
    "overlaps.commands:_DecideOverlap": "overlap:write",
    "referrals.commands:_CreateReferral": "referral:write",
    "referrals.steps:_Answer": "referral:write",
    "referrals.steps:_Complete": "referral:write",
    "referrals.steps:_Forward": "referral:write",
    "visits.commands:_RecordVisit": "visit:write",
}
BY_WHAT_THE_DRAFT_IS = {"aid.commands:_RecordAid", "certifications.commands:_Certify"}
"""The kind of aid or the category of the draft decides which scope is needed; test_leaks_of_writes tries each."""
BY_WHAT_THE_RECORD_IS = {
    "aid.amendments:AmendAid",
    "aid.revocation:_RevokeAid",
    "aid.supporting_documents:_SupplyPapers",
    "certifications.commands:_Terminate",
    "recoveries.commands:_OpenRecovery",
    "recoveries.commands:_RecordRepayment",
    "recoveries.commands:_WaiveRecovery",
}
"""The kind of the stored record decides which scope is needed."""


def commands() -> Iterator[tuple[str, type[Any]]]:
    """Every kind of write, by its place."""
    for module in pkgutil.walk_packages(hub.__path__, "hub."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    waiting: list[type[Any]] = [Creation, Update]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("hub.") and not inspect.isabstract(kind):
            yield f"{kind.__module__.removeprefix('hub.')}:{kind.__qualname__}", kind


COMMANDS = dict(commands())


def command_at(place: str) -> Any:
    """The command at a place: the module's object, or a new instance of its class."""
    kind = COMMANDS[place]
    own = [one for one in vars(importlib.import_module(kind.__module__)).values() if type(one) is kind]
    if own:
        return own[0]
    return kind(ReferralOrigin()) if place.endswith("_CreateReferral") else kind()


def test_every_command_is_tried_here_or_decides_by_what_it_is_about() -> None:
    assert COMMANDS.keys() == SCOPE.keys() | BY_WHAT_THE_DRAFT_IS | BY_WHAT_THE_RECORD_IS


@pytest.mark.parametrize("place", SCOPE)
def test_a_command_asks_for_its_scope_before_it_looks_at_its_draft(place: str, secrecy: Secrecy) -> None:
    command = command_at(place)
    context = CommandContext(AsyncSession(), NO_SCOPES, secrecy)
    with pytest.raises(ForbiddenWrite, match=f"the scope {SCOPE[place]}"):
        command.authorise(context, None)
