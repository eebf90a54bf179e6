"""How tests run against mutants: the same examples each time, or a mutant would be killed by luck; not those that
measure memory, which take a minute for each mutant that lives."""

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "mutation", max_examples=30, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
settings.load_profile("mutation")

_MEASURE_MEMORY = {
    "test_p8_fields_that_never_repeat_are_not_remembered_for_ever",
    "test_p8_a_huge_chunk_is_not_split_into_lines_at_once",
    "test_p8_a_long_file_takes_no_more_memory_than_a_short_one",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave them out."""
    items[:] = [item for item in items if item.name not in _MEASURE_MEMORY]
