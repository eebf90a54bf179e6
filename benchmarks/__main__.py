"""`python -m benchmarks [name] [options]`: one benchmark, or all of them, each a block of Markdown."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from local.processes import StackError

_SIZES: dict[str, dict[str, object]] = {
    "txt_throughput": {"records": 1_000_000},
    "recording": {"calls": 200},
    "freshness": {"seconds": 120},
    "folders": {"seconds": 60, "before": None},
    "modbus": {"seconds": 60},
    "opcua": {"seconds": 60},
    "gateway": {"seconds": 60, "records": 1_000_000},
    "totvs": {"rounds": 9},
    "first_invoke": {"rounds": 9, "before": None},
    "closing": {"orders": 100},
    "contention": {"calls": 480},
    "years": {"days": [1, 7], "calls": 100, "minutes": 30},
    "audit": {"batches": 1500},
    "versions": {"calls": 200, "before": None},
    "day": {"batches": 120, "before": None},
    "letters": {"letters": 300},
    "live_batch": {"calls": 200, "before": None},
    "cost": {},
}
"""Each benchmark's options, in the order `run` takes them, and their values when all are run."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what was asked for and print each report as soon as it is there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Figures of docs/performance.md.")
    chosen = parser.add_subparsers(
        dest="name",
        metavar=(
            "{txt_throughput,recording,freshness,folders,modbus,opcua,gateway,totvs,first_invoke,closing,"
            "contention,years,audit,versions,live_batch,day,letters,cost}"
        ),
    )
    reading = chosen.add_parser("txt_throughput", help="records a second read on one core, beside two other ways")
    reading.add_argument("--records", type=int, default=1_000_000)
    database = chosen.add_parser("recording", help="what registrar_contagens costs, with little and with much history")
    database.add_argument("--calls", type=int, default=200, help="live batches measured in each case")
    whole = chosen.add_parser("freshness", help="from a line in a TXT file to a committed total, all parts real")
    whole.add_argument("--seconds", type=int, default=120)
    files = chosen.add_parser("folders", help="a poll of thousands of old files; a gateway that follows ten lines")
    files.add_argument("--seconds", type=int, default=60)
    files.add_argument("--before", help="another checkout of the product, to be measured beside this one")
    registers = chosen.add_parser("modbus", help="a gateway that polls 100 registers four times a second")
    registers.add_argument("--seconds", type=int, default=60)
    nodes = chosen.add_parser("opcua", help="a gateway subscribed to 100 nodes that change four times a second")
    nodes.add_argument("--seconds", type=int, default=60)
    process = chosen.add_parser(
        "gateway", help="the gateway's process: CPU and memory of each kind of source, a backlog"
    )
    process.add_argument("--seconds", type=int, default=60)
    process.add_argument("--records", type=int, default=1_000_000, help="of the backlog; 0: none")
    erp = chosen.add_parser("totvs", help="starting each function, applying a month of orders")
    erp.add_argument("--rounds", type=int, default=9)
    start = chosen.add_parser("first_invoke", help="CPU of a function's first invoke, whole, beside an earlier version")
    start.add_argument("--rounds", type=int, default=9)
    start.add_argument("--before", help="another checkout of the product, built, to be measured beside this one")
    ending = chosen.add_parser("closing", help="signing and closing, with few and many orders in a shift")
    ending.add_argument("--orders", type=int, default=100)
    crowd = chosen.add_parser("contention", help="sixteen parsers at once on the same lines, while orders change")
    crowd.add_argument("--calls", type=int, default=480, help="batches in each case")
    history = chosen.add_parser("years", help="bytes a day, and what calls cost over a day, a month, a year of history")
    history.add_argument("--days", type=int, nargs="+", default=[1, 7], help="lengths of history, ascending")
    history.add_argument("--calls", type=int, default=100, help="live batches measured in each case")
    history.add_argument("--minutes", type=int, default=30, help="minutes of batches whose bytes are measured")
    oracle = chosen.add_parser("audit", help="what recomputing every total from the bucket costs")
    oracle.add_argument("--batches", type=int, default=1500)
    both = chosen.add_parser("versions", help="the database before and now: a live batch, rastrear, pendencias")
    both.add_argument("--calls", type=int, default=200, help="live batches measured of each version")
    both.add_argument("--before", help="folder of the earlier migrations; without it those of the last release")
    plant = chosen.add_parser("day", help="the plant's day through the deployed template: CPU by part; whole, 2 hours")
    plant.add_argument("--batches", type=int, default=720, help="of the 17,280 of a day; what is shown is scaled")
    plant.add_argument("--before", help="another checkout of the product, to be measured beside this one")
    dead = chosen.add_parser(
        "letters", help="dead letters sent back by `sicfar dlq replay` through the deployed functions"
    )
    dead.add_argument("--letters", type=int, default=10_000)
    batch = chosen.add_parser("live_batch", help="CPU of a live batch: function, API and PostgreSQL, before and now")
    batch.add_argument("--calls", type=int, default=200, help="batches measured of each version")
    batch.add_argument("--before", help="another checkout of the product, to be measured beside this one")
    chosen.add_parser("cost", help="what one plant costs on AWS a month, from uses and list prices")
    options = parser.parse_args(arguments)

    # Imported when run: the readers compared in the first one are needed by no other.
    for name, defaults in _SIZES.items():
        if options.name in (None, name):
            sizes = [getattr(options, size, default) for size, default in defaults.items()]
            print(import_module(f"benchmarks.{name}").run(*sizes), flush=True)


if __name__ == "__main__":
    try:
        main()
    except StackError as error:
        sys.exit(str(error))
