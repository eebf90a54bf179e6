"""*Meu turno*: the Diário of each line of a sector in one shift; confirmed by the operator, signed or returned."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from pydantic import Field

from painel import page, session, supabase
from painel.supabase import Answer, RefusedError, SignInRefusedError
from sicfar.errors import TransientError

router = Router()
SECTORS = ("SPEP", "SPPV", "LIQUIDOS", "CPHD")
MEANING = "Conferi e aprovo este Diário de Bordo."
_SINGLE = {"confirmar": "confirmar_turno", "devolver": "devolver_diario"}
_LONGEST_MEANING = 500
_LATE = timedelta(hours=12)
_PLANT_WORDS = {
    "CONTAGEM_RETIDA": "Uma contagem duvidosa espera decisão.",
    "QUARENTENA": "Um arquivo não lido espera decisão.",
    "EPOCA_ABERTA": "O gateway foi trocado, e falta dizer se o anterior entregou tudo.",
    "DIARIO_INCOMPLETO": "Algo mudou nesta linha enquanto você conferia.",
}
"""What the database says in the integration's words, in the plant's."""


class Matter(Answer):
    """What forbids signing, or a source that has not reported all."""

    code: str = Field(alias="codigo")
    detail: str = Field(alias="detalhe")
    action: str = Field(alias="acao")

    @property
    def text(self) -> str:
        """The matter in the plant's words."""
        return _PLANT_WORDS.get(self.code, self.detail)


class Order(Answer, extra="allow"):
    """An order's part in the shift; what is only shown keeps the database's names."""

    good: int = Field(alias="boas")
    refused: dict[str, int] = Field(alias="refugo")


class Signature(Answer, extra="allow"):
    """The latest signature; `holds`: nothing it covers has changed."""

    holds: bool = Field(alias="vale")


class State(StrEnum):
    """How far a line's sheet is, in words."""

    IDLE = "sem OP"
    SIGNED = "assinado"
    RETURNED = "devolvido"
    BLOCKED = "incompleto"
    RUNNING = "em andamento"
    WAITING = "espera os dados da máquina"
    READY = "pronto para assinar"


class Line(Answer):
    """One line of the shift, as `meu_turno()` answers it; what is a mapping is only shown."""

    line_id: str = Field(alias="linha_id")
    name: str = Field(alias="linha")
    content_sha256: str = Field(alias="conteudo_sha256")
    orders: list[Order] = Field(alias="ordens")
    without_order: dict[str, int] = Field(alias="sem_ordem")
    stops: list[dict[str, object]] = Field(alias="paradas")
    confirmation: dict[str, object] | None = Field(alias="confirmacao")
    returns: list[dict[str, object]] = Field(alias="devolucoes")
    obstacles: list[Matter] = Field(alias="motivos")
    warnings: list[Matter] = Field(alias="avisos")
    signature: Signature | None = Field(alias="assinatura")

    @property
    def tick(self) -> str:
        """What a ticked box sends: the line, and what its sheet said when it was opened."""
        return f"{self.line_id} {self.content_sha256}"

    @property
    def changed(self) -> bool:
        """Whether it was signed and has changed since."""
        return self.signature is not None and not self.signature.holds

    @property
    def losses(self) -> int:
        """Refused units of all orders."""
        return sum(sum(order.refused.values()) for order in self.orders)

    @property
    def good(self) -> int:
        """Sellable units of all orders."""
        return sum(order.good for order in self.orders)


class Shift(Answer):
    """A sector's shift. `released_at`: when it may be signed although a source has not reported; `may`: which functions
    the account may call in the sector. Instants in UTC."""

    sector: str = Field(alias="setor")
    data: date
    shift_code: str = Field(alias="turno")
    shift_codes: list[str] = Field(alias="turnos")
    begins: page.Instant = Field(alias="inicio")
    ends: page.Instant = Field(alias="fim")
    now: page.Instant = Field(alias="agora")
    released_at: page.Instant = Field(alias="libera_em")
    may: dict[str, bool] = Field(alias="pode")
    before: dict[str, str] | None = Field(alias="anterior")
    after: dict[str, str] | None = Field(alias="seguinte")
    rows: list[Line] = Field(default_factory=list, alias="linhas")

    def state(self, line: Line) -> State:
        """How far a line's sheet is."""
        codes = {one.code for one in line.obstacles}
        if line.signature and line.signature.holds:
            return State.SIGNED
        if codes == {"NADA_A_ASSINAR"} and not line.signature:
            return State.IDLE
        if "DIARIO_DEVOLVIDO" in codes:
            return State.RETURNED
        if self.now < self.ends:
            return State.RUNNING
        if codes:
            return State.BLOCKED
        return State.WAITING if line.warnings and self.now < self.released_at else State.READY

    def meaning(self, line: Line) -> str:
        """What a signature given now means: it names the sources that had not reported, a missing confirmation, and by
        how much it comes late."""
        missing = "; ".join(one.text.rstrip(".") for one in line.warnings)
        hours = (self.now - self.ends) // timedelta(hours=1)
        parts = [
            MEANING,
            # Later than the next shift's end, nobody signs from what was seen that day.
            f"Assinado com atraso, {hours} h depois do fim do turno." if self.now - self.ends >= _LATE else "",
            f"Assinado sem esperar: {missing}." if missing else "",
            "" if line.confirmation else "O operador não confirmou o turno.",
        ]
        text = " ".join(part for part in parts if part)
        return text if len(text) <= _LONGEST_MEANING else text[: _LONGEST_MEANING - 1] + "…"

    def lines(self, *states: State) -> list[Line]:
        """The lines in one of these states."""
        return [line for line in self.rows if self.state(line) in states]

    @property
    def minutes_left(self) -> int:
        """Whole minutes, begun ones counted, until the lines that wait may be signed."""
        return max(-((self.now - self.released_at) // timedelta(minutes=1)), 0)

    def link(self, **more: str) -> str:
        """A link to this screen: the same sector and shift, but for what is given."""
        return "turno?" + urlencode(
            {"setor": self.sector, "data": self.data.isoformat(), "turno": self.shift_code, **more}
        )


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
        return _page(refused.status, typed, refused.said)
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
    for line in (line for line in shift.rows if line.line_id in seen):
        state = shift.state(line)
        if state not in {State.READY, State.SIGNED}:
            results[line.line_id] = f"Ainda não se assina: {state}."
            continue
        try:
            supabase.rpc(
                person.tokens,
                "assinar_diario",
                p_linha_id=line.line_id,
                p_data=shift.data.isoformat(),
                p_turno=shift.shift_code,
                p_significado=shift.meaning(line),
                p_motivo=reason if line.changed else None,
                p_visto=seen[line.line_id],
            )
        except RefusedError as refused:
            results[line.line_id] = _PLANT_WORDS.get(refused.code, refused.said)
        except TransientError:
            results[line.line_id] = "O banco não respondeu. Confira abaixo se ficou assinada e repita."
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
    may = shift.may if visitor.pessoa else dict.fromkeys(shift.may, True)
    name, line_id = asked.get("ato", ""), asked.get("linha", "")
    chosen = next((line for line in shift.rows if line.line_id == line_id), None)
    if name not in _SINGLE or not chosen or not may[_SINGLE[name]]:
        name = ""
    ready = shift.lines(State.READY)
    who = None
    if name:
        who = session.who(visitor, _SINGLE[name], shift.sector)
    elif may["assinar_diario"] and ready:
        who = session.who(visitor, "assinar_diario", shift.sector, fresh=True)
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
        told=[message] if message else [],
        results=results or {},
    )
