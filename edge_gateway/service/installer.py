"""Install, upgrade, roll back and uninstall the Windows service. Run from the bundle, by an administrator.

Each act says what it has done, step by step. After an installation that failed half way `desinstalar` clears it away.
The spool is never copied, moved or deleted: a copy put back would count again what has been sent since.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from edge_gateway.commands.report import Level, Result
from edge_gateway.config import ConfigError, load_config
from edge_gateway.service import host, scm
from edge_gateway.service.places import SERVICE, Places, Versions
from edge_gateway.service.surroundings import surroundings
from edge_gateway.service.system import order
from edge_gateway.spool.status import read_status
from sicfar.errors import ConfigurationError, PermanentError, SicfarError

if sys.platform != "win32":
    raise ImportError("this installs a service of Windows; for Linux see docs/gateway.md")

VIRTUAL_ACCOUNT = rf"NT SERVICE\{SERVICE}"
"""The service's own account: Windows makes it, it has no password and no rights but those given to it here."""
_ADMINISTRATORS = "*S-1-5-32-544"
_OWNERS = (f"{_ADMINISTRATORS}:(OI)(CI)F", "*S-1-5-18:(OI)(CI)F")
"""What the administrators and the system may do in our folders, for icacls: everything."""
_RESTARTS_MS, _RESTARTS_RESET_S = (5_000, 5_000, 60_000), 86_400
_STOP_S, _START_S, _PAUSE_S = 90.0, 300.0, 0.5
_TOO_POWERFUL = {"localsystem", r"nt authority\system", r".\localsystem"}


class NotPossibleError(ConfigurationError):
    """What was asked does not fit what is installed; nothing was changed."""

    def __init__(self, what: str, action: str) -> None:
        super().__init__("installation_refused", what, action=action)


class ServiceFailedError(PermanentError):
    """The service did not do what it was asked."""

    def __init__(self, what: str, where: str) -> None:
        super().__init__("service_failed", what, where=where, action="veja o log, corrija a causa e repita o comando")


def install(places: Places, config: Path, credentials: Path, account: str) -> Iterator[Result]:
    """Lay the programs down, register the service, give its account what it needs, and start it."""
    _require_administrator()
    if scm.state(SERVICE) is not None:
        raise NotPossibleError(
            "o serviço já está instalado", "use sicfar-gateway.cmd atualizar; para trocar a configuração veja o guia"
        )
    version = bundled_version()
    _refuse_wrong(Path(sys.executable), config, credentials)
    yield Result("ok", f"configuração: {config}")
    _lay(places, version)
    yield Result("ok", f"programa: {places.python(version).parent}")
    places.log.mkdir(parents=True, exist_ok=True)
    # Before anything secret is in it: below %ProgramData% every account may read.
    order("icacls.exe", str(places.data), "/inheritance:r", "/grant:r", *_OWNERS, "/Q")
    for source, target in ((config, places.config), (credentials, places.credentials)):
        if source.resolve() != target.resolve():
            shutil.copyfile(source, target)
    yield Result("ok", f"dados: {places.data} (apague a cópia das credenciais que ficou em {credentials})")
    scm.create(SERVICE, "Gateway SicFar", _command(places, version), account)
    yield from _set_recovery()
    yield Result("ok", f"serviço: {SERVICE}, conta {account}, sobe com o computador e volta sozinho se cair")
    yield from _switch(places, version)
    places.remember(Versions(version, None))
    yield from verify(places)


def upgrade(places: Places) -> Iterator[Result]:
    """Put this bundle's version in place of the running one, which comes back if the new one does not start."""
    _require_administrator()
    before = _installed(places)
    version = bundled_version()
    if version == before.current:
        raise NotPossibleError(f"a versão {version} já é a que está em execução", "use o pacote da versão nova")
    _refuse_wrong(Path(sys.executable), places.config, places.credentials)
    _lay(places, version)
    yield Result("ok", f"programa: {places.python(version).parent}")
    yield from _replace(places, version, before.current)
    places.remember(Versions(version, before.current))
    _forget_others(places)
    yield from verify(places)


def roll_back(places: Places) -> Iterator[Result]:
    """Start the version before this one again, on the same spool and configuration."""
    _require_administrator()
    now = _installed(places)
    if now.previous is None:
        raise NotPossibleError("não há versão anterior", "instale o pacote da versão desejada com atualizar")
    yield from _replace(places, now.previous, now.current)
    places.remember(Versions(now.previous, now.current))
    yield from verify(places)


