"""How the functions talk to AWS itself."""

from botocore.config import Config

CLIENT = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2, "mode": "standard"})
"""Two tries at most: what still fails waits in a queue, not in a Lambda that is paid for waiting."""
