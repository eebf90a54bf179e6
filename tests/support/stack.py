"""What tests do to the running stack."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from local.processes import StackError
from local.stack import postgres
from local.stack.run_folder import temporary_folder
from local.stack.stack import Stack


@contextmanager
def started(*, cloud: bool) -> Iterator[Stack]:
    """A stack for the length of the block: Supabase, 2 s; with the cloud the product built and deployed too, 12 s more.

    What is missing to start it fails the test with the way to mend it.
    """
    with temporary_folder() as folder:
        stack = Stack(folder / "run")
        stack.begin()
        try:
            stack.start_supabase()
            postgres.without_disk(stack.database.url)
            if cloud:
                stack.start_cloud()
            yield stack
        except StackError as error:
            pytest.fail(str(error), pytrace=False)
        finally:
            stack.down()


@contextmanager
def supabase_away(stack: Stack) -> Iterator[None]:
    """Supabase answers nobody for the length of the block; connections hang, as in the worst outage."""
    (server,) = [part.pid for part in stack.run.parts if "supabase" in part.name.lower() or "lite" in part.name.lower()]
    os.kill(server, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server, signal.SIGCONT)


@contextmanager
def totvs_away(stack: Stack) -> Iterator[None]:
    """TOTVS refuses every connection for the length of the block."""
    stack.totvs.leave()
    try:
        yield
    finally:
        stack.totvs.come_back()


def restart(stack: Stack, function: str, **variables: str) -> None:
    """Start a function anew, with these variables changed; without any, as it was deployed. A changed
    configuration is seen within five minutes without it, a changed secret at once where the old one is refused.

    With a variable changed it calls the emulator past the recorder: its role is that of what was deployed."""
    changed = {"AWS_ENDPOINT_URL": stack.aws.endpoint_url, **variables} if variables else {}
    stack.aws.functions.update_function_configuration(
        FunctionName=stack.deployment.functions[function],
        Environment={"Variables": {**stack.deployment.environments[function], **changed}},
    )
