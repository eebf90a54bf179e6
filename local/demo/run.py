"""`make demo`: the whole way on real parts, live, with a story and its proof."""

import logging
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.live import Live

from edge_gateway.spool.status import NoSpoolError, read_status
from local.demo.dossiers import FOLDER as DOSSIERS
from local.demo.dossiers import dossiers
from local.demo.ending import Ending
from local.demo.ordering import Ordering
from local.demo.orders import COUNTING
from local.demo.report import Report
from local.demo.story import GATEWAY, Stage, Story
from local.simulators.plant import ALIASES, DISPLAYED, Plant
from local.stack.cloud import ROOT
from local.stack.gateway import GatewayProcess
from local.stack.stack import Stack
from local.stack.usuarios import as_person, create_everybody, create_operator
from local.waiting import Patience, StalledError, until
from operations.audit.differences import Difference
from operations.audit.run import audit
from operations.audit.seals.chain import Chain
from operations.dossier.rendering import Verdict


def main() -> int:
    """Run the demonstration; returns the exit code: 0 only if every unit is where it must be."""
    logging.getLogger("asyncua").setLevel(logging.ERROR)  # the simulated machine is open on purpose
    console = Console()
    if not console.is_terminal:
        console.width = 120  # the table needs it; a log has no width of its own
    with (
        tempfile.TemporaryDirectory(prefix="sicfar-demo-") as folder,
        Stack(
            Path(folder) / "stack", build_dir=ROOT / ".aws-sam" / "build", totvs=COUNTING, say=console.print
        ) as stack,
    ):
        return _play(stack, Path(folder), console)


def _play(stack: Stack, folder: Path, console: Console) -> int:
    plant = Plant(folder / "ftp")
    described = stack.described()
    console.print(f"painel: {described['painel_url']}")
    for login in create_everybody(stack):
        console.print(f"  {login.name} / {login.password}", highlight=False)
    bucket = stack.deployment.outputs["BucketName"]
    gateway = GatewayProcess(
        folder / "gateway",
        {
            "gateway": {"id": GATEWAY, "bucket": bucket, "spool": str(folder / "gateway" / "spool")},
            "clps": {
                "keyence": {"protocol": "file", "path": str(plant.folder), "aliases": ALIASES},
                **plant.machines.configuration(),
            },
        },
        stack.aws.environment(),
    )
    operator = as_person(stack.supabase, create_operator(stack, "operador@planta.example", "OPERADOR", "SPEP"))
    stage = Stage(
        manager=as_person(stack.supabase, create_operator(stack, "gestor@planta.example", "GESTOR")),
        operator=operator,
        ordering=Ordering(
            totvs=stack.totvs,
            pull=lambda: stack.invoke("TotvsSyncName"),
            operator=operator,
            say=console.print,
        ),
        s3=stack.aws.s3,
        sqs=stack.aws.sqs,
        bucket=bucket,
        queue_url=stack.deployment.outputs["TxtQueueUrl"],
        plant=plant,
        gateway=gateway,
    )
    story = Story(stage, datetime.now(UTC).replace(microsecond=0))
    story.prepare()
    report = Report(str(described["database_url"]), plant.truth, story.planted)
    try:
        plant.open()
        gateway.start()
        # What a display shows before it is first read is nobody's production: the machines run from there on.
        _await_first_reading(gateway, folder / "gateway" / "spool", {line.line for line in DISPLAYED})
        plant.start()
        _watch(story, report, console)
        plant.stop()
        story.finish()
        faults = _drain(story, report)
    finally:
        gateway.stop()
        plant.close()
    faults += [f"escrita em uma máquina: {attempt}" for attempt in plant.machines.attempts()]
    ending = Ending(
        stack,
        as_person(stack.supabase, create_operator(stack, "supervisor@planta.example", "SUPERVISOR")),
        plant.truth,
        console.print,
    )
    if not faults:
        ending.play(story.ended)
        faults += list(ending.faults(story.ended))
    faults += list(stage.ordering.faults())
    found: list[Difference] = []
    stack.invoke("AuditoriaName", acao="selar")
    chain = Chain(stack.aws.s3, str(described["seals_bucket"]), locked=False)
    audited = audit(str(described["database_url"]), stack.aws.s3, bucket, found.append, grace_s=0, chain=chain)
    verdict = Verdict(bucket, datetime.now(UTC), audited, found)
    written, wrong = dossiers(
        str(described["database_url"]), [window.order.numero_op for window in story.ended], verdict
    )
    faults += wrong
    faults += [f"auditoria: {difference}" for difference in found]
    console.print(report.table(story.windows))
    console.print(ending.table(story.ended))
    waited, in_cloud = report.freshness()
    console.print(
        f"frescor, do registro mais antigo do lote ao total gravado: p50 {_share(waited, 0.5):.1f} s, "
        f"p99 {_share(waited, 0.99):.1f} s; do envio ao total: p50 {_share(in_cloud, 0.5) * 1000:.0f} ms"
    )
    for fault in faults:
        console.print(f"[red]✗ {fault}[/red]")
    if faults:
        console.print(gateway.log.read_text(encoding="utf-8", errors="replace")[-2000:], markup=False)
    else:
        console.print("[green]✓ em cada linha, máquina = atribuído + sem ordem + retido + quarentena[/green]")
        console.print("[green]✓ sem ordem, retido e em quarentena está exatamente o que a história plantou[/green]")
        console.print(
            "[green]✓ de cada lote fechado, máquina = banco = TOTVS, cada envio uma vez; nada pendente[/green]"
        )
        console.print("[green]✓ os lotes são as OPs da fábrica no TOTVS, e só elas[/green]")
        console.print(f"[green]✓ {audited}[/green]")
        console.print(f"[green]✓ em {written} dossiês as somas conferem: {DOSSIERS.relative_to(ROOT)}[/green]")
        console.print("[green]✓ nenhuma máquina recebeu escrita nem chamada[/green]")
    report.close()
    return 1 if faults else 0


def _await_first_reading(gateway: GatewayProcess, spool: Path, lines: set[str]) -> None:
    def read() -> set[str]:
        with suppress(NoSpoolError):
            return {line.line_id for line in read_status(spool).lines if line.last_record}
        return set()

    until(lambda: lines <= read(), f"a first reading of {', '.join(sorted(lines))}", state=read, alive=gateway.running)


def _watch(story: Story, report: Report, console: Console) -> None:
    """Play the steps at their times while the table is refreshed once a second."""
    steps = list(story.steps)
    begun = time.monotonic()
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while (elapsed := time.monotonic() - begun) < story.lasts:
            while steps and steps[0][0] <= elapsed:
                at, text, action = steps.pop(0)
                console.print(f"{at:3.0f} s  {text}")
                action()
            if console.is_terminal:
                live.update(report.table(story.windows), refresh=True)
            time.sleep(0.5)


def _drain(story: Story, report: Report) -> list[str]:
    """Wait until everything written has arrived; what is still wrong at the end is the result."""
    faults = list(report.faults(story.windows))
    patience = Patience("all that was written at its place", state=lambda: faults)
    while faults:
        try:
            patience.look()
        except StalledError:
            return faults
        time.sleep(1)
        faults = list(report.faults(story.windows))
    return faults


def _share(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")
