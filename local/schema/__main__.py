"""`make migration NAME=…`: python -m local.schema NAME."""

import argparse
import sys
from datetime import UTC, datetime

from local.processes import StackError
from local.schema import command
from local.schema.databases import InstallationError
from local.stack import postgres
from local.stack.run_folder import temporary_run


def main() -> int:
    """Write the migration on a PostgreSQL of its own; 1 if there is something left to do."""
    parser = argparse.ArgumentParser(prog="make migration", description=command.__doc__)
    parser.add_argument("name", help="what changes, e.g. nova_coluna")
    name = parser.parse_args().name
    try:
        with temporary_run() as run:
            file = command.write(postgres.start(run).url, name, command.Folders(), datetime.now(UTC))
    except (StackError, InstallationError, command.MigrationError) as error:
        print(error, file=sys.stderr)
        return 1
    print(
        f"{file}: read it, test it, commit it" if file else "nothing to write: the migrations install supabase/schemas"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
