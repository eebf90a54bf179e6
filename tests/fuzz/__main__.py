"""Coverage-guided fuzzing of one target: ``python -m tests.fuzz TARGET FOLDER [libFuzzer options]``.

Inputs that found new code are kept in FOLDER/corpus, one that broke a promise as FOLDER/crash-*: give its path after
the folder to run it alone. The corpus begins with what Hypothesis makes for the same target.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import atheris
from hypothesis import Phase, given, settings

with atheris.instrument_imports(include=["sicfar"]):
    from tests.fuzz.targets import TARGETS

from tests.fuzz import strategies
from tests.support.sampling import LONG

SEEDS = {
    "counting_file": strategies.counting_files,
    "record": strategies.counting_files,
    "batch_of_any_bytes": strategies.counting_files,
    "damaged_batch": strategies.edits,
    "s3_event": strategies.s3_events,
    "webhook": strategies.webhook_bodies,
    "page": strategies.pages,
}


def sow(target: str, folder: Path) -> None:
    """Write a first corpus."""
    if target not in SEEDS or any(folder.iterdir()):
        return
    numbers = iter(range(10**6))

    @settings(LONG, max_examples=200, phases=[Phase.generate])
    @given(SEEDS[target])
    def write(data: bytes) -> None:
        if len(data) < 4_096:
            (folder / f"seed-{next(numbers)}").write_bytes(data)

    write()


def main() -> None:
    """Run libFuzzer; it ends the process."""
    warnings.simplefilter("ignore")
    name, folder, *options = sys.argv[1:]
    corpus = Path(folder) / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    sow(name, corpus)
    files = [] if any(not option.startswith("-") for option in options) else [str(corpus)]
    arguments = [sys.argv[0], f"-artifact_prefix={folder}/", "-rss_limit_mb=1024", *options, *files]
    atheris.Setup(arguments, TARGETS[name])
    atheris.Fuzz()


main()
