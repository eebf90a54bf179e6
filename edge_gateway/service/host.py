"""The process that Windows starts as the service: the gateway, its log in files, ended by the SCM's stop request.

`python -m edge_gateway.service.host FOLDER`, with the folder of the data. It imports little before it is connected: the
SCM waits 30 s for that, and on a cold disk, under an antivirus, the gateway's own imports can take longer.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

from edge_gateway.logs import set_up_logging, silence_libraries
from edge_gateway.service import scm
from edge_gateway.service.places import SERVICE, Places
from sicfar.errors import ConfigurationError, SicfarError

if sys.platform != "win32":
    raise ImportError("this is the service of Windows; systemd starts the gateway itself")

LOG, CRASHES = "gateway.log", "python.txt"
_LOG_BYTES, _LOG_FILES = 10_000_000, 8

_log = logging.getLogger(__name__)


def serve(data: Path) -> int:
    """Run the gateway on this data folder until the SCM asks it to stop, and return the exit code.

    Raises OSError 1063 in a process that the SCM did not start.
    """
    # As Ctrl+C does: asyncio cancels the gateway's task, which ends in order.
    connection = scm.Connection(SERVICE, lambda: signal.raise_signal(signal.SIGINT))
    connection.open()
    code = 1
    try:
        code = _run(Places(Path(sys.executable).parents[1], data), connection)
    finally:
        connection.close(code)
    return code


def _run(places: Places, connection: scm.Connection) -> int:
    # A service has no standard streams; the traceback of a crash would be lost.
    loose = (places.log / CRASHES).open("a", encoding="utf-8", errors="backslashreplace", buffering=1)
    sys.stdout = sys.stderr = loose
    faulthandler.enable(loose)
    silence_libraries()
    path = places.log / LOG
    set_up_logging(RotatingFileHandler(path, "a", _LOG_BYTES, _LOG_FILES, encoding="utf-8", errors="backslashreplace"))
    from edge_gateway.commands.run import run
    from edge_gateway.config import load_config

    os.environ.setdefault("AWS_SHARED_CREDENTIALS_FILE", str(places.credentials))
    try:
        config = load_config(places.config)
        config.require_gateway()
        connection.running()
        run(config)
    except ConfigurationError as error:
        _log.error("configuração: %s", error, extra={"event": "configuration", "code": error.code})
        return 2
    except SicfarError as error:
        _log.error("%s", error, extra={"event": "failed", "code": error.code})
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(serve(Path(sys.argv[1])))
