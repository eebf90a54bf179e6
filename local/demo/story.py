"""What happens to the simulated plant in a demonstration, and what must have come of it in the end.

Every trouble is planted with its exact consequence: which units may be left without an order, held or quarantined, on
which line. Everything else must be attributed, to the right order, to the unit.
"""

import json
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from local.demo.ordering import Ordering
from local.demo.orders import Order, programme
from local.simulators.machines import RESTARTS
from local.simulators.plant import LINES, Plant, record
from local.stack.gateway import GatewayProcess
from sicfar.counts.keys import BATCHES, LOOSE

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from supabase import Client

GATEWAY = "farmace-spep"
NO_ORDER = "SPEP-ENV-SLE"
OPENED_LATE = "SPEP-ENV-F"
CHANGED = "SPEP-ENV-C"
ABSURD = "SPEP-ENV-B"
ENDED = ("SPEP-ENV-C", "SPEP-ENV-G", "SPEP-ENV-H")
BY_HAND = "SPEP-EMB-EST02"
NOT_OURS = "SPPV-ENV-VIDRO01"
GARBAGE = f"{LOOSE}planilha estragada (cópia).txt"
TORN = f"{LOOSE}contagem manual esteira 02.txt"


@dataclass(slots=True)
class Planted:
    """What may be found outside the orders: line → machine counts made."""

    without_order: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    quarantined: dict[str, int] = field(default_factory=dict)
    torn: dict[bytes, tuple[str, int]] = field(default_factory=dict)
    """Quarantined bytes that hold a count nobody can read: the line and how many it stood for."""


@dataclass(frozen=True, slots=True)
class Window:
    """An order's time on its line, seconds since the epoch, [start, end)."""

    order: Order
    start: float
    end: float = float("inf")


@dataclass(slots=True)
class Stage:
    """What the story plays on."""

    manager: "Client"
    operator: "Client"
    ordering: Ordering
    s3: "S3Client"
    sqs: "SQSClient"
    bucket: str
    queue_url: str
    plant: Plant
    gateway: GatewayProcess


