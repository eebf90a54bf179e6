"""HTTP to what runs on this machine: plain, past every proxy, patient."""

import ssl

import httpx

from local.waiting import LAST_RESORT_S

# One client for all: a new one reads the certificate authorities, 30 ms of a core, and none is needed here. It keeps no
# connection, because tests end and stop the servers.
http = httpx.Client(
    trust_env=False,
    verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
    timeout=LAST_RESORT_S,
    limits=httpx.Limits(max_keepalive_connections=0),
)
