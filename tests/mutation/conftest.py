"""How properties are tried against mutants: the same examples each time, or a mutant would be killed by luck."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "mutation", max_examples=30, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
settings.load_profile("mutation")