class Story:
    """The steps, by seconds after the start; `planted` and `windows` say what they must lead to."""

    def __init__(self, stage: Stage, started: datetime) -> None:
        self._stage = stage
        self._started = started
        self._orders: dict[str, list[Order]] = defaultdict(list)
        for order in programme(started.date()):
            self._orders[order.linha_id].append(order)
        self.planted = Planted()
        self.windows: list[Window] = []
        self.steps: list[tuple[float, str, Callable[[], None]]] = [
            (0, "ordens abertas nas linhas, menos F (atrasada) e SLE (sem ordem)", self._open_orders),
            (
                8,
                "dois arquivos soltos em avulsos/: um estragado, um cortado no meio da última linha",
                self._loose_files,
            ),
            (12, "um contador dispara: 5.000 de uma vez na linha B", self._absurd_increment),
            (15, "o gateway manda registros de uma linha que não é dele", self._foreign_line),
            (20, "gateway derrubado com SIGKILL", self._kill_gateway),
            (23, "gateway religado", self._stage.gateway.start),
            (26, "o CLP da linha G some da rede; a máquina segue contando", self._stage.plant.machines.go_away),
            (30, "linha C troca de ordem, sem parar", self._change_order),
            # Halfway between two of its cycles (7.2 s each): what is made just before a zero may never be read.
            (33, "linha A: lote novo, o contador da máquina volta a zero", self._restart),
            (34, "o CLP da linha G volta", self._stage.plant.machines.come_back),
            (36, "ordem da linha F aberta agora, com a hora em que começou", self._open_late),
            (42, "um lote entregue duas vezes", self._deliver_twice),
            (44, "fim de produção nas linhas C (TXT), G (Modbus) e H (OPC UA)", self._rest),
            (47, "ordens das linhas C, G e H encerradas", self._end_orders),
        ]
        self.lasts = 55.0

    @property
    def ended(self) -> list[Window]:
        """The orders that ran to their end."""
        return [window for window in self.windows if window.end != float("inf")]

    def prepare(self) -> None:
        """Before the story: the orders come from TOTVS, and it is known who counts each line."""
        self._stage.ordering.announce([order for line in self._orders.values() for order in line])
        manager, why = self._stage.manager, {"p_motivo": "planta simulada"}
        manager.rpc("definir_gateway", {"p_gateway": GATEWAY, "p_descricao": "planta simulada", **why}).execute()
        since = (self._started - timedelta(hours=1)).replace(microsecond=0).isoformat()
        for line, source in [*((line.line, GATEWAY) for line in LINES), (BY_HAND, "avulso")]:
            owner = {"p_linha_id": line, "p_fonte": source, "p_papel": "contagem", "p_de": since, "p_ate": None}
            manager.rpc("definir_fonte", {**owner, **why}).execute()

    def finish(self) -> None:
        """Once the plant stands still: what was planted by the clock is known now."""
        made, _ = self._stage.plant.truth.total(NO_ORDER)
        self.planted.without_order[NO_ORDER] = made

    # ------------------------------------------------------------------------------------------------ the steps

    def _open_orders(self) -> None:
        for line, orders in self._orders.items():
            if line != OPENED_LATE:
                self._open(orders[0], self._started)

    def _open(self, order: Order, at: datetime, reason: str | None = None) -> None:
        arguments = {
            "p_numero_op": order.numero_op,
            "p_linha_id": order.linha_id,
            "p_aberta_em": at.isoformat(),
            "p_motivo": reason,
        }
        self._stage.operator.rpc("abrir_ordem", arguments).execute()
        self.windows.append(Window(order, at.timestamp()))

    def _loose_files(self) -> None:
        noise = random.Random(7).randbytes(600).replace(b"\n", b"\r")
        self._stage.s3.put_object(Bucket=self._stage.bucket, Key=GARBAGE, Body=noise)
        at = self._started + timedelta(seconds=2)
        rows = [record(BY_HAND, at + timedelta(seconds=n), 12, 0) for n in range(3)]
        for n in range(4):
            self._stage.plant.truth.add(BY_HAND, int(at.timestamp()) + n, 12, 0)
        torn = record(BY_HAND, at + timedelta(seconds=3), 12, 0).encode()[:-3]
        self.planted.torn[torn] = (BY_HAND, 12)
        self.planted.quarantined[BY_HAND] = 12
        body = "".join(f"{row}\r\n" for row in rows).encode() + torn
        self._stage.s3.put_object(Bucket=self._stage.bucket, Key=TORN, Body=body)

    def _absurd_increment(self) -> None:
        def text(at: datetime) -> str:
            # What that second counts besides cannot be told apart from the fault: the whole second is held.
            self._stage.plant.truth.add(ABSURD, int(at.timestamp()), 5_000, 0)
            self.planted.held[ABSURD] = int(at.timestamp())
            return record(ABSURD, at, 5_000, 0)

        self._stage.plant.surprise("spep01.txt", text)

    def _foreign_line(self) -> None:
        def text(at: datetime) -> str:
            self._stage.plant.truth.add(NOT_OURS, int(at.timestamp()), 3, 0)
            self.planted.quarantined[NOT_OURS] = 3
            return record(NOT_OURS, at, 3, 0)

        self._stage.plant.surprise("sle.txt", text)

    def _kill_gateway(self) -> None:
        self._stage.gateway.kill()

    def _restart(self) -> None:
        self._stage.plant.machines.restart_at_zero(RESTARTS)

    def _change_order(self) -> None:
        first, second = self._orders[CHANGED]
        at = datetime.now(UTC).replace(microsecond=0)
        self._end(next(window for window in self.windows if window.order == first), at)
        self._open(second, at)

    def _end(self, opened: Window, at: datetime) -> None:
        order = opened.order
        arguments = {"p_numero_op": order.numero_op, "p_linha_id": order.linha_id, "p_encerrada_em": at.isoformat()}
        self._stage.operator.rpc("encerrar_ordem", arguments).execute()
        self.windows.remove(opened)
        self.windows.append(Window(order, opened.start, at.timestamp()))

    def _rest(self) -> None:
        self._stage.plant.rest(ENDED)

    def _end_orders(self) -> None:
        at = datetime.now(UTC).replace(microsecond=0)
        for window in [one for one in self.windows if one.order.linha_id in ENDED and one.end == float("inf")]:
            self._end(window, at)

    def _open_late(self) -> None:
        (order,) = self._orders[OPENED_LATE]
        self._open(order, self._started, "operador ocupado com a troca de filme; início conferido na ficha")

    def _deliver_twice(self) -> None:
        """What S3 and SQS may do by themselves: the same event once more."""
        stage = self._stage
        batch = stage.s3.list_objects_v2(Bucket=stage.bucket, Prefix=BATCHES)["Contents"][2]
        event = {
            "eventName": "ObjectCreated:Put",
            "eventTime": batch["LastModified"].isoformat(),
            "s3": {"bucket": {"name": stage.bucket}, "object": {"key": batch["Key"], "size": batch["Size"]}},
        }
        stage.sqs.send_message(QueueUrl=stage.queue_url, MessageBody=json.dumps({"Records": [event]}))
