"""The door: a process lets in what it answers within a second, refuses the rest at once, and keeps a share for each client."""

from schema.http.door import Door


class Clock:
    """Seconds that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        """The present second."""
        return self.now


def test_a_burst_of_a_hundred_is_let_in_whatever_was_before_and_the_next_is_refused() -> None:
    door = Door(Clock())
    assert [door.enter("one") for _ in range(101)] == [True] * 100 + [False]
    door.leave("one")
    assert door.enter("one")


def test_a_client_that_fills_the_hub_keeps_nobody_else_out() -> None:
    door = Door(Clock())
    for _ in range(200):
        door.enter("many")
    assert door.enter("few")
    assert not door.enter("many")


def test_a_process_that_answers_more_lets_in_more() -> None:
    clock = Clock()
    door = Door(clock)
    for _ in range(100):
        assert door.enter("one")
    for _ in range(4_000):  # a thousand in a second
        clock.now += 0.001
        door.leave("one")
        door.enter("one")
    let_in = sum(door.enter("one") for _ in range(2_000))
    assert 700 < let_in < 1_100
