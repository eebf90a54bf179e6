"""What docs/performance.md says a plant costs is what `python -m benchmarks cost` computes."""

from pathlib import Path

from benchmarks.cost import CLOUDWATCH_USD, sheet

DOC = Path("docs/performance.md").read_text(encoding="utf-8")


def test_the_cost_sheet_is_the_one_that_is_computed():
    _, section = DOC.split("## What a plant costs a month: `cost`\n")
    table = [line for line in section.split("\n## ")[0].splitlines() if line.startswith("| ")][2:]
    assert table == [f"| {' | '.join(row)} |" for row in sheet()]


def test_the_cost_sheet_has_the_sum_of_cloudwatchs_own():
    _, section = DOC.split("## CloudWatch a month\n")
    assert f"| all | | {CLOUDWATCH_USD:.2f} |" in section
