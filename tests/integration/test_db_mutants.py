"""The tests notice mistakes in the SQL: a few of those that they were seen to notice (`make mutation-sql`)."""

import subprocess
import sys

SAMPLE = 12


def test_p1_planted_mistakes_are_noticed() -> None:
    """Counting, attribution, closing, outbox: the same mutants each time, each by the test that noticed it before."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.mutation_sql", "--sample", str(SAMPLE)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, f"{SAMPLE} of {SAMPLE} mutants killed\n"), ended.stderr
