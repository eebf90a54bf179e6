"""boto3 and its client for S3 without what the gateway never uses, 25 MB of 77 beside pydantic.

- **Optional libraries.** botocore imports the AWS runtime in C and PyOpenSSL where they are installed (the latter comes
  with asyncua), and works the same without: signing and TLS are then Python's own, as on a computer that lacks them.
- **Descriptions.** botocore reads the description of S3 with all its documentation, and the addresses of every service
  of AWS. Its loader takes another reader of files (``Loader.file_loader``), which leaves both out.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final


@contextmanager
def _not_importable(*names: str) -> Iterator[None]:
    """While this lasts, importing these says that they are not installed, unless they are imported already."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules |= dict.fromkeys(hidden)  # type: ignore[arg-type]  # None is Python's own word for it
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


with _not_importable("awscrt", "OpenSSL"):
    import boto3
    import botocore.exceptions as aws
    import botocore.httpsession
    import botocore.session
    from botocore.config import Config as BotoConfig
    from botocore.loaders import JSONFileLoader, create_loader

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = ["BotoConfig", "aws", "s3_client"]

_SERVICES: Final = ("s3", "sts")
"""Of AWS: where batches go, and where a role's credentials come from."""


class _Descriptions(JSONFileLoader):
    """Reads botocore's descriptions without documentation, and of the list of addresses what is ours."""

    def load_file(self, file_path: str) -> object:
        """A description, None if there is no such file."""
        for suffix, opened in ((".json", open), (".json.gz", gzip.open)):
            path = Path(f"{file_path}{suffix}")
            if path.is_file():
                with opened(path, "rb") as handle:
                    ours = _ours_of_all if path.name.startswith("endpoints.") else _without_documentation
                    return json.loads(handle.read(), object_hook=ours)
        return None


def _without_documentation(values: dict[str, object]) -> dict[str, object]:
    if "documentation" in values:
        values["documentation"] = ""  # some descriptions must have one
    return values


def _ours_of_all(values: dict[str, object]) -> dict[str, object]:
    services = values.get("services")
    if isinstance(services, dict):
        values["services"] = {name: services[name] for name in _SERVICES if name in services}
    return values


def s3_client(region: str | None, options: BotoConfig) -> S3Client:
    """A client by the usual AWS environment or profile. Raises botocore's errors for a profile that is not there."""
    session = botocore.session.get_session()
    loader = create_loader(session.get_config_variable("data_path"))
    loader.file_loader = _Descriptions()
    session.register_component("data_loader", loader)
    own = boto3.session.Session(botocore_session=session)
    return own.client("s3", region_name=region or own.region_name or "us-east-1", config=options)