def uninstall(places: Places) -> Iterator[Result]:
    """Remove service and programs; configuration, credentials, spool and log stay."""
    _require_administrator()
    if Path(sys.executable).is_relative_to(places.programs):
        raise NotPossibleError("este é o programa instalado", "execute desinstalar a partir da pasta do pacote")
    if scm.state(SERVICE) is not None:
        _stop()
        scm.delete(SERVICE)
    yield Result("ok", f"serviço: {SERVICE} removido")
    if places.programs.exists():
        shutil.rmtree(places.programs)
    yield Result("ok", f"programa: {places.programs} removido")
    waiting = _unsent(places)
    if waiting:
        text = f"há {waiting} registros não enviados no spool; não o apague: instale de novo para enviá-los"
        yield Result("aviso", text)
    yield Result("ok", f"dados: {places.data} mantido, com o spool; apague as credenciais se não voltar a instalar")


def verify(places: Places) -> Iterator[Result]:
    """Whether everything is as `install` leaves it, and what Windows must provide besides; changes nothing."""
    state = scm.state(SERVICE)
    if state is None:
        yield Result("erro", f"serviço: {SERVICE} não está instalado — sicfar-gateway.cmd instalar")
        return
    level: Level = "ok" if state == scm.State.RUNNING else "erro"
    yield Result(level, f"serviço: {SERVICE} {'em execução' if level == 'ok' else 'parado'}")
    account = scm.account(SERVICE)
    if account.casefold() in _TOO_POWERFUL:
        action = f'sc.exe config {SERVICE} obj= "{VIRTUAL_ACCOUNT}"'
        yield Result("erro", f"conta: {account} pode tudo neste computador — {action}")
    else:
        yield Result("ok", f"conta: {account}")
    yield from surroundings(_spool(places), places.credentials)


