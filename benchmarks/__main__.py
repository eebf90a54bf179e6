"""`python -m benchmarks [name] [options]`: one benchmark, or all of them, each a block of Markdown."""

import argparse
import sys
from collections.abc import Sequence

from local.processes import StackError


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what was asked for and print each report as soon as it is there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Figures of docs/performance.md.")
    chosen = parser.add_subparsers(
        dest="name", metavar="{txt_throughput,recording,freshness,modbus,opcua,totvs,closing,contention,years}"
    )
    reading = chosen.add_parser("txt_throughput", help="records a second read on one core, beside two other ways")
    reading.add_argument("--records", type=int, default=1_000_000)
    database = chosen.add_parser("recording", help="what registrar_contagens costs, with little and with much history")
    database.add_argument("--calls", type=int, default=200, help="live batches measured in each case")
    whole = chosen.add_parser("freshness", help="from a line in a TXT file to a committed total, all parts real")
    whole.add_argument("--seconds", type=int, default=120)
    registers = chosen.add_parser("modbus", help="a gateway that polls 100 registers four times a second")
    registers.add_argument("--seconds", type=int, default=60)
    nodes = chosen.add_parser("opcua", help="a gateway subscribed to 100 nodes that change four times a second")
    nodes.add_argument("--seconds", type=int, default=60)
    erp = chosen.add_parser("totvs", help="starting each function, applying a month of orders")
    erp.add_argument("--rounds", type=int, default=9)
    ending = chosen.add_parser("closing", help="signing and closing, with few and many orders in a shift")
    ending.add_argument("--orders", type=int, default=100)
    crowd = chosen.add_parser("contention", help="sixteen parsers at once on the same lines, while orders change")
    crowd.add_argument("--calls", type=int, default=480, help="batches in each case")
    history = chosen.add_parser("years", help="bytes a day, and what calls cost over a day, a month, a year of history")
    history.add_argument("--days", type=int, nargs="+", default=[1, 7], help="lengths of history, ascending")
    history.add_argument("--calls", type=int, default=100, help="live batches measured in each case")
    history.add_argument("--minutes", type=int, default=30, help="minutes of batches whose bytes are measured")
    options = parser.parse_args(arguments)

    # Imported when run: the readers compared in the first one are needed by no other.
    if options.name in (None, "txt_throughput"):
        from benchmarks import txt_throughput

        print(txt_throughput.run(getattr(options, "records", 1_000_000)), flush=True)
    if options.name in (None, "recording"):
        from benchmarks import recording

        print(recording.run(getattr(options, "calls", 200)), flush=True)
    if options.name in (None, "freshness"):
        from benchmarks import freshness

        print(freshness.run(getattr(options, "seconds", 120)), flush=True)
    if options.name in (None, "modbus"):
        from benchmarks import modbus

        print(modbus.run(getattr(options, "seconds", 60)), flush=True)
    if options.name in (None, "opcua"):
        from benchmarks import opcua

        print(opcua.run(getattr(options, "seconds", 60)), flush=True)
    if options.name in (None, "totvs"):
        from benchmarks import totvs

        print(totvs.run(getattr(options, "rounds", 9)), flush=True)
    if options.name in (None, "closing"):
        from benchmarks import closing

        print(closing.run(getattr(options, "orders", 100)), flush=True)
    if options.name in (None, "contention"):
        from benchmarks import contention

        print(contention.run(getattr(options, "calls", 480)), flush=True)
    if options.name in (None, "years"):
        from benchmarks import years

        days = getattr(options, "days", [1, 7])
        print(years.run(days, getattr(options, "calls", 100), getattr(options, "minutes", 30)), flush=True)


if __name__ == "__main__":
    try:
        main()
    except StackError as error:
        sys.exit(str(error))
