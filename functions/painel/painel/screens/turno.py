"""*Meu turno*: the Diário of each line of a sector in one shift; confirmed by the operator, signed or returned."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from pydantic import BaseModel, ConfigDict, Field

from painel import page, session, supabase
from painel.supabase import RefusedError, SignInRefusedError
from sicfar.errors import TransientError

router = Router()
SECTORS = ("SPEP", "SPPV", "LIQUIDOS", "CPHD")
MEANING = "Conferi e aprovo este Diário de Bordo."
_SINGLE = {"confirmar": "confirmar_turno", "devolver": "devolver_diario"}
_LONGEST_MEANING = 500
_PLANT_WORDS = {
    "CONTAGEM_RETIDA": "Uma contagem duvidosa espera decisão.",
    "QUARENTENA": "Um arquivo não lido espera decisão.",
    "EPOCA_ABERTA": "O gateway foi trocado, e falta dizer se o anterior entregou tudo.",
    "DIARIO_INCOMPLETO": "Algo mudou nesta linha enquanto você conferia.",
}
"""What the database says in the integration's words, in the plant's."""


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class Matter(_Answer):
    """What forbids signing, or a source that has not reported all."""

    codigo: str
    detalhe: str
    acao: str

    @property
    def text(self) -> str:
        """The matter in the plant's words."""
        return _PLANT_WORDS.get(self.codigo, self.detalhe)


class Order(_Answer):
    """An order's part in the shift. `inicial`, `final`, `producao_maquina`: the machine's counts, or units if the line
    is counted by hand; everything else in units. `de`, `ate`: first and last instant open in the shift."""

    numero_op: str
    numero_lote: str
    produto_codigo: str
    produto: str | None
    de: datetime | None
    ate: datetime | None
    inicial: int
    final: int
    producao_maquina: int
    producao: int
    boas: int
    refugo: dict[str, int]
    outras: dict[str, int]


class Stop(_Answer):
    """A stop of the line; without `codigo` nobody has said why it stood."""

    de: datetime
    ate: datetime
    minutos: int
    codigo: str | None
    descricao: str | None


class Confirmation(_Answer):
    """Who confirmed, with which crew. `mudou`: the sheet has changed since."""

    nome: str
    em: datetime
    equipe: list[str]
    observacao: str | None
    mudou: bool


class Return(_Answer):
    """Who returned the shift, and why."""

    nome: str
    em: datetime
    motivo: str


class Signature(_Answer):
    """The latest signature. `vale`: nothing it covers has changed."""

    nome: str
    papel: str
    turno: str
    assinado_em: datetime
    significado: str
    motivo: str | None
    sha256: str
    vale: bool


class State(StrEnum):
    """How far a line's sheet is, in words."""

    IDLE = "sem OP"
    SIGNED = "assinado"
    RETURNED = "devolvido"
    BLOCKED = "incompleto"
    RUNNING = "em andamento"
    WAITING = "espera os dados da máquina"
    READY = "pronto para assinar"


class Line(_Answer):
    """One line of the shift, as `meu_turno()` answers it."""

    linha_id: str
    linha: str
    conteudo_sha256: str
    ordens: list[Order]
    sem_ordem: dict[str, int]
    paradas: list[Stop]
    confirmacao: Confirmation | None
    devolucoes: list[Return]
    motivos: list[Matter]
    avisos: list[Matter]
    assinatura: Signature | None

    @property
    def tick(self) -> str:
        """What a ticked box sends: the line, and what its sheet said when it was opened."""
        return f"{self.linha_id} {self.conteudo_sha256}"

    @property
    def changed(self) -> bool:
        """Whether it was signed and has changed since."""
        return self.assinatura is not None and not self.assinatura.vale

    @property
    def losses(self) -> int:
        """Refused units of all orders."""
        return sum(sum(order.refugo.values()) for order in self.ordens)

    @property
    def good(self) -> int:
        """Sellable units of all orders."""
        return sum(order.boas for order in self.ordens)

    @property
    def meaning(self) -> str:
        """What a signature given now means: it names the sources that had not reported, and a missing confirmation."""
        late = "; ".join(one.text.rstrip(".") for one in self.avisos)
        parts = [MEANING, f"Assinado sem esperar: {late}." if late else ""]
        parts.append("" if self.confirmacao else "O operador não confirmou o turno.")
        text = " ".join(part for part in parts if part)
        return text if len(text) <= _LONGEST_MEANING else text[: _LONGEST_MEANING - 1] + "…"


class Neighbour(_Answer):
    """The shift before or after."""

    data: date
    turno: str


