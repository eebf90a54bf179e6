"""`sicfar …`: what people of the cloud half do by hand."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from operations.archive import command as archive
from operations.deployment import commands as deployment
from operations.dossier import command as dossier
from operations.failures import DETAILS, one_sentence
from sicfar.totvs.config import TotvsConfig, credentials, load_config
from sicfar.totvs.reports import require_success_shapes

if TYPE_CHECKING:
    from operations.dead_letters import Run
    from sicfar.database.requests import Attempt


@one_sentence
def main(arguments: Sequence[str]) -> int:
    """Run one command; the exit code is 0 only if all is well."""
    parser = argparse.ArgumentParser(
        prog="sicfar",
        description="Integrações do SicFar.",
        epilog=f"Saída 2: não pôde; uma frase diz o quê, onde e o que fazer. {DETAILS}, ou SICFAR_DEBUG=1, o rastro.",
    )
    areas = parser.add_subparsers(dest="area", required=True)
    totvs = areas.add_parser("totvs", help="a conversa com o TOTVS").add_subparsers(dest="command", required=True)
    verify = totvs.add_parser(
        "verificar",
        help="confere, só lendo, se um TOTVS se comporta como o SicFar espera",
        epilog="Usuário e senha vêm de TOTVS_USERNAME e TOTVS_PASSWORD, se a configuração não disser outra coisa.",
    )
    verify.add_argument("--config", required=True, type=Path, help="config/endpoints.json do ambiente")
    publish = totvs.add_parser(
        "publicar", help="grava a configuração, conferida, no parâmetro do SSM que as funções leem"
    )
    publish.add_argument("--config", required=True, type=Path, help="config/endpoints.json do ambiente")
    publish.add_argument("--parametro", required=True, help="nome do parâmetro, p. ex. /sicfar/prod/totvs")
    sample = totvs.add_parser(
        "amostra",
        help="mostra, sem rede, o que se enviaria de um lote de exemplo",
        epilog="Saída 0: tudo pode ser escrito; 1: algum envio não pode; 2: a configuração ou o modelo têm faltas.",
    )
    sample.add_argument("--config", type=Path, default=Path("config/endpoints.json"), help="config/endpoints.json")
    sample.add_argument("--relatorio", type=Path, help="um modelo em vez do da configuração")
    sample.add_argument("--tipo", action="append", help="PRODUCAO, PERDAS, STATUS, …; pode repetir-se; sem ele, todos")
    publish.add_argument(
        "--sem-envios", action="store_true", help="publica também sem as formas de sucesso; nada é enviado sem elas"
    )
    _add_rehearsal(totvs)
    _add_dlq(areas)
    _add_audit(areas)
    _add_restoration(areas)
    dossier.add(areas)
    archive.add(areas)
    deployment.add(areas)
    chosen = parser.parse_args(arguments)
    rooms = {dossier.AREA: dossier.run, archive.AREA: archive.run, **dict.fromkeys(deployment.AREAS, deployment.run)}
    if room := rooms.get(chosen.area):
        return room(chosen)
    if chosen.area == "dlq":
        return _dlq(chosen)
    if chosen.area == "auditar":
        return _audit(chosen)
    if chosen.area == "restauracao":
        return _declare(chosen) if chosen.command == "declarar" else _announce(chosen)
    config = load_config(f"file:{chosen.config}")
    if chosen.command == "amostra":
        return _sample(config, chosen)
    if chosen.command == "verificar":
        return _verify(config)
    if chosen.command == "ensaio":
        return _rehearse(config, chosen)
    if not chosen.sem_envios:
        require_success_shapes(config.reports, str(chosen.config))
    return _publish(chosen.config, chosen.parametro)


def _verify(config: TotvsConfig) -> int:
    from operations.totvs_check import Verdict, check
    from sicfar.totvs.client import TotvsClient

    client = TotvsClient(config, *credentials(config.auth), record=lambda _attempt: None)
    failed = 0
    for finding in check(config, client):
        failed += finding.verdict is Verdict.FAIL
        print(
            f"{finding.verdict:5}  {finding.behaviour}: {finding.seen}"
            + (f"\n       → {finding.action}" if finding.action else "")
        )
    client.close()
    print(f"\n{failed} falhas" if failed else "\nTudo de que o SicFar depende foi confirmado.")
    return 1 if failed else 0


def _sample(config: TotvsConfig, chosen: argparse.Namespace) -> int:
    from operations.totvs_sample import KINDS, shown, with_template
    from sicfar.totvs.templates import embedded

    names = [kind.value for kind in KINDS]
    if unknown := [one for one in chosen.tipo or [] if one not in names]:
        print(f"erro: --tipo {unknown[0]} não existe; use {', '.join(names)}", file=sys.stderr)
        return 2
    if chosen.relatorio:
        where = str(chosen.relatorio)
        config = with_template(config, embedded(where, Path()), where)
    found = list(shown(config, tuple(kind for kind in KINDS if not chosen.tipo or kind.value in chosen.tipo)))
    print("\n\n".join(text for _, text in found))
    return 0 if all(well for well, _ in found) else 1


def _publish(path: Path, name: str) -> int:
    import boto3

    from operations.totvs_publishing import publish
    from sicfar.aws.clients import CLIENT

    publish(boto3.client("ssm", config=CLIENT), path, name)
    print(f"{path} gravado em {name}; as funções o leem em até 5 minutos")
    return 0


def _add_rehearsal(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    rehearsal = commands.add_parser(
        "ensaio",
        help="na homologação, envia um apontamento marcado ENSAIO e propõe a forma da resposta de sucesso",
        epilog="Grava no TOTVS: estorne lá o que ele gravou. Saída 0: há uma forma a colar; 1: não há; 2: não pôde.",
    )
    rehearsal.add_argument("--config", required=True, type=Path, help="config/endpoints.json da homologação")
    rehearsal.add_argument(
        "--homologacao", required=True, metavar="HOST", help="o host da homologação, como em baseUrl"
    )
    rehearsal.add_argument("--envio", required=True, choices=("production", "losses", "status"))
    rehearsal.add_argument("--op", required=True, help="uma OP aberta na homologação")
    rehearsal.add_argument("--produto", required=True, help="o produto dela")
    rehearsal.add_argument("--lote", default="ENSAIO", help="o lote dela (ENSAIO)")
    rehearsal.add_argument(
        "--valor", action="append", default=[], metavar="NOME=TEXTO",
        help="o que o modelo pede do cadastro, p. ex. recurso=ENV01; pode repetir-se",
    )  # fmt: skip


def _rehearse(config: TotvsConfig, chosen: argparse.Namespace) -> int:
    from operations.totvs_rehearsal import Sample, rehearse, require_homologation
    from sicfar.totvs.client import TotvsClient

    require_homologation(config, chosen.homologacao)
    attempts: list[Attempt] = []
    client = TotvsClient(config, *credentials(config.auth), record=attempts.append)
    values = dict(one.partition("=")[::2] for one in chosen.valor)
    sample = Sample(chosen.op, chosen.produto, chosen.lote, values)
    done = rehearse(config, client, attempts, chosen.envio, sample, datetime.now(UTC))
    client.close()
    print(f"{done.request}\nAuthorization: ***\nX-Correlation-Id: {done.external_id}\n\n{done.body}\n")
    if done.attempt and done.attempt.status:
        print(f"HTTP {done.attempt.status}, em {done.attempt.latency_ms} ms\n\n{done.attempt.answer or ''}\n")
    for line in (done.error and f"erro: {done.error}", done.shown, *done.notes):
        if line:
            print(line)
    if done.proposal is None:
        return 1
    print(f"\nConfira no TOTVS que {done.external_id} entrou. Se entrou, cole em totvs.reports.{chosen.envio}:\n")
    print(json.dumps(done.proposal, ensure_ascii=False, indent=2))
    return 0


# Dead letters are the function DlqRedrive's business; this only asks it.

_ACTIONS = {
    "list": "listar", "listar": "listar", "show": "mostrar", "mostrar": "mostrar",
    "replay": "reenviar", "reenviar": "reenviar", "discard": "descartar", "descartar": "descartar",
}  # fmt: skip


def _add_dlq(areas: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    dlq = areas.add_parser("dlq", help="as filas de mortos: por que falhou, reenviar, descartar")
    commands = dlq.add_subparsers(dest="command", required=True)
    for name, alias, help_text in (
        ("list", "listar", "uma linha por carta, com o motivo"),
        ("show", "mostrar", "as cartas por inteiro, em JSON"),
        ("replay", "reenviar", "devolve as cartas à fila de origem; interrompido, o mesmo comando continua"),
        ("discard", "descartar", "guarda no banco e tira da fila; exige --motivo"),
    ):
        command = commands.add_parser(name, aliases=[alias], help=help_text)
        command.add_argument("--ambiente", required=True, help="local, homolog ou prod")
        command.add_argument("--fila", help="só esta fila (nome, ou parte dele)")
        command.add_argument("--id", action="append", default=[], help="só esta carta; pode repetir-se")
        command.add_argument("--codigo", help="só as que falharam com este código")
        command.add_argument("--texto", help="só as que contêm este texto, no corpo ou no motivo")
        if name in ("replay", "discard"):
            command.add_argument("--simular", action="store_true", help="só mostra quais seriam")
            command.add_argument("--por-segundo", type=_positive, default=10, help="quantas por segundo (10)")
            command.add_argument("--limite", type=_positive, help="no máximo tantas")
        if name == "replay":
            command.add_argument(
                "--nativo", action="store_true", help="o próprio SQS move as filas inteiras, como o botão do console"
            )
        if name == "discard":
            command.add_argument("--motivo", required=True)


def _positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} não é um número inteiro positivo")
    return number


def _dlq(chosen: argparse.Namespace) -> int:
    from operations.dead_letters import Function, Run, in_place, listing, move_whole_queues
    from sicfar.dead_letters.command import Action, Command, Filter

    action = Action(_ACTIONS[chosen.command])
    command = Command(
        action=action,
        queue=chosen.fila,
        chosen=Filter(ids=tuple(chosen.id), code=chosen.codigo, text=chosen.texto),
        reason=getattr(chosen, "motivo", ""),
    )
    function = Function(chosen.ambiente)
    if action is Action.SHOW:
        done = function(command)
        letters = done.letters or ()
        print(json.dumps([letter.as_json() for letter in letters], ensure_ascii=False, indent=2))
        if done.found > len(letters):
            print(f"… e mais {done.found - len(letters)}: escolha com --id ou --texto", file=sys.stderr)
        return 0
    if action is Action.LIST or chosen.simular:
        print("\n".join(listing(function(command.model_copy(update={"dry_run": True})))))
        return 0
    command = command.model_copy(update={"per_second": chosen.por_segundo, "limit": chosen.limite})
    if getattr(chosen, "nativo", False):
        whole = command.model_copy(update={"native": True})
        return 0 if move_whole_queues(function, whole, in_place) else 1
    return _treat(Run(function, command, in_place, time.sleep), action is Action.REPLAY)


def _treat(run: "Run", replay: bool) -> int:
    try:
        well = run.go()
    except KeyboardInterrupt:
        print("\ninterrompido: a porção em andamento termina sozinha em segundos; o mesmo comando continua daqui")
        raise
    finally:  # also after a fault: what was done, was
        print("\n".join(run.summary("reenviadas" if replay else "descartadas")))
    return 0 if well else 1


def _show_progress(done: int, total: int) -> None:
    filled = 40 * done // total if total else 40
    print(f"\r[{'#' * filled}{'.' * (40 - filled)}] {done}/{total}", end="", flush=True)


def _add_audit(areas: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    audit = areas.add_parser(
        "auditar",
        help="recalcula todos os totais a partir dos arquivos do bucket e compara; só lê",
        epilog="O banco vem de DATABASE_URL; a conta AWS, do ambiente. Saída 0: vazio; 1: há diferenças; 2: não pôde.",
    )
    audit.add_argument(
        "--bucket", required=True, help="bucket das contagens, p. ex. sicfar-contagens-prod-123456789012"
    )
    audit.add_argument(
        "--carencia",
        type=int,
        default=600,
        metavar="SEGUNDOS",
        help="idade até a qual um objeto ainda pode estar a caminho (600)",
    )
    audit.add_argument(
        "--selos",
        metavar="BUCKET",
        help="bucket dos selos, p. ex. sicfar-selos-prod-123456789012; sem ele, só as máquinas são auditadas",
    )
    audit.add_argument("--sem-trava", action="store_true", help="o bucket dos selos não tem Object Lock, de propósito")
    audit.add_argument("--json", action="store_true", help="um objeto JSON por linha; o último é o resumo")


def _audit(chosen: argparse.Namespace) -> int:
    import boto3

    from operations.audit.differences import Difference
    from operations.audit.run import audit
    from operations.audit.seals.chain import Chain
    from sicfar.aws.clients import CLIENT
    from sicfar.settings import text

    def tell(difference: Difference) -> None:
        print(json.dumps(difference.as_json(), ensure_ascii=False) if chosen.json else difference, flush=True)

    s3 = boto3.client("s3", config=CLIENT)
    chain = Chain(s3, chosen.selos, locked=not chosen.sem_trava) if chosen.selos else None
    summary = audit(text("DATABASE_URL"), s3, chosen.bucket, tell, grace_s=chosen.carencia, chain=chain)
    print(json.dumps({"resumo": summary.as_json()}) if chosen.json else summary)
    return 1 if summary.differences else 0


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise argparse.ArgumentTypeError("falta o fuso, p. ex. 2026-03-15T08:00:00-03:00")
    return at


def _add_restoration(areas: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    restoration = areas.add_parser("restauracao", help="depois que o banco voltou a uma cópia antiga")
    commands = restoration.add_subparsers(dest="command", required=True)
    declare = commands.add_parser(
        "declarar",
        help="põe em dúvida o que o TOTVS pode já saber; antes de religar totvs-post",
        epilog="O banco é o de DATABASE_URL, com a senha do dono das tabelas; quem declara é a identidade AWS em uso.",
    )
    declare.add_argument("--copia-de", required=True, type=_instant, help="de quando é a cópia, com fuso")
    declare.add_argument("--motivo", required=True, help="o que houve")
    announce = commands.add_parser(
        "reanunciar", help="anuncia de novo ao leitor o que o bucket recebeu desde um instante"
    )
    announce.add_argument("--bucket", required=True, help="bucket das contagens")
    announce.add_argument("--fila", required=True, help="endereço da fila do leitor (saída TxtQueueUrl do deploy)")
    announce.add_argument("--desde", required=True, type=_instant, help="uma hora antes da cópia, com fuso")
    announce.add_argument("--simular", action="store_true", help="só diz quantos seriam")
    announce.add_argument("--por-segundo", type=int, default=50, help="quantos por segundo (50)")


def _declare(chosen: argparse.Namespace) -> int:
    import boto3

    from operations.restoration import declare
    from sicfar.aws.clients import CLIENT
    from sicfar.settings import text

    who = boto3.client("sts", config=CLIENT).get_caller_identity()["Arn"]
    doubtful = declare(text("DATABASE_URL"), chosen.copia_de, who, chosen.motivo)
    print(f"{doubtful} envios em dúvida; os que as OPs anteriores ainda fizerem também ficarão")
    return 0


def _announce(chosen: argparse.Namespace) -> int:
    import boto3

    from operations.restoration import announce, written_since
    from sicfar.aws.clients import CLIENT

    refs = written_since(boto3.client("s3", config=CLIENT), chosen.bucket, chosen.desde)
    if not chosen.simular:
        for done in announce(boto3.client("sqs", config=CLIENT), chosen.fila, refs, chosen.por_segundo):
            _show_progress(done, len(refs))
    print(f"\n{len(refs)} objetos desde {chosen.desde.isoformat()}" + (" (simulação)" if chosen.simular else ""))
    return 0
