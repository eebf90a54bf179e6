"""The plant-side half: sources → spool → uploader. Counting happens here, adding in the cloud."""

import sys

# botocore imports urllib3's pyOpenSSL where it is installed (asyncua needs it) and uses nothing of it: 9 MB. Without it
# botocore takes Python's own ssl, as it does where pyOpenSSL is not installed.
sys.modules.setdefault("urllib3.contrib.pyopenssl", None)  # type: ignore[arg-type]
