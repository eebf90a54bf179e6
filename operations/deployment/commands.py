"""`sicfar preparar`, `migrar`, `implantar` and `testar`: the words on the command line, and what is printed."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from sicfar.settings import SettingError

if TYPE_CHECKING:
    from operations.deployment.delivery import Prepared
    from operations.deployment.environment import Environment
    from operations.deployment.preparation import Row

AREAS = ("preparar", "migrar", "implantar", "testar")


def add(areas: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    prepare = areas.add_parser(
        "preparar",
        help="diz tudo o que falta a um ambiente, e cria o que pode",
        epilog="Saída 0: nada falta; 1: falta algo; 2: o arquivo do ambiente ou a versão não servem.",
    )
    _add_common(prepare)
    prepare.add_argument("--simular", action="store_true", help="só olha; nada cria nem pergunta")
    prepare.add_argument("--sem-totvs", action="store_true", help="o TOTVS não é alcançado daqui; não o confere")
    migrate = areas.add_parser(
        "migrar",
        help="aplica ao banco as migrações que lhe faltam",
        epilog="O banco vem de DATABASE_URL (Supabase, Connect, Session pooler); sem ela, é perguntado.",
    )
    _add_common(migrate)
    migrate.add_argument("--simular", action="store_true", help="só diz quais faltam")
    deploy = areas.add_parser(
        "implantar",
        help="publica a configuração do TOTVS e leva esta versão à AWS; mostra antes o que muda",
        epilog="Saída 0: implantado, ou nada a mudar; 1: desistiu; 2: não pôde.",
    )
    _add_common(deploy)
    deploy.add_argument("--simular", action="store_true", help="só mostra o que mudaria")
    deploy.add_argument("--sim", action="store_true", help="não pergunta antes de aplicar")
    test = areas.add_parser(
        "testar",
        help="provas de um ambiente no ar; nenhuma muda uma contagem",
        epilog="Saída 0: nenhuma falhou; 1: alguma falhou; 2: não pôde, ou --lote fora da homologação.",
    )
    test.add_argument("--ambiente", required=True, help="homolog ou prod")
    test.add_argument("--regiao", default="sa-east-1", help="região da AWS (sa-east-1)")
    test.add_argument("--endereco", default="", metavar="URL", help="onde a API responde (a saída ApiUrl da pilha)")
    test.add_argument("--perfil-gateway", metavar="PERFIL", help="perfil da AWS com a chave de acesso do gateway")
    test.add_argument("--alarme", action="store_true", help="dispara um alarme, para ver o e-mail chegar")
    test.add_argument(
        "--lote",
        action="store_true",
        help="só na homologação: uma linha de teste conta e o lote dela fecha; pergunta o seu e-mail e a sua senha",
    )


def _add_common(command: argparse.ArgumentParser) -> None:
    command.add_argument("--ambiente", required=True, help="homolog ou prod")
    command.add_argument("--arquivo", type=Path, help="o arquivo do ambiente (config/ambientes/<ambiente>.json)")
    command.add_argument("--versao", type=Path, metavar="PASTA", help="a versão a implantar (nuvem/ deste pacote)")
    command.add_argument("--supabase-url", help="em vez da do arquivo")
    command.add_argument("--totvs-config", help="em vez do do arquivo")
    command.add_argument("--sem-envios", action="store_true", default=None, help="como em sicfar totvs publicar")
    command.add_argument(
        "--parametro", action="append", default=[], metavar="NOME=VALOR", help="do template; pode repetir-se"
    )


def run(chosen: argparse.Namespace) -> int:
    """Run one of the commands; the exit code is 0 only if all is well. Raises SicfarError."""
    return {"preparar": _prepare, "migrar": _migrate, "implantar": _deploy, "testar": _test}[chosen.area](chosen)


def _environment(chosen: argparse.Namespace) -> Environment:
    from operations.deployment.environment import load

    given = {
        "supabaseUrl": chosen.supabase_url,
        "totvsConfig": chosen.totvs_config,
        "semEnvios": chosen.sem_envios,
    }
    parameters = {}
    for one in chosen.parametro:
        name, equals, value = one.partition("=")
        if not equals:
            raise SettingError("parameter_invalid", f"{one!r} não é NOME=VALOR", where="--parametro")
        parameters[name] = value
    return load(chosen.ambiente, chosen.arquivo, given, parameters)


def _say(text: str) -> None:
    print(text, flush=True)


def _ask_secret(prompt: str) -> str:
    """What a person types unseen, or the next line of standard input where nobody sits before it."""
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    return sys.stdin.readline().rstrip("\r\n")


def _ask(prompt: str) -> str:
    """What a person types, or the next line of standard input where nobody sits before it."""
    if sys.stdin.isatty():
        print(prompt, end="", flush=True)
    return sys.stdin.readline().strip()


def _prepare(chosen: argparse.Namespace) -> int:
    from operations.deployment.aws import Account
    from operations.deployment.preparation import Preparation, State
    from operations.deployment.release import find

    environment, release = _environment(chosen), find(chosen.versao)
    account = Account(environment.region)
    preparation = Preparation(
        account, environment, release, _ask_secret, dry=chosen.simular, with_totvs=not chosen.sem_totvs
    )
    rows = list(preparation.rows())
    _say(_table(rows))
    missing = [row for row in rows if row.state in (State.MISSING, State.WOULD_BE_MADE)]
    if missing:
        _say(f"\n{len(missing)} por fazer. Depois, de novo: sicfar preparar --ambiente {environment.name}")
        return 1
    _say(f"\nNada falta. Agora: sicfar implantar --ambiente {environment.name}")
    return 0


def _table(rows: Iterable[Row]) -> str:
    lines = []
    for row in rows:
        lines.append(f"{row.state:13}  {row.what:22}  {row.seen}")
        if row.next:
            lines.append(f"{'':13}  {'':22}  → {row.next}")
    return "\n".join(lines)


def _migrate(chosen: argparse.Namespace) -> int:
    import os

    from operations.deployment import database
    from operations.deployment.release import find

    environment, release = _environment(chosen), find(chosen.versao)
    url = os.environ.get("DATABASE_URL") or _ask_secret(f"DATABASE_URL do banco de {environment.name}: ").strip()
    with database.connected(url) as connection:
        if chosen.simular:
            todo = database.missing(connection, release.migrations)
            for one in todo:
                _say(f"falta    {one.version} {one.name}")
            _say(f"{len(todo)} migrações por aplicar" if todo else "O banco é desta versão.")
            return 0
        done = database.migrate(connection, release.migrations, _say)
    _say(f"{done} migrações aplicadas" if done else "O banco já era desta versão.")
    return 0


def _deploy(chosen: argparse.Namespace) -> int:
    from operations.deployment.aws import Account
    from operations.deployment.delivery import Delivery
    from operations.deployment.release import find
    from operations.totvs_publishing import publish
    from sicfar.totvs.config import load_config
    from sicfar.totvs.reports import require_success_shapes

    environment, release = _environment(chosen), find(chosen.versao)
    config = load_config(f"file:{environment.totvs_config}")
    if not environment.without_reports:
        require_success_shapes(config.reports, environment.totvs_config)
    account = Account(environment.region)
    _say(f"conta {account.number}, {account.region}, pilha {environment.stack}, versão {release.description.version}")
    delivery = Delivery(account, environment, release, _say)
    prepared = delivery.prepare(delivery.upload())
    _show_changes(prepared)
    if chosen.simular:
        if prepared.changes:
            delivery.abandon(prepared)
        _say(f"{len(prepared.changes)} mudanças; nada foi feito (simulação)")
        return 0
    if prepared.changes and not (chosen.sim or _confirmed()):
        delivery.abandon(prepared)
        _say("Nada foi feito.")
        return 1
    publish(account.ssm, Path(environment.totvs_config), environment.totvs_parameter)
    if prepared.changes:
        _say("aplica; alguns minutos")
        delivery.apply(prepared)
    else:
        _say("a pilha já era assim")
    delivery.protect()
    for name, value in sorted(delivery.outputs().items()):
        _say(f"  {name:16} {value}")
    _say(f"Implantado. Agora: sicfar testar --ambiente {environment.name}")
    return 0


def _show_changes(prepared: Prepared) -> None:
    if prepared.new:
        _say(f"uma pilha nova, de {len(prepared.changes)} recursos")
    for change in () if prepared.new else prepared.changes:
        _say(f"  {change}")
    for change in prepared.changes:
        if change.loses:
            _say(f"ATENÇÃO: com {change.resource} podem ir {change.loses}")


def _confirmed() -> bool:
    return _ask("Aplicar? [s/N] ").lower() in ("s", "sim")


def _test(chosen: argparse.Namespace) -> int:
    from operations.deployment.aws import Account
    from operations.deployment.deployed import Deployed
    from operations.deployment.outcome import Outcome
    from operations.deployment.probes import Probes
    from operations.deployment.trial import Login, Trial, require_homologation

    deployed = Deployed(Account(chosen.regiao), chosen.ambiente, chosen.endereco)
    trials = []
    if chosen.lote:
        require_homologation(deployed)  # before anybody is asked for a password
        email = _ask("E-mail (papel GESTOR em todos os setores, na homologação): ")
        trials.append(Trial(deployed, Login(email, _ask_secret("Senha: "))))
    gateway = Account(chosen.regiao, chosen.perfil_gateway) if chosen.perfil_gateway else None
    probes = Probes(deployed, gateway, alarm=chosen.alarme)
    failed = 0
    for result in chain(probes.results(), *(one.results() for one in trials)):
        failed += result.outcome is Outcome.FAILED
        _say(f"{result.outcome:17}  {result.what:34}  {result.seen}")
    _say(f"\n{failed} falharam" if failed else "\nNenhuma falhou.")
    return 1 if failed else 0
