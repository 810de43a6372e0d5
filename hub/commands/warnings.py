"""Warnings about records that were saved."""

from typing import Protocol


class Warned(Protocol):
    """A fact that the caller should check."""

    @property
    def code(self) -> str:
        """A stable code, for programs."""

    @property
    def message(self) -> str:
        """The message in English."""

    @property
    def message_zh(self) -> str:
        """The message in Chinese."""
