"""A plant's logger, run by the Windows Python: appends lines, renames its file again and again, deletes old files.

`logger.py FOLDER write COUNT` writes COUNT lines and renames after every fifth; `logger.py FOLDER delete` deletes what
was renamed. Prints what it wrote and which of its renames and deletions failed.
"""

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

folder, act = Path(sys.argv[1]), sys.argv[2]
current = folder / "saida.txt"
failed = []
written = 0
if act == "write":
    stamp = time.time_ns()
    for number in range(int(sys.argv[3])):
        with current.open("ab") as file:
            at = datetime.now(UTC).isoformat(timespec="milliseconds")
            file.write(f"{at},SPEP-ENV-A,1,0\r\n".encode())
        written += 1
        time.sleep(0.012)
        if number % 5 == 4:
            try:
                current.rename(folder / f"saida-{stamp}-{number}.txt")
            except OSError as error:
                failed.append(str(error))
else:
    for old in list(folder.glob("saida-*.txt")):
        try:
            old.unlink()
        except OSError as error:
            failed.append(str(error))
print(json.dumps({"written": written, "failed": failed}))
