"""How a command is run and judged, whatever it is."""

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
    """Three households in two districts and everybody who has to do with them. `kept` counts the commands that were kept."""

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
        """Run a command. One that may not be is refused and writes nothing; one that may is kept, where it is `certain`, and
        counted under a name, else that of its rule."""
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
        """An id that no command had before."""
        self.serial += 1
        return f"S-{self.serial}"

    def somebody(self, place: int, may: Callable[[str], bool]) -> str:
        """An agency: half the time one that may, where there is one."""
        able = [one for one in self.everybody if may(one)] if place % 2 else []
        among = able or self.everybody
        return among[place // 2 % len(among)]

    def anybody(self, place: int) -> str:
        """An agency."""
        return self.everybody[place % len(self.everybody)]

    def home(self, place: int) -> Home:
        """A household."""
        return self.model.homes[place % len(self.model.homes)]

    def sent_by(self, agency: str, condition: str, *values: Any) -> list[str]:
        """Take into the model the referrals that a command sent besides; each went to an agency in charge, where the
        household lives. Answers their needs."""
        rows = self.world.rows(
            f"select household_id, id, to_agency, need from referral where {condition} order by id", *values
        )
        for household, id, receiver, need in rows:
            assert department(receiver) in IN_CHARGE[need]
            self.model.send(Referral((household, id), agency, receiver, need, False))
        return [row[3] for row in rows]

    def teardown(self) -> None:
        """In the end everything is what the model says."""
        agree(self.world, self.model, self.everybody)
