"""How the functions talk to AWS itself."""

from botocore.config import Config

ONCE = Config(connect_timeout=3, read_timeout=20, retries={"total_max_attempts": 1, "mode": "standard"})
"""One try: what may have taken effect is not repeated at once."""

CLIENT = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 2, "mode": "standard"})
"""Two tries at most: what still fails waits in a queue, not in a Lambda that is paid for waiting."""
