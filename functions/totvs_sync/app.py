"""Schedule → TOTVS → Supabase: what webhooks missed, fetched and applied."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from sicfar.database import supabase
from sicfar.database.codes import PullSituation
from sicfar.database.requests import Attempt
from sicfar.errors import Fate, SicfarError
from sicfar.handlers import faults, setup
from sicfar.totvs.answers import TotvsAccessError
from sicfar.totvs.client import TotvsClient
from sicfar.totvs.config import credentials, load_config, read_credentials_again
from sicfar.totvs.intake import config_reference
from sicfar.totvs.sync import Outcome, Sync

if TYPE_CHECKING:
    from sicfar.database.supabase import Client

logger = Logger()
metrics = Metrics()

_database = setup.database()


@logger.inject_lambda_context
@metrics.log_metrics
def handler(_event: object, context: LambdaContext) -> dict[str, object]:
    """Entry point: a schedule, or anybody by hand; the event says nothing. Answers what was fetched and repaired.

    Raises a configuration error loudly; TOTVS away is no error of this function: the next schedule comes.
    """
    with faults.counted(metrics):
        return _run(lambda: context.get_remaining_time_in_millis() / 1000)


def _run(time_left: Callable[[], float]) -> dict[str, object]:
    database = _database.get()
    if supabase.disjuntor_aberto(database, "TOTVS"):
        logger.warning("TOTVS em pausa pelo disjuntor; a próxima agenda busca")
        return {"pausa": True, "entidades": []}
    # Read at every run: a changed address or password is in use at the next one.
    config = load_config(config_reference())
    lengths = config.reports.lengths
    supabase.publicar_regras_totvs(database, config.reports.codes, lengths["codigo"], lengths["numero_lote"])
    attempts: list[Attempt] = []
    refused = partial(read_credentials_again, config.auth)
    client = TotvsClient(config, *credentials(config.auth), record=attempts.append, refused=refused)
    # A page that hangs must end before this run does; a run too short for that begins pages in its first half only.
    page_seconds = min(client.longest_page_seconds, time_left() / 2)
    try:
        outcomes = Sync(config, client, database, time_left, page_seconds).run()
    finally:
        client.close()
        _record(database, attempts)
    for outcome in outcomes:
        _report(outcome)
    if all(outcome.situation is PullSituation.COMPLETE for outcome in outcomes):
        metrics.add_metric("PullsComplete", MetricUnit.Count, 1)
    wrong = [outcome for outcome in outcomes if outcome.fate is Fate.CONFIGURATION]
    if wrong:
        raise TotvsAccessError(wrong[0].code or "erp_access", "; ".join(str(outcome.error) for outcome in wrong))
    return {"correlacao": client.correlation, "entidades": [outcome.as_json() for outcome in outcomes]}


def _record(database: "Client", attempts: list[Attempt]) -> None:
    """Every attempt is a log line, and a row; while the database is away, the line."""
    for attempt in attempts:
        logger.info("tentativa", extra={"tentativa": attempt.as_json()})
    try:
        supabase.registrar_tentativas(database, attempts)
    except SicfarError as error:
        logger.exception("tentativas só no log", extra={"codigo": error.code, "motivo": str(error)})


def _report(outcome: Outcome) -> None:
    level = logger.info if outcome.situation is PullSituation.COMPLETE else logger.error
    level("busca no TOTVS", extra=outcome.as_json())