class Shift(_Answer):
    """A sector's shift. `libera_em`: when it may be signed although a source has not reported; `pode`: which functions
    the account may call in the sector. Instants in UTC."""

    setor: str
    data: date
    turno: str
    turnos: list[str]
    inicio: datetime
    fim: datetime
    agora: datetime
    libera_em: datetime
    pode: dict[str, bool]
    anterior: Neighbour | None
    seguinte: Neighbour | None
    linhas: list[Line] = Field(default_factory=list)

    def state(self, line: Line) -> State:
        """How far a line's sheet is."""
        codes = {one.codigo for one in line.motivos}
        if line.assinatura and line.assinatura.vale:
            return State.SIGNED
        if codes == {"NADA_A_ASSINAR"} and not line.assinatura:
            return State.IDLE
        if "DIARIO_DEVOLVIDO" in codes:
            return State.RETURNED
        if self.agora < self.fim:
            return State.RUNNING
        if codes:
            return State.BLOCKED
        return State.WAITING if line.avisos and self.agora < self.libera_em else State.READY

    def lines(self, *states: State) -> list[Line]:
        """The lines in one of these states."""
        return [line for line in self.linhas if self.state(line) in states]

    @property
    def minutes_left(self) -> int:
        """Whole minutes, begun ones counted, until the lines that wait may be signed."""
        return max(-((self.agora - self.libera_em) // timedelta(minutes=1)), 0)

    def link(self, shift: Neighbour | None = None, **more: str) -> str:
        """A link to this screen: the same sector, this shift or another."""
        at = shift or self
        return "turno?" + urlencode({"setor": self.setor, "data": at.data.isoformat(), "turno": at.turno, **more})


@router.get("/painel/turno")
def show() -> Response[str]:
    """The shift of the link, else the one of an hour ago; `?linha=` opens that line, `?ato=` its form."""
    asked = router.current_event.query_string_parameters or {}
    return _page(200, asked)


@router.post("/painel/turno")
def act() -> Response[str]:
    """Sign the ticked lines, or confirm or return one; what is refused is shown beside what was typed."""
    fields = session.form(router)
    typed = {name: values[0].strip() for name, values in fields.items()}
    typed["marcadas"] = ",".join(fields.get("linha", []))
    where = page.query(typed, "setor", "data", "turno")
    try:
        if (name := typed.get("ato", "")) in _SINGLE:
            with session.acting(router) as person:
                _single(person, name, typed)
            return page.redirect("turno?" + urlencode({**where, "linha": typed.get("linha", ""), "feito": name}))
        with session.acting(router, fresh=True) as person:
            results = _sign(person, where, fields.get("linha", []), typed.get("motivo", ""))
    except (SignInRefusedError, RefusedError) as refused:
        said = f"{refused.detail} {refused.hint}" if isinstance(refused, RefusedError) else refused.what
        return _page(getattr(refused, "status", 403), typed, said)
    if results:
        return _page(409, typed, "Nem todas as linhas marcadas foram assinadas.", results)
    return page.redirect("turno?" + urlencode({**where, "feito": name}))


def _single(person: session.Session, name: str, typed: Mapping[str, str]) -> None:
    given: dict[str, object] = {f"p_{key}": typed.get(key, "") for key in ("data", "turno", "chave")}
    if name == "confirmar":
        crew = typed.get("equipe", "").replace(",", "\n").splitlines()
        given |= {"p_equipe": crew, "p_observacao": typed.get("observacao", "")}
    else:
        given["p_motivo"] = typed.get("motivo", "")
    supabase.rpc(person.tokens, _SINGLE[name], p_linha_id=typed.get("linha", ""), **given)


def _sign(person: session.Session, where: Mapping[str, str], ticked: list[str], reason: str) -> dict[str, str]:
    """Sign each ticked line if it still says what was seen; of those that were not signed, why."""
    shift = _read(person, where)
    seen = {line: digest for line, _, digest in (one.partition(" ") for one in ticked)}
    results = {}
    for line in (line for line in shift.linhas if line.linha_id in seen):
        state = shift.state(line)
        if state not in {State.READY, State.SIGNED}:
            results[line.linha_id] = f"Ainda não se assina: {state}."
            continue
        try:
            supabase.rpc(
                person.tokens,
                "assinar_diario",
                p_linha_id=line.linha_id,
                p_data=shift.data.isoformat(),
                p_turno=shift.turno,
                p_significado=line.meaning,
                p_motivo=reason if line.changed else None,
                p_visto=seen[line.linha_id],
            )
        except RefusedError as refused:
            results[line.linha_id] = _PLANT_WORDS.get(refused.code, f"{refused.detail} {refused.hint}")
        except TransientError:
            results[line.linha_id] = "O banco não respondeu. Confira abaixo se ficou assinada e repita."
    return results


def _read(account: session.Session, where: Mapping[str, str]) -> Shift:
    sector = where.get("setor") or account.sector or SECTORS[0]
    shift = {f"p_{name}": where[name] for name in ("data", "turno") if where.get("data") and where.get(name)}
    return Shift.model_validate(supabase.rpc(account.tokens, "meu_turno", p_setor=sector, **shift))


def _page(
    status: int, asked: Mapping[str, str], message: str = "", results: Mapping[str, str] | None = None
) -> Response[str]:
    visitor = session.current(router)
    shift = _read(visitor.account, asked)
    # On a shared panel whoever may do it is offered by name.
    may = shift.pode if visitor.pessoa else dict.fromkeys(shift.pode, True)
    name, line_id = asked.get("ato", ""), asked.get("linha", "")
    chosen = next((line for line in shift.linhas if line.linha_id == line_id), None)
    if name not in _SINGLE or not chosen or not may[_SINGLE[name]]:
        name = ""
    ready = shift.lines(State.READY)
    who = None
    if name:
        who = session.who(visitor, _SINGLE[name], shift.setor)
    elif may["assinar_diario"] and ready:
        who = session.who(visitor, "assinar_diario", shift.setor, fresh=True)
    return page.render(
        visitor,
        "turno.html",
        status=status,
        shift=shift,
        State=State,
        sectors=SECTORS,
        act=name,
        chosen=chosen,
        may=may,
        ready=ready,
        who=who,
        key=asked.get("chave") or str(uuid.uuid4()),
        asked=asked,
        ticked=asked.get("marcadas", "").split(","),
        message=message,
        results=results or {},
    )
