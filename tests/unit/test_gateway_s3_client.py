"""The client for S3: made with what the gateway uses of boto3, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys

CODE = """
import sys
from edge_gateway.s3_client import BotoConfig, s3_client
assert not {"awscrt", "OpenSSL"} & set(sys.modules), "imported all the same"
client = s3_client("sa-east-1", BotoConfig())
texts = [client.meta.service_model.operation_model(name).documentation for name in ("PutObject", "ListObjectsV2")]
assert client.meta.endpoint_url == "https://s3.sa-east-1.amazonaws.com", client.meta.endpoint_url
assert texts == ["", ""], texts
import OpenSSL.SSL
"""


def test_the_client_needs_no_optional_library_and_reads_no_documentation() -> None:
    """In a process of its own: in this one others have imported them."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    ended = subprocess.run([sys.executable, "-c", CODE], env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
