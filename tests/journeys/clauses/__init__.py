"""A story for each row of the policy's tables, named by its clause; `test_every_row.py` demands that none is missing."""

import pytest

pytest.register_assert_rewrite("tests.journeys.clauses.story")
