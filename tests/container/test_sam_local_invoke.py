"""The packaging, as `sam local invoke` runs it: the function's own container, layers and all, against the stack.

Needs a container engine and the base image; where they are missing this fails and says so.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local import example
from local.stack import SAM_LOCAL_FILE, Stack

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def invoke(stack: Stack):
    if shutil.which("docker") is None or subprocess.run(["docker", "info"], capture_output=True).returncode:
        pytest.fail("no container engine answers `docker info`: start Docker, Finch or podman", pytrace=False)
    example.prepare(stack)
    environment = {**os.environ, **stack.aws.environment(), "SAM_CLI_TELEMETRY": "0"}

    def run(function: str, event: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).parent / "sam"), "local", "invoke", function, "-e", event]
        command += ["--env-vars", str(stack.run.path / SAM_LOCAL_FILE)]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)

    return run


def test_p1_sam_local_invoke_of_the_example_event_moves_the_total_once(invoke, stack):
    assert example.total(stack) == 0
    for _ in range(2):
        done = invoke("TxtParser", "events/txt_parser.json")
        assert done.returncode == 0, done.stderr[-3000:]
        assert json.loads(done.stdout.strip().splitlines()[-1]) == {"batchItemFailures": []}, done.stdout
        assert example.total(stack) == 240
