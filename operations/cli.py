"""`sicfar …`: what people of the cloud half do by hand."""

import argparse
import getpass
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from operations.deployment import commands as deployment
from sicfar.errors import SicfarError
from sicfar.totvs.config import TotvsConfig, credentials, load_config
from sicfar.totvs.reports import require_success_shapes

if TYPE_CHECKING:
    from sicfar.database.requests import Attempt
    from sicfar.handlers.dead_letters import Command, Done


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 only if all is well."""
    parser = argparse.ArgumentParser(prog="sicfar", description="Integrações do SicFar.")
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
    deployment.add(areas)
    chosen = parser.parse_args(arguments)
    try:
        if chosen.area in deployment.AREAS:
            return deployment.run(chosen)
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
    except SicfarError as error:
        print(f"erro: {error}", file=sys.stderr)
        return 2


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


# Dead letters are the function DlqRedrive's business; this only calls it, in portions, and shows how far it is.

_ACTIONS = {"list": "listar", "show": "mostrar", "replay": "reenviar", "discard": "descartar"}
_PORTION_S = 10


def _add_dlq(areas: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    dlq = areas.add_parser("dlq", help="as filas de mortos: por que falhou, reenviar, descartar")
    commands = dlq.add_subparsers(dest="command", required=True)
    for name, help_text in (
        ("list", "uma linha por carta, com o motivo"),
        ("show", "as cartas por inteiro, em JSON"),
        ("replay", "devolve as cartas à fila de origem"),
        ("discard", "guarda no banco e tira da fila; exige --motivo"),
    ):
        command = commands.add_parser(name, help=help_text)
        command.add_argument("--ambiente", required=True, help="local, homolog ou prod")
        command.add_argument("--fila", help="só esta fila (nome, ou parte dele)")
        command.add_argument("--id", action="append", default=[], help="só esta carta; pode repetir-se")
        command.add_argument("--codigo", help="só as que falharam com este código")
        command.add_argument("--texto", help="só as que contêm este texto, no corpo ou no motivo")
        if name in ("replay", "discard"):
            command.add_argument("--simular", action="store_true", help="só mostra quais seriam")
            command.add_argument("--por-segundo", type=int, default=10, help="quantas por segundo (10)")
        if name == "discard":
            command.add_argument("--motivo", required=True)


def _dlq(chosen: argparse.Namespace) -> int:
    from sicfar.handlers.dead_letters import Action, Command, Filter

    function = f"sicfar-{chosen.ambiente}-dlq-redrive"
    command = Command(
        action=Action(_ACTIONS[chosen.command]),
        queue=chosen.fila,
        chosen=Filter(ids=tuple(chosen.id), code=chosen.codigo, text=chosen.texto),
    )
    if chosen.command == "show":
        letters = [letter.as_json() for letter in _invoke(function, command).letters or ()]
        print(json.dumps(letters, ensure_ascii=False, indent=2))
        return 0
    if chosen.command == "list" or chosen.simular:
        done = _invoke(function, command.model_copy(update={"dry_run": True}))
        for letter in done.letters or ():
            print(f"{letter.id}  {letter.queue}  {letter.code or '?'}: {letter.reason or letter.body}")
        print(f"{done.found} cartas")
        return 0
    asked: dict[str, object] = {
        "per_second": chosen.por_segundo,
        "limit": chosen.por_segundo * _PORTION_S,
        "native": True,
    }
    if chosen.command == "discard":
        asked |= {"reason": chosen.motivo, "who": getpass.getuser()}
    command = command.model_copy(update=asked)
    total = moved = 0
    while True:
        done = _invoke(function, command)
        left = done.left or 0
        moved += done.moved or 0
        total = max(total, moved + left)
        _show_progress(moved, total)
        if not left:
            print(f"\n{moved} cartas")
            return 0


def _show_progress(done: int, total: int) -> None:
    filled = 40 * done // total if total else 40
    print(f"\r[{'#' * filled}{'.' * (40 - filled)}] {done}/{total}", end="", flush=True)


def _invoke(function: str, command: "Command") -> "Done":
    """Call DlqRedrive. Raises CommandError with what it said against the command."""
    import boto3

    from sicfar.aws.clients import CLIENT
    from sicfar.handlers.dead_letters import CommandError, read_answer

    payload = json.dumps(command.as_json()).encode()
    answer = boto3.client("lambda", config=CLIENT).invoke(FunctionName=function, Payload=payload)
    body = answer["Payload"].read()
    if "FunctionError" in answer:
        raise CommandError("function_failed", body.decode(errors="replace"), where=function)
    return read_answer(body, where=function)


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
    audit.add_argument("--json", action="store_true", help="um objeto JSON por linha; o último é o resumo")


def _audit(chosen: argparse.Namespace) -> int:
    import boto3

    from operations.audit.differences import Difference
    from operations.audit.run import audit
    from sicfar.aws.clients import CLIENT
    from sicfar.settings import text

    def tell(difference: Difference) -> None:
        print(json.dumps(difference.as_json(), ensure_ascii=False) if chosen.json else difference, flush=True)

    s3 = boto3.client("s3", config=CLIENT)
    summary = audit(text("DATABASE_URL"), s3, chosen.bucket, tell, grace_s=chosen.carencia)
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
        epilog="O banco é o de DATABASE_URL, com a senha do dono das tabelas.",
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
    from operations.restoration import declare
    from sicfar.settings import text

    doubtful = declare(text("DATABASE_URL"), chosen.copia_de, getpass.getuser(), chosen.motivo)
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
