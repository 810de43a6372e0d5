"""How each command is run, and its result compared with the model."""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, TypeVar

from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine

from hub.commands.context import CommandContext
from hub.foundation.errors import HubError
from tests.stateful.agreement import agree
from tests.stateful.given import AGENCIES
from tests.stateful.model import IN_CHARGE, Home, Referral, department
from tests.stateful.world import World

T = TypeVar("T")


class Judged(RuleBasedStateMachine):
    """Three households in two districts and the agencies concerned with them. `kept` counts the commands that were stored, by
    name."""

    world: World
    codes: tuple[str, ...]
    kept: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.model = self.world.model(self.codes)
        assert len(self.model.homes) == len(self.codes)
        self.everybody = (*AGENCIES, *(f"civil_affairs@{home.region[:9]}" for home in self.model.homes))
        self.serial = 0

    def run(
        self,
        agency: str,
        may: bool,
        write: Callable[[CommandContext], Awaitable[T]],
        *,
        certain: bool = True,
        named: str = "",
    ) -> T | None:
        """Run a command. If the agency may not run it, it must be refused and write nothing. If the agency may, and it is
        `certain`, it must be stored. Stored commands are counted under `named`, else under the name of the rule."""
        before = self.world.written()
        answered = self.world.run(agency, write)
        if isinstance(answered, HubError):
            note(f"{agency}: {type(answered).__name__}")
            assert not (may and certain), f"{agency} was refused what it may do: {answered.message}"
            assert self.world.written() == before, f"a refusal wrote something: {answered.message}"
            return None
        note(f"{agency}: kept")
        self.kept[named or write.__qualname__.split(".")[1]] += 1
        assert may, f"{agency} did what it may not"
        assert self.world.written() > before, "nothing was told in the chain"
        return answered

    def external(self) -> str:
        """An id that no command has used yet."""
        self.serial += 1
        return f"S-{self.serial}"

    def somebody(self, place: int, may: Callable[[str], bool]) -> str:
        """An agency: in half of the draws one that may run the command, if there is one."""
        able = [one for one in self.everybody if may(one)] if place % 2 else []
        among = able or self.everybody
        return among[place // 2 % len(among)]

    def anybody(self, place: int) -> str:
        """Any agency."""
        return self.everybody[place % len(self.everybody)]

    def home(self, place: int) -> Home:
        """A household."""
        return self.model.homes[place % len(self.model.homes)]

    def sent_by(self, agency: str, condition: str, *values: Any) -> list[str]:
        """Add to the model the referrals that a command also sent, and return their needs. Each must go to an agency in
        charge of its need."""
        rows = self.world.rows(
            f"select household_id, id, to_agency, need from referral where {condition} order by id", *values
        )
        for household, id, receiver, need in rows:
            assert department(receiver) in IN_CHARGE[need]
            self.model.send(Referral((household, id), agency, receiver, need, False))
        return [row[3] for row in rows]

    def teardown(self) -> None:
        """At the end, everything agrees with the model."""
        agree(self.world, self.model, self.everybody)
