"""What one plant costs on AWS a month: how often each service is used, times its list price.

Uses are counted from what the plant does (one gateway, a batch every 5 s) and from figures of docs/performance.md; what
is assumed and not measured says so in its row. CloudWatch has a table of its own there. No free tier is deducted.
"""

from dataclasses import dataclass

from benchmarks.figures import block, table

DAY_S, DAYS = 86_400, 30
PLANT_LINES = 37
BATCHES = DAYS * DAY_S // 5
BATCH_KB = 1.8
"""A sealed batch of 37 lines × 5 s, compressed; `seal` of 740 records at 4 a second."""
MEMORY_MB, VCPU_MB = 512, 1_769
"""A function computes at its memory's share of a vCPU, of which 1,769 MB have a whole one.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""
PARSER_CPU_MS, CLOSURE_CPU_MS, SYNC_CPU_MS = 12, 12, 83 + 900
"""CPU of a run as `day` measures it; the pull's with a start as `first_invoke` has it, for Lambda may keep no process
that works every quarter of an hour."""
PARSER_AWAY_MS, CLOSURE_AWAY_MS, SYNC_AWAY_MS, OTHER_MS = 60, 60, 500, 200
"""Billed time of a run beside its own CPU, while S3, Supabase and the ERP answer: assumed. So is all of the others'."""
SEALING_CPU_MS, SEALING_AWAY_MS = 250, 500
"""CPU of a sealing that finds nothing, its emulated S3 included (docs/performance.md); the wait is assumed."""
CLOSURES, SYNCS, SEALINGS = DAYS * 1_440, DAYS * 96, DAYS * 288
REPORTS, WEBHOOKS = DAYS * 200, DAYS * 400
QUEUES, POLLERS, LONG_POLL_S = 3, 5, 20
"""Lambda asks each queue with five long polls at a time, also while nothing comes (AWS's documents; not measured)."""
SECRETS, SECRET_AGE_S, PROCESSES = 5, 300, 7
CLOUDWATCH_USD = 5.43

SEEN = "us-east-1, CloudWatch's as seen on 2026-11-29, the others from memory (São Paulo's are higher)"


@dataclass(frozen=True, slots=True)
class Use:
    """What is used so often a month, at so many USD for `unit` of it."""

    what: str
    number: float
    usd: float
    unit: float = 1

    @property
    def cost(self) -> float:
        """USD a month."""
        return self.number / self.unit * self.usd


def billed(cpu_ms: float, away_ms: float) -> float:
    """Milliseconds charged for a run that computes so long on a whole core and waits so long for others."""
    return cpu_ms * VCPU_MB / MEMORY_MB + away_ms


def uses() -> list[Use]:
    """Everything that is charged by use. Prices: aws.amazon.com/{s3,sqs,lambda,secrets-manager,api-gateway}/pricing."""
    idle = QUEUES * POLLERS * DAYS * DAY_S // LONG_POLL_S
    runs = BATCHES + CLOSURES + SYNCS + SEALINGS + REPORTS + 2 * WEBHOOKS
    billed_ms = (
        BATCHES * billed(PARSER_CPU_MS, PARSER_AWAY_MS)
        + CLOSURES * billed(CLOSURE_CPU_MS, CLOSURE_AWAY_MS)
        + SYNCS * billed(SYNC_CPU_MS, SYNC_AWAY_MS)
        + SEALINGS * billed(SEALING_CPU_MS, SEALING_AWAY_MS)
        + (REPORTS + 2 * WEBHOOKS) * OTHER_MS
    )
    gb_s = MEMORY_MB / 1024 * billed_ms / 1000
    return [
        Use("S3: batches put", BATCHES, 0.005, 1_000),
        Use("S3: batches read", BATCHES, 0.0004, 1_000),
        Use("S3: seals put", SEALINGS, 0.005, 1_000),
        Use("S3: GB kept, first month", BATCHES * BATCH_KB / 1e6, 0.023),
        Use("SQS: sent, received, deleted", 3 * (BATCHES + REPORTS + WEBHOOKS), 0.40, 1e6),
        Use("SQS: polls that find nothing", idle, 0.40, 1e6),
        Use("Lambda: runs", runs, 0.20, 1e6),
        Use("Lambda: GB-seconds of 512 MB", gb_s, 0.0000166667),
        Use("Secrets Manager: secrets", SECRETS, 0.40),
        Use("Secrets Manager: readings", PROCESSES * DAYS * DAY_S / SECRET_AGE_S, 0.05, 10_000),
        Use("API Gateway: webhooks", WEBHOOKS, 3.50, 1e6),
        Use("CloudWatch (its own table)", 1, CLOUDWATCH_USD),
    ]


def sheet() -> list[list[str]]:
    """The table's rows."""
    charged = uses()
    rows = [[use.what, f"{use.number:,.2f}".removesuffix(".00"), f"{use.cost:.2f}"] for use in charged]
    return [*rows, ["all", "", f"{sum(use.cost for use in charged):.2f}"]]


def run() -> str:
    """The table, and what it comes to."""
    whole = sum(use.cost for use in uses())
    said = f"One plant, one gateway, {DAYS} days. List prices of {SEEN}; nothing is deducted as free."
    each = (
        f"{whole / PLANT_LINES:.2f} USD a line of the plant;"
        f" {whole / PLANT_LINES / BATCHES * 1e6:.2f} USD a million lines of a batch ({PLANT_LINES} × {BATCHES:,})."
    )
    asked = DAYS * DAY_S // 5
    polls = f"A screen that asks every 5 s makes {asked:,} requests of Supabase and, at 2 kB, {asked * 2 / 1e6:.1f} GB."
    return block("cost", [said, each, polls], table(["what", "number", "USD"], sheet()))
