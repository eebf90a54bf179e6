"""An S3 in this process's memory: one bucket with versions, for our own code in the same process or, over HTTP, for a
gateway in another."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from botocore.exceptions import ClientError

from local.processes import LOOPBACK

WRITTEN = datetime(2026, 3, 15, tzinfo=UTC)
"""When every version was written, as a listing says it."""


@dataclass
class Version:
    """One version of an object."""

    id: str
    body: bytes


@dataclass
class Body:
    """What `get_object` answers as the object's bytes."""

    data: bytes

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        """The bytes in pieces."""
        return (self.data[at : at + size] for at in range(0, len(self.data), size))


class Bucket:
    """A versioned bucket and, with the same names as boto3's client, the calls our code reads it by.

    `broken`: keys whose reading breaks off half way. `on_write` is called with key and version of every write.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.objects: dict[str, list[Version]] = {}
        self.broken: set[str] = set()
        self.on_write: Callable[[str, Version], None] = lambda _key, _version: None

    def put_new(self, key: str, body: bytes) -> None:
        """Write unless there is an object of that name, as `If-None-Match: *` does."""
        if key not in self.objects:
            self.write(key, body)

    def write(self, key: str, body: bytes) -> Version:
        """Add a version."""
        versions = self.objects.setdefault(key, [])
        version = Version(f"v{len(versions) + 1}", body)
        versions.append(version)
        self.on_write(key, version)
        return version

    def version(self, key: str, identity: str | None) -> Version:
        """A version by its id; the first under None."""
        return next(version for version in self.objects[key] if identity in (None, version.id))

    def get_object(self, *, Bucket: str, Key: str, VersionId: str | None = None) -> dict[str, Body]:  # noqa: N803
        """Read an object. Raises ClientError for a bucket or key that is not there."""
        if Bucket != self.name or Key not in self.objects:
            code = "NoSuchKey" if Bucket == self.name else "NoSuchBucket"
            raise ClientError({"Error": {"Code": code}}, "GetObject")
        body = self.version(Key, VersionId).body
        return {"Body": Body(body[: len(body) // 2] if Key in self.broken else body)}

    def get_paginator(self, operation: str) -> Bucket:
        """The listing of versions, the only one there is."""
        if operation != "list_object_versions":
            raise NotImplementedError(operation)
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> Iterator[dict[str, list[dict[str, object]]]]:  # noqa: N803
        """A page for each object. Raises ClientError for another bucket."""
        if Bucket != self.name:
            raise ClientError({"Error": {"Code": "NoSuchBucket"}}, "ListObjectVersions")
        for key, versions in sorted(self.objects.items()):
            if key.startswith(Prefix):
                yield {
                    "Versions": [
                        {
                            "Key": key,
                            "VersionId": version.id,
                            "Size": len(version.body),
                            "LastModified": WRITTEN,
                            "IsLatest": version is versions[-1],
                        }
                        for version in versions
                    ]
                }


class Served(ThreadingHTTPServer):
    """A bucket a gateway can upload to, on this port of this machine from now on; 0 takes a free one.

    `behind_s`: how many seconds its ``Date`` lags this computer's clock, which is then as much ahead of S3's.
    """

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__((LOOPBACK, port), _Handler)
        self.bucket = Bucket("")
        self.behind_s = 0
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        """What boto3 takes as AWS_ENDPOINT_URL."""
        return f"http://{LOOPBACK}:{self.server_address[1]}"

    def bodies(self) -> dict[str, bytes]:
        """Every object by key."""
        return {key: versions[0].body for key, versions in list(self.bucket.objects.items())}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Served

    def do_PUT(self) -> None:
        key = unquote(self.path).split("/", 2)[2]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bucket.put_new(key, body)
        if self.server.bucket.version(key, None).body != body:
            raise ValueError(f"{key} came twice with different bytes")
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        """The only listing a gateway asks for: whether there is an answer at all."""
        body = b"<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The ``Date`` of an answer."""
        return super().date_time_string((time.time() if timestamp is None else timestamp) - self.server.behind_s)

    def log_message(self, *_: object) -> None:
        """Nothing to say."""
