"""In LocalStack's process: its clock is ours plus what the file SICFAR_CLOCK holds: a letter can be weeks old."""

import mmap
import os
import struct
import time
from pathlib import Path

_real = time.time
with Path(os.environ["SICFAR_CLOCK"]).open("rb") as _file:
    _ahead = mmap.mmap(_file.fileno(), 8, access=mmap.ACCESS_READ)


def _shifted() -> float:
    return _real() + float(struct.unpack("d", _ahead[:8])[0])


time.time = _shifted
