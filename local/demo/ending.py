"""How a demonstration's lots end: pendencies decided, Diários signed, TOTVS away for a while, one report refused,
mended and sent again; and the final table, where machine, database and TOTVS say the same of each lot."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.table import Table

from local.demo.story import Window
from local.processes import StackError
from local.simulators.plant import Truth
from local.stack.stack import Stack

if TYPE_CHECKING:
    from supabase import Client

PATIENCE_S = 60.0
AWAY_S = 8.0
REPORTS = "/api/apontamentos"
DECISIONS: dict[str, dict[str, str]] = {
    "justificar_sem_ordem": {"p_motivo": "produção de teste, sem ordem, conferida na linha"},
    "decidir_retido": {"p_decisao": "DESCARTAR", "p_numero_op": "", "p_motivo": "pulso falso do sensor, conferido"},
    "resolver_quarentena": {"p_motivo": "conferido: não é produção desta linha"},
}
"""What the supervisor answers to what the story planted, by function."""


@dataclass(slots=True)
class Ending:
    """The last act."""

    stack: Stack
    supervisor: "Client"
    truth: Truth
    say: Callable[[str], None]

    def play(self, ended: list[Window]) -> None:
        """Close the lots of these windows. Raises StackError if something does not come about."""
        erp = self.stack.totvs
        erp.control(away=AWAY_S, faults=[{"kind": "refused_report", "path": REPORTS}])
        for row in self._pending():
            if row["funcao"] in DECISIONS:
                wanted = {name: value for name, value in row["detalhes"].items() if name.startswith("p_")}
                self._call(row["funcao"], {**wanted, **DECISIONS[row["funcao"]]})
        self._wake()
        unsigned = [row["detalhes"] for row in self._pending() if row["funcao"] == "assinar_diario"]
        shifts = {tuple(row[name] for name in ("p_linha_id", "p_data", "p_turno")) for row in unsigned}
        for line, day, shift in shifts:
            self._call("assinar_diario", {"p_linha_id": line, "p_data": day, "p_turno": shift})
        self.say(f"{len(shifts)} Diários assinados pelo supervisor; o TOTVS está fora do ar")
        ops = [window.order.numero_op for window in ended]
        self._await("the lots to close", lambda: self._statuses(ops) == {"CONCLUIDO"})
        self.say(f"{len(ops)} lotes fechados; o que o TOTVS deve saber espera na caixa de saída")
        self._await("the breaker to open", lambda: self._breaker() != "FECHADO")
        self.say("disjuntor aberto: o TOTVS não é mais chamado, só sondado")
        self._await("the breaker to close", lambda: self._breaker() == "FECHADO")
        self.say("o TOTVS voltou, uma sonda passou: disjuntor fechado")
        self._await("a dead letter", lambda: bool(self._letters()))
        (letter,) = self._letters()
        self.say(f"um envio recusado está na fila de mortos: {letter['motivo'].split(' — ')[0]}")
        self.stack.invoke("DlqRedriveName", acao="reenviar", fila="post", limite=1)
        self.say("causa corrigida no TOTVS, carta reenviada")
        self._await("TOTVS to know everything", lambda: self._reports(ops) == {"CONFIRMADO"})

    def faults(self, ended: list[Window]) -> Iterator[str]:
        """What is not as it must be in the end, a sentence each."""
        for op, line, machine, database, told in self._rows(ended):
            if machine != database or database != told:
                yield f"OP {op} em {line}: máquina {machine}, banco {database}, TOTVS {told}"
        for row in self._pending():
            yield f"pendência: {row['tipo']} {row['descricao']}"
        for external, times in Counter(one["id_externo"] for one in self.stack.totvs.booked()).items():
            if times != 1:
                yield f"{external} entrou {times} vezes no TOTVS"

    def table(self, ended: list[Window]) -> Table:
        """The last table."""
        table = Table(title="produzidas / refugadas, em unidades, por lote fechado", title_justify="left")
        for name in ("OP", "lote", "linha", "máquina", "banco", "TOTVS"):
            table.add_column(name, justify="right" if name in ("máquina", "banco", "TOTVS") else "left")
        lots = {window.order.numero_op: window.order.numero_lote for window in ended}
        for op, line, *amounts in self._rows(ended):
            table.add_row(op, lots[op], line, *(f"{made} / {rejected}" for made, rejected in amounts))
        return table

    def _rows(
        self, ended: list[Window]
    ) -> Iterator[tuple[str, str, tuple[int, int], tuple[int, int], tuple[int, int]]]:
        frozen = {row["numero_op"]: row for row in self._select("fechamentos_lote")}
        told: dict[str, tuple[int, int]] = {
            one["numero_op"]: (one["boas"] + one["refugo"], one["refugo"])
            for one in self.stack.totvs.booked()
            if one["operacao"] == "TOTAL"
        }
        periods = {row["numero_op"]: row["fator_producao"] for row in self._select("periodos_ordem")}
        for window in ended:
            op, line = window.order.numero_op, window.order.linha_id
            cycles, rejected = self.truth.total(line, window.start, window.end)
            row = frozen.get(op, {"produzidas": -1, "refugo": -1})
            yield (
                op,
                line,
                (cycles * periods[op], rejected),
                (row["produzidas"], row["refugo"]),
                told.get(op, (0, 0)),
            )

    # ------------------------------------------------------------------------------------------------- single calls

    def _wake(self) -> None:
        answer = self.stack.wake_closing()
        if answer.status_code != 200:
            raise StackError(f"POST /fechamentos gave {answer.status_code}: {answer.text}")

    def _await(self, what: str, condition: Callable[[], bool]) -> None:
        """Wait, waking the closing as its schedule and the screens do."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > deadline:
                raise StackError(f"waited {PATIENCE_S:.0f} s for {what}; pending: {self._pending()}")
            self._wake()
            time.sleep(0.5)

    def _letters(self) -> list[dict[str, Any]]:
        letters: list[dict[str, Any]] = self.stack.invoke("DlqRedriveName", acao="listar", fila="post").get(
            "cartas", []
        )
        return letters

    def _call(self, function: str, arguments: dict[str, object]) -> None:
        self.supervisor.rpc(function, arguments).execute()

    def _select(self, table: str) -> list[dict[str, Any]]:
        rows: Any = self.supervisor.table(table).select("*").execute().data
        return list(rows)

    def _pending(self) -> list[dict[str, Any]]:
        return self._select("pendencias")

    def _breaker(self) -> str:
        return str(self._select("disjuntores")[0]["estado"])

    def _statuses(self, ops: list[str]) -> set[str]:
        return {row["status"] for row in self._select("lotes_producao") if row["numero_op"] in ops}

    def _reports(self, ops: list[str]) -> set[str]:
        return {row["situacao"] for row in self._select("envios_totvs") if row["numero_op"] in ops}
