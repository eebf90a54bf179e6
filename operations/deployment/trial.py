"""`sicfar testar --lote`, in homologation only: a line of its own counts, and its lot closes.

Everything goes the way it goes in production: the order comes by the webhook, the count as a sealed batch in the
bucket, and a person opens the order, ends it and signs its Diário. That person is whoever runs the command, with their
own login, so nothing here can do what they could not do on the screens. The line is never reported to TOTVS: it is in
parallel run, which is looked at before anything is begun. Line, gateway, product and order number are of their own;
afterwards the line takes no orders and nobody counts it, so no alarm waits for it.

What an interrupted run left behind is put aside by the next one.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial

from pydantic import Field

from operations.deployment.delivery import described
from operations.deployment.deployed import Deployed
from operations.deployment.outcome import Outcome, Result, attempted
from operations.deployment.person import Person
from sicfar.boundary import Boundary
from sicfar.counts.batch import Mark, Sealed, seal
from sicfar.counts.keys import BatchKey, epoch_prefix
from sicfar.counts.record import Record, format_record
from sicfar.errors import ConfigurationError, TransientError
from sicfar.instants import format_instant, to_ms

LINE = "SICFAR-TESTAR"
GATEWAY = "sicfar-testar"
PRODUCT = "SICFAR-TESTAR"
MADE, REJECTED = 40, 3
"""What the line counts, in units."""
_LOT = "TESTE"
_REASON = "sicfar testar --lote: lote de teste da homologação"
_SECONDS = 3
"""How long the order is open."""
_PAUSE_S, _LONGEST_S = 0.5, 180.0


class _Taken(Boundary, frozen=True):
    """A file the database counted."""

    place: str = Field(alias="bucket")


class _Reported(Boundary, frozen=True):
    """A line whose production TOTVS is told."""

    line: str = Field(alias="linha_id")


class _Lot(Boundary, frozen=True):
    op: str = Field(alias="numero_op")
    state: str = Field(alias="status")


class _Total(Boundary, frozen=True):
    made: int = Field(alias="producao_acumulada")
    rejected: int = Field(alias="rejeicao_acumulada")


class _Epoch(Boundary, frozen=True):
    name: str = Field(alias="epoca")
    newest: int = Field(alias="maior_seq")


class _Shift(Boundary, frozen=True):
    day: str = Field("", alias="p_data")
    name: str = Field("", alias="p_turno")


class _Missing(Boundary, frozen=True):
    """Something a closing waits for, and the function that settles it."""

    said: str = Field(alias="detalhe")
    function: str = Field(alias="funcao")
    shift: _Shift = Field(alias="argumentos")


class _Waiting(Boundary, frozen=True):
    missing: tuple[_Missing, ...] = Field(alias="faltas")


class _Frozen(Boundary, frozen=True):
    """A closed lot, in units."""

    made: int = Field(alias="produzidas")
    scrapped: int = Field(alias="refugo")
    good: int = Field(alias="boas")
    reported: bool = Field(alias="informado")


class NotHomologationError(ConfigurationError):
    """The environment, or the database behind it, is not one to try things in."""


class ClosingRefusedError(ConfigurationError):
    """POST /fechamentos does not take the secret the stack names."""


class TrialStalledError(TransientError):
    """Something did not come about in time."""


def require_homologation(deployed: Deployed) -> None:
    """Refuse production, and what shares its database. Raises NotHomologationError."""
    if "prod" in (deployed.name, deployed.parameter("Ambiente")):
        raise NotHomologationError(
            "not_homologation",
            "o lote de teste é só da homologação",
            where=f"sicfar-{deployed.name}",
            action="rode sem --lote; as outras provas não mudam nada",
        )
    production = described(deployed.account, "sicfar-prod")
    given = production.get("Parameters", []) if production else []
    theirs = {one["ParameterKey"]: one.get("ParameterValue", "") for one in given}
    if theirs.get("SupabaseUrl", "").rstrip("/") == deployed.parameter("SupabaseUrl").rstrip("/"):
        raise NotHomologationError(
            "database_of_production",
            "esta pilha usa o Supabase da produção",
            where=deployed.parameter("SupabaseUrl"),
            action="dê à homologação um projeto dela, em supabaseUrl, e implante-a de novo",
        )


@dataclass(frozen=True, slots=True)
class Login:
    """Of a person of homologation with the role GESTOR for all sectors."""

    email: str
    password: str


class Trial:
    """One run."""

    def __init__(self, deployed: Deployed, login: Login) -> None:
        """Begin nothing yet. Raises NotHomologationError."""
        require_homologation(deployed)
        self._deployed = deployed
        self._login = login
        self._order = f"T{datetime.now(UTC):%y%m%d%H%M%S}"
        self._from = self._until = datetime.min.replace(tzinfo=UTC)

    def results(self) -> Iterator[Result]:
        """Each step; one that fails ends the run, for the next ones build on it."""
        url = self._deployed.parameter("SupabaseUrl")
        what = "pessoa da homologação"
        people: list[Person] = []

        def sign_in() -> Result:
            person = Person(url, self._deployed.secret("SupabaseSecretId"), self._login.email, self._login.password)
            self._require_own(person)
            people.append(person)
            return Result(Outcome.OK, what, f"{self._login.email} entrou")

        result = attempted(what, sign_in)
        yield result
        steps: tuple[tuple[str, Callable[[Person], str]], ...] = (
            ("OP de teste recebida", self._receive),
            ("linha de teste contada", self._count),
            ("lote de teste fechado", self._close),
            ("linha de teste desligada", self._switch_off),
        )
        for what, step in steps:
            if result.outcome is not Outcome.OK:
                return
            result = attempted(what, partial(_made, what, step, people[0]))
            yield result

    # ---------------------------------------------------------------- whether it may begin

    def _require_own(self, person: Person) -> None:
        """What the database counted lately came of this stack's bucket, and the line is not reported to TOTVS."""
        bucket = self._deployed.outputs["BucketName"]
        lately = _iso(datetime.now(UTC) - timedelta(days=1))
        foreign = person.rows(
            _Taken, "arquivos_ingeridos", select="bucket", ingerido_em=f"gt.{lately}", bucket=f"neq.{bucket}"
        )
        if foreign:
            raise NotHomologationError(
                "database_of_another",
                f"o banco conta também o bucket {foreign[0].place}",
                where=self._deployed.parameter("SupabaseUrl"),
                action="o lote de teste só roda num banco que é desta pilha só",
            )
        if person.rows(_Reported, "apontamentos_linha", linha_id=f"eq.{LINE}", ate="is.null"):
            raise NotHomologationError(
                "line_reported",
                f"a produção da linha {LINE} é informada ao TOTVS",
                where=LINE,
                action="devolva-a à conferência com suspender_apontamento e repita",
            )

    # ---------------------------------------------------------------- the steps

    def _receive(self, person: Person) -> str:
        self._define_line(person, active=True)
        person.call("definir_gateway", p_gateway=GATEWAY, p_descricao="lote de teste", p_motivo=_REASON)
        person.call("definir_etapa", p_prefixo=PRODUCT, p_etapa="ENVASE", p_apontada=True, p_motivo=_REASON)
        product = {"produto_codigo": PRODUCT, "descricao": "LOTE DE TESTE DO SICFAR", "unidade": "UN", "tipo": "PA"}
        orders = [_order(op, situacao="CANCELADA") for op in self._put_aside(person)] + [_order(self._order)]
        begun = time.monotonic()
        answer = self._deployed.notify("/totvs/eventos", {"tipo": "produto", "dados": product}, *orders)
        if answer.status_code != 200:
            raise TrialStalledError(
                "order_refused",
                f"o webhook respondeu HTTP {answer.status_code}: {answer.text[:200]}",
                where="POST /totvs/eventos",
                action="confira o mapping da configuração do TOTVS",
            )
        self._await(
            lambda: person.rows(_Lot, "lotes_producao", numero_op=f"eq.{self._order}"),
            f"a OP {self._order} não chegou ao banco",
            "veja a fila de mortos (sicfar dlq list) e os eventos do TOTVS no painel",
        )
        return f"OP {self._order}, {time.monotonic() - begun:.1f} s depois do webhook"

    def _count(self, person: Person) -> str:
        key, now = self._newest_batch(person)
        # From now on, not back: an order put aside a moment ago ends here.
        self._from = now + timedelta(seconds=1)
        self._until = self._from + timedelta(seconds=_SECONDS)
        time.sleep(_SECONDS + 2)
        since, until = _iso(self._from), _iso(self._until + timedelta(seconds=1))
        named = {"p_linha_id": LINE, "p_motivo": _REASON}
        person.call("definir_fonte", p_fonte=GATEWAY, p_papel="contagem", p_de=since, p_ate=until, **named)
        person.call("abrir_ordem", p_numero_op=self._order, p_aberta_em=since, **named)
        batch = self._sealed(key)
        begun = time.monotonic()
        self._deployed.account.s3.put_object(
            Bucket=self._deployed.outputs["BucketName"], Key=batch.key, Body=batch.body, IfNoneMatch="*"
        )

        def total() -> list[tuple[int, int]]:
            rows = person.rows(_Total, "ordens_producao_ativas", numero_op=f"eq.{self._order}")
            return [(row.made, row.rejected) for row in rows]

        self._await(
            lambda: total() == [(MADE, REJECTED)],
            f"o lote {batch.key} não foi contado",
            "veja a fila de mortos (sicfar dlq list) e a quarentena no painel",
            seen=total,
        )
        return f"{MADE} unidades, {REJECTED} rejeitadas, {time.monotonic() - begun:.1f} s depois de gravado o lote"

    def _close(self, person: Person) -> str:
        ended = {"p_numero_op": self._order, "p_linha_id": LINE, "p_encerrada_em": _iso(self._until)}
        person.call("encerrar_ordem", **ended, p_motivo=_REASON)
        begun = time.monotonic()
        signed: set[_Shift] = set()

        def missing() -> list[_Missing]:
            rows = person.rows(_Waiting, "fechamentos_pendentes", numero_op=f"eq.{self._order}")
            return [one for row in rows for one in row.missing]

        def closed() -> bool:
            self._wake()
            shifts = {one.shift for one in missing() if one.function == "assinar_diario"}
            for shift in shifts - signed:
                when = {"p_data": shift.day, "p_turno": shift.name}
                person.call("assinar_diario", p_linha_id=LINE, **when, p_motivo=_REASON)
                signed.add(shift)
            return bool(person.rows(_Frozen, "fechamentos_lote", numero_op=f"eq.{self._order}"))

        self._await(
            closed,
            f"o lote da OP {self._order} não fechou",
            "resolva o que falta, no painel, ou avise quem desenvolve",
            seen=lambda: [one.said for one in missing()],
        )
        (frozen,) = person.rows(_Frozen, "fechamentos_lote", numero_op=f"eq.{self._order}")
        told = (frozen.made, frozen.scrapped, frozen.good, frozen.reported)
        if told != (MADE, REJECTED, MADE - REJECTED, False):
            raise TrialStalledError(
                "frozen_otherwise",
                f"o lote fechou com produzidas, refugo, boas, informado = {told}",
                where=self._order,
                action="avise quem desenvolve: é um defeito",
            )
        return f"{frozen.good} boas, Diário assinado, {time.monotonic() - begun:.1f} s; nada vai ao TOTVS"

    def _switch_off(self, person: Person) -> str:
        self._define_line(person, active=False)
        return f"{LINE} não aceita OPs e ninguém a conta"

    # ---------------------------------------------------------------- their parts

    def _define_line(self, person: Person, *, active: bool) -> None:
        person.call(
            "definir_linha",
            p_linha_id=LINE,
            p_nome="Lote de teste do SicFar",
            p_setor="SPEP",
            p_etapa="ENVASE",
            p_marca_clp=None,
            p_ativa=active,
            p_maximo_por_segundo=1000,
            p_regra_refugo="MAQUINA",
            p_motivo=_REASON,
        )

    def _put_aside(self, person: Person) -> list[str]:
        """End what an interrupted run left; returns its orders that were never opened, for TOTVS alone ends those."""
        planned = []
        for lot in person.rows(_Lot, "lotes_producao", produto_codigo=f"eq.{PRODUCT}", situacao_totvs="neq.CANCELADA"):
            if lot.state == "PLANEJADO":
                planned.append(lot.op)
            elif lot.state in ("EM_ANDAMENTO", "A_FECHAR"):
                if lot.state == "EM_ANDAMENTO":
                    person.call("encerrar_ordem", p_numero_op=lot.op, p_linha_id=LINE, p_motivo=_REASON)
                person.call("por_ordem_de_lado", p_numero_op=lot.op, p_motivo=_REASON)
        return planned

    def _newest_batch(self, person: Person) -> tuple[BatchKey, datetime]:
        """Key of the last batch that is known, or of one before the first; and S3's clock, this computer's may be off.

        Database and bucket are both asked: one of them may have been made anew.
        """
        newest = {"gateway": f"eq.{GATEWAY}", "order": "inicio.desc,numero.desc", "limit": "1"}
        known = person.rows(_Epoch, "epocas_gateway", **newest)
        epoch, seq = (known[0].name, known[0].newest) if known else (uuid.uuid4().hex, 0)
        pages = self._deployed.account.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._deployed.outputs["BucketName"], Prefix=epoch_prefix(GATEWAY, epoch)
        )
        date = ""
        for page in pages:
            date = page["ResponseMetadata"]["HTTPHeaders"].get("date", "")
            for one in page.get("Contents", []):
                seq = max(seq, BatchKey.parse(one["Key"]).seq)
        now = parsedate_to_datetime(date) if date else datetime.now(UTC).replace(microsecond=0)
        return BatchKey(GATEWAY, epoch, seq + 1, now.date(), "0" * 16), now

    def _sealed(self, key: BatchKey) -> Sealed:
        """A batch with a record in each second of the order, and a mark at its end."""
        first, each = MADE - (_SECONDS - 1) * (MADE // _SECONDS), MADE // _SECONDS
        lines = [
            format_record(
                Record(
                    at_ms=to_ms(self._from + timedelta(seconds=n)),
                    line=LINE,
                    produced=each if n else first,
                    rejected=0 if n else REJECTED,
                )
            )
            for n in range(_SECONDS)
        ]
        mark = Mark(LINE, to_ms(self._until), "ok", None)
        return seal(
            gateway=key.gateway,
            epoch=key.epoch,
            seq=key.seq,
            sealed_at=self._until + timedelta(seconds=1),
            marks=[mark],
            lines=lines,
            unreadable=[],
        )

    def _wake(self) -> None:
        """What a screen's server does when somebody signed; while it cannot be answered, the schedule does it."""
        bearer = {"Authorization": f"Bearer {self._deployed.secret('FechamentosSecretId')}"}
        if (status := self._deployed.post("/fechamentos", b"", bearer).status_code) == 401:
            raise ClosingRefusedError(
                "closing_secret_refused",
                f"POST /fechamentos não aceita o segredo (HTTP {status})",
                where=self._deployed.parameter("FechamentosSecretId"),
                action="confira FechamentosSecretId; uma troca de segredo vale em até 5 minutos",
            )

    def _await(
        self, look: Callable[[], object], what: str, action: str, seen: Callable[[], object] = lambda: ""
    ) -> None:
        end = time.monotonic() + _LONGEST_S
        while not look():
            if time.monotonic() > end:
                last = seen()
                told = f"{what} em {_LONGEST_S:.0f} s" + (f"; visto: {last}" if last else "")
                raise TrialStalledError("trial_stalled", told, where=f"sicfar-{self._deployed.name}", action=action)
            time.sleep(_PAUSE_S)


def _made(what: str, step: Callable[[Person], str], person: Person) -> Result:
    return Result(Outcome.OK, what, step(person))


def _order(op: str, **more: object) -> dict[str, object]:
    data = {"numero_op": op, "produto_codigo": PRODUCT, "numero_lote": _LOT, "quantidade": MADE, "unidade": "UN"}
    return {"tipo": "ordem", "dados": {**data, **more}}


def _iso(at: datetime) -> str:
    return format_instant(to_ms(at))
