"""`python -m sicfar …`."""

import sys

from sicfar.cli import main

sys.exit(main())
