"""The client for S3: made with what the gateway uses of boto3, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

CODE = """
import sys
from edge_gateway.s3_client import BotoConfig, s3_client
assert not {"awscrt", "OpenSSL"} & set(sys.modules), "imported all the same"
client = s3_client("sa-east-1", BotoConfig())
texts = [client.meta.service_model.operation_model(name).documentation for name in ("PutObject", "ListObjectsV2")]
assert client.meta.endpoint_url == "https://s3.sa-east-1.amazonaws.com", client.meta.endpoint_url
assert texts == ["", ""], texts
"""
PUT = """
import os
from edge_gateway.spool.store import SealedBatch
from edge_gateway.uploader import S3Store
from local.simulators.s3 import Served
s3 = Served()
os.environ["AWS_ENDPOINT_URL"] = s3.url
S3Store("bench", "sa-east-1").put(SealedBatch(1, "contagens/x", b"body", "00" * 32, 1))
assert s3.bodies() == {"contagens/x": b"body"}
"""


@pytest.mark.parametrize("code", [CODE, PUT], ids=["made", "used"])
def test_the_client_needs_no_optional_library_and_reads_no_documentation(code: str) -> None:
    """In a process of its own: in this one others have imported them."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
