import pytest

# The steps of the stories say what must be true as they go; pytest explains their assertions like a test's own.
pytest.register_assert_rewrite(
    "tests.journeys.first_stay", "tests.journeys.way_in", "tests.journeys.care", "tests.journeys.mutual_help"
)
