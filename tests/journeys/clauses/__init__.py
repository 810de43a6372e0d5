"""One story for each row of the policy's tables. Its name begins with the clause. `test_every_row.py` checks that none is
missing."""

import pytest

pytest.register_assert_rewrite("tests.journeys.clauses.story")
