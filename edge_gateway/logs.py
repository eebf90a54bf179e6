"""Structured log lines: one JSON object a line on standard error, for the service manager's log file."""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import UTC, datetime

_OWN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}


class JsonFormatter(logging.Formatter):
    """Time (UTC), level, event, message and every `extra` field; a traceback as one string."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of JSON."""
        line: dict[str, object] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "event": getattr(record, "event", record.name),
            "message": record.getMessage(),
        }
        line.update((key, value) for key, value in record.__dict__.items() if key not in _OWN and key not in line)
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up_console() -> None:
    """Make what is printed independent of the code page (cp850, cp1252): no character is an error.

    A Windows console takes any character by itself. Into a file or a pipe goes UTF-8, or what PYTHONIOENCODING asks
    for; what cannot be written in it is escaped. Without a console (a service) there is no stream to set up.
    """
    encoding = None if os.environ.get("PYTHONIOENCODING") else "utf-8"
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding=encoding, errors="backslashreplace")


def set_up_logging(handler: logging.Handler | None = None) -> None:
    """Send the gateway's log to `handler`, by default standard error, as JSON; libraries only from WARNING on."""
    handler = handler or logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("edge_gateway").setLevel(logging.INFO)


def silence_libraries() -> None:
    """Keep a protocol's library from reporting beside us: it writes tracebacks, our sources say once what to do."""
    logging.getLogger("asyncua").setLevel(logging.CRITICAL + 1)
