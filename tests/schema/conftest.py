"""The residents that the journeys know, for tests of single refusals."""

from tests.journeys.conftest import of_erqi, of_jinshui

__all__ = ["of_erqi", "of_jinshui"]
