"""The descriptions of AWS's services, which botocore reads anew for each session: read once for all tests.

A pytest plugin: a client costs 100 ms of a core otherwise, and most tests of AWS make one of their own.
"""

import functools

from botocore import session

session.create_loader = functools.cache(session.create_loader)
