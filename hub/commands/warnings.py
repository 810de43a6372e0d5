"""Warnings about records that were saved."""

from typing import Protocol


class Warned(Protocol):
    """A fact that is worth a second look."""

    @property
    def code(self) -> str:
        """Stable; programs go by it."""

    @property
    def message(self) -> str:
        """The fact in English."""

    @property
    def message_zh(self) -> str:
        """The fact in Chinese."""