def bundled_version() -> str:
    """The version of the bundle that runs this. Raises NotPossibleError outside a bundle."""
    try:
        said = json.loads((Path(sys.executable).parent / "versao.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotPossibleError(
            "este Python não é o de um pacote do gateway", "use o sicfar-gateway.cmd da pasta do pacote"
        ) from error
    return str(said["versao"])


def _require_administrator() -> None:
    if not ctypes.windll.shell32.IsUserAnAdmin():
        raise NotPossibleError("faltam direitos de administrador", "abra o Prompt de Comando como administrador")


def _installed(places: Places) -> Versions:
    if scm.state(SERVICE) is None:
        raise NotPossibleError("o serviço não está instalado", "use sicfar-gateway.cmd instalar")
    return places.versions()


def _refuse_wrong(python: Path, config: Path, credentials: Path) -> None:
    """Run `check` with a version and a configuration; an unreachable network is no reason to refuse, a mistake is."""
    if not credentials.is_file():
        raise ConfigError(f"não existe o arquivo {credentials}", "--credenciais", "um perfil [default] da AWS")
    load_config(config).require_gateway()
    environment = {**os.environ, "AWS_SHARED_CREDENTIALS_FILE": str(credentials)}
    words = [str(python), "-m", "edge_gateway", "check", "--config", str(config)]
    done = subprocess.run(words, env=environment, check=False)  # noqa: S603 - our own program
    if done.returncode == 2:
        raise NotPossibleError("a configuração tem erros, ditos acima", "corrija-os e repita o comando")


def _lay(places: Places, version: str) -> None:
    """Copy this bundle's programs to their place; a half copy has another name."""
    target = places.python(version).parent
    if target.exists():
        return
    draft = target.with_name(f"{target.name}.novo")
    if draft.exists():
        shutil.rmtree(draft)
    # Contents alone: times and permissions of the folder the bundle was unpacked in do not matter here.
    shutil.copytree(Path(sys.executable).parent, draft, copy_function=shutil.copyfile)
    draft.rename(target)


def _command(places: Places, version: str) -> str:
    words = [str(places.python(version)), "-m", "edge_gateway.service.host", str(places.data)]
    return subprocess.list2cmdline(words)


def _replace(places: Places, version: str, running: str | None) -> Iterator[Result]:
    """Switch to a version; if it does not start, back to the one that was running, and raise the reason."""
    try:
        yield from _switch(places, version)
    except (SicfarError, OSError) as error:
        yield Result("erro", f"a versão {version} não subiu: {error}")
        if running is not None:
            yield from _switch(places, running)
            yield Result("aviso", f"a versão {running} está de volta; o spool continua o mesmo")
        raise


def _set_recovery() -> Iterator[Result]:
    """What the service does besides running; none of it may keep it from running, and each failure is said."""
    description = "Lê as máquinas e envia as contagens."
    settings: tuple[tuple[str, Callable[[], None]], ...] = (
        ("a descrição", lambda: scm.describe(SERVICE, description)),
        ("o reinício depois de uma queda", lambda: scm.restart_after_failure(SERVICE, _RESTARTS_MS, _RESTARTS_RESET_S)),
        ("o reinício depois de um erro", lambda: scm.restart_after_error_exit(SERVICE)),
        ("o início atrasado", lambda: scm.start_late(SERVICE)),
    )
    for what, act in settings:
        try:
            act()
        except OSError as error:
            yield Result("aviso", f"serviço: o Windows recusou {what}: {error} — ajuste em services.msc")


def _switch(places: Places, version: str) -> Iterator[Result]:
    """Let the service run this version: stopped, changed, its rights set, started, seen at work."""
    _stop()
    scm.set_command(SERVICE, _command(places, version))
    _protect(places, scm.account(SERVICE))
    yield Result("ok", f"permissões: {places.data} só para a conta do serviço e os administradores")
    places.shortcut.write_text(
        f'@set "AWS_SHARED_CREDENTIALS_FILE={places.credentials}"\n'
        f'@"{places.python(version)}" -m edge_gateway %* --config "{places.config}"\n',
        encoding="oem",
    )
    logged = len(_log(places))
    scm.start(SERVICE)
    _wait_until_at_work(places, logged)
    yield Result("ok", f"serviço: a versão {version} lê e envia; comandos: {places.shortcut}")


def _protect(places: Places, account: str) -> None:
    """The account may read everything and write only spool and log; nobody else but the administrators, anything."""
    spool = _spool(places)
    spool.mkdir(parents=True, exist_ok=True)
    if account.startswith(".\\"):  # as Windows stores an account of this computer, and icacls does not take it
        account = f"{os.environ['COMPUTERNAME']}\\{account[2:]}"
    for folder, rights in ((places.data, "RX"), (places.log, "M"), (spool, "M")):
        order("icacls.exe", str(folder), "/inheritance:r", "/grant:r", *_OWNERS, f"{account}:(OI)(CI){rights}", "/Q")
    order("icacls.exe", str(places.credentials), "/reset", "/Q")
    rights_of_file = [f"{_ADMINISTRATORS}:F", f"{account}:R"]
    order("icacls.exe", str(places.credentials), "/inheritance:r", "/grant:r", *rights_of_file, "/Q")


def _stop() -> None:
    if not scm.stop(SERVICE, _STOP_S):
        raise ServiceFailedError(f"o serviço não parou em {_STOP_S:.0f} s", SERVICE)


def _wait_until_at_work(places: Places, logged: int) -> None:
    """Until the log says, beyond that many characters, that the gateway reads. Raises ServiceFailedError."""
    deadline = time.monotonic() + _START_S
    while '"event": "started"' not in _log(places)[logged:]:
        if scm.state(SERVICE) == scm.State.STOPPED or time.monotonic() > deadline:
            raise ServiceFailedError(f"o gateway não começou a ler: {_last_line(places)}", str(places.log / host.LOG))
        time.sleep(_PAUSE_S)


def _log(places: Places) -> str:
    """What the service's log holds; it begins anew at 10 MB."""
    with suppress(FileNotFoundError):
        return (places.log / host.LOG).read_text(encoding="utf-8", errors="replace")
    return ""


def _last_line(places: Places) -> str:
    return next(iter(_log(places).splitlines()[-1:]), "o log está vazio")


def _forget_others(places: Places) -> None:
    """Delete the programs of versions that no roll-back returns to."""
    kept = places.versions()
    for folder in places.programs.iterdir():
        if folder.is_dir() and folder.name not in (kept.current, kept.previous):
            shutil.rmtree(folder, ignore_errors=True)


def _spool(places: Places) -> Path:
    return load_config(places.config).require_gateway().spool


def _unsent(places: Places) -> int:
    with suppress(SicfarError):
        status = read_status(_spool(places))
        return status.pending_records + status.sealed_records
    return 0
