"""`sicfar preparar`: everything an environment lacks before it can be deployed, all of it named, and the next step."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from operations.deployment import database
from operations.deployment.aws import Account
from operations.deployment.environment import Environment
from operations.deployment.release import Release
from operations.failures import explained
from operations.totvs_check import Verdict, check
from sicfar.errors import SicfarError
from sicfar.totvs.client import TotvsClient
from sicfar.totvs.config import load_config

UNRESERVED = 100
"""Simultaneous runs that Lambda keeps free beside reserved ones:
https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"""
AT_WORK = 10
"""Simultaneous runs with which everything works: what queues and schedules start at once, and a webhook."""
_ABSENT = {"ResourceNotFoundException", "ParameterNotFound", "NotFoundException", "404", "NoSuchBucket"}


class State(StrEnum):
    """How a thing was found."""

    OK = "OK"
    MISSING = "falta"
    MADE = "criado"
    WOULD_BE_MADE = "seria criado"
    UNSEEN = "não conferido"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing an environment needs: how it was found, and the next step if it is missing."""

    state: State
    what: str
    seen: str
    next: str = ""


Ask = Callable[[str], str]
"""Asks a person for a secret value; empty if nobody answers."""


class Preparation:
    """One look at an environment; makes what can be made, unless it is only to look."""

    def __init__(
        self, account: Account, environment: Environment, release: Release, ask: Ask, *, dry: bool, with_totvs: bool
    ) -> None:
        self._account = account
        self._environment = environment
        self._release = release
        self._ask = ask
        self._dry = dry
        self._with_totvs = with_totvs

    def rows(self) -> Iterator[Row]:
        """Every thing, in the order in which they are put right; none is left out because another is missing."""
        try:
            self._release.check_parameters(self._environment.parameters, self._environment.own_parameters)
            yield Row(State.OK, "parâmetros", f"{len(self._environment.parameters)} além dos do ambiente")
        except SicfarError as error:
            yield Row(State.MISSING, "parâmetros", error.what, error.action)
        identity = self._looked("credenciais", self._identity)
        yield identity
        aws = identity.state is State.OK
        yield self._on_aws(aws, "cota do Lambda", self._quota)
        yield self._on_aws(aws, "bucket do deploy", self._bucket)
        for what in ("totvs-webhook", "fechamentos"):
            yield self._on_aws(aws, f"segredo {what}", partial(self._generated, what))
        yield self._on_aws(aws, "segredo supabase", lambda: self._asked("supabase", {"": "Chave secreta do Supabase"}))
        login = {"username": "Usuário do TOTVS", "password": "Senha do TOTVS"}
        yield self._on_aws(aws, "segredo totvs", lambda: self._asked("totvs", login))
        address = {"": "Endereço do banco para o login sicfar_auditoria"}
        yield self._on_aws(aws, "segredo auditoria", lambda: self._asked("auditoria", address))
        yield self._on_aws(aws, "parâmetro do TOTVS", self._parameter)
        yield self._on_aws(aws, "TOTVS", self._totvs)
        yield from self._database(aws)
        yield self._alarms()
        yield self._on_aws(aws, "remetente do resumo", self._sender)

    def _on_aws(self, aws: bool, what: str, look: Callable[[], Row]) -> Row:
        return self._looked(what, look) if aws else Row(State.UNSEEN, what, "sem credenciais da AWS")

    def _looked(self, what: str, look: Callable[[], Row]) -> Row:
        """A row also where AWS or a service refuses: the other things are looked at all the same."""
        try:
            return look()
        except (ClientError, BotoCoreError) as cause:
            refusal = explained(cause, what)
            return Row(State.MISSING, what, refusal.what, refusal.action)
        except SicfarError as error:
            return Row(State.MISSING, what, str(error), error.action)

    def _identity(self) -> Row:
        told = self._account.sts.get_caller_identity()
        seen = f"conta {told['Account']}, região {self._account.region}, {told['Arn'].rsplit(':', 1)[-1]}"
        return Row(State.OK, "credenciais", seen)

    def _quota(self) -> Row:
        limit = self._account.functions.get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
        reserved = int(self._environment.parameters.get("SincronizacaoConcorrencia", "0"))
        needed = reserved + UNRESERVED if reserved else AT_WORK
        seen = f"{limit} execuções simultâneas, são precisas {needed}"
        if limit >= needed:
            return Row(State.OK, "cota do Lambda", seen)
        where = f"https://{self._account.region}.console.aws.amazon.com/servicequotas/home/services/lambda/quotas"
        return Row(State.MISSING, "cota do Lambda", seen, f"peça 1.000 em Concurrent executions: {where}")

    def _bucket(self) -> Row:
        s3, name = self._account.s3, self._account.artifacts
        try:
            s3.head_bucket(Bucket=name)
            return Row(State.OK, "bucket do deploy", name)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _ABSENT:
                raise
        if self._dry:
            return Row(State.WOULD_BE_MADE, "bucket do deploy", name)
        if self._account.region == "us-east-1":  # there, and only there, S3 refuses the constraint
            s3.create_bucket(Bucket=name)
        else:
            s3.create_bucket(
                Bucket=name,
                CreateBucketConfiguration={"LocationConstraint": self._account.region},  # type: ignore[typeddict-item]
            )
        s3.put_public_access_block(
            Bucket=name,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
        )
        return Row(State.MADE, "bucket do deploy", name)

    def _there(self, name: str) -> bool:
        """Whether a secret exists and has a value."""
        try:
            return bool(self._account.secrets.get_secret_value(SecretId=name)["SecretString"])
        except ClientError as error:
            if error.response["Error"]["Code"] not in _ABSENT:
                raise
            return False

    def _store(self, name: str, value: str) -> None:
        try:
            self._account.secrets.create_secret(Name=name, SecretString=value)
        except self._account.secrets.exceptions.ResourceExistsException:  # there, but without a value
            self._account.secrets.put_secret_value(SecretId=name, SecretString=value)

    def _generated(self, what: str) -> Row:
        name = self._environment.secret(what)
        row = f"segredo {what}"
        if self._there(name):
            return Row(State.OK, row, name)
        if self._dry:
            return Row(State.WOULD_BE_MADE, row, name)
        self._store(name, secrets.token_urlsafe(32))
        return Row(State.MADE, row, f"{name}, sorteado; leia-o no console, em Secrets Manager")

    def _asked(self, what: str, fields: dict[str, str]) -> Row:
        name = self._environment.secret(what)
        row = f"segredo {what}"
        if self._there(name):
            return Row(State.OK, row, name)
        if self._dry:
            return Row(State.MISSING, row, f"{name} não existe", "sem --simular, este comando pergunta por ele")
        given = {key: self._ask(f"{prompt} ({name}): ").strip() for key, prompt in fields.items()}
        if not all(given.values()):
            return Row(State.MISSING, row, f"{name} não existe", "rode de novo e responda à pergunta")
        self._store(name, given[""] if "" in given else json.dumps(given))
        return Row(State.MADE, row, name)

    def _parameter(self) -> Row:
        environment = self._environment
        load_config(f"file:{environment.totvs_config}")
        publish = f"sicfar totvs publicar --config {environment.totvs_config} --parametro {environment.totvs_parameter}"
        try:
            self._account.ssm.get_parameter(Name=environment.totvs_parameter)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _ABSENT:
                raise
            return Row(State.MISSING, "parâmetro do TOTVS", f"{environment.totvs_parameter} não existe", publish)
        return Row(State.OK, "parâmetro do TOTVS", environment.totvs_parameter)

    def _totvs(self) -> Row:
        if not self._with_totvs:
            return Row(State.UNSEEN, "TOTVS", "a pedido (--sem-totvs); confira-o de onde ele é alcançado")
        config = load_config(f"file:{self._environment.totvs_config}")
        name = self._environment.secret("totvs")
        if not self._there(name):
            return Row(State.UNSEEN, "TOTVS", "sem usuário e senha")
        login = json.loads(self._account.secrets.get_secret_value(SecretId=name)["SecretString"])
        client = TotvsClient(config, login["username"], login["password"], record=lambda _attempt: None)
        try:
            finding = next(check(config, client))
        finally:
            client.close()
        whole = f"sicfar totvs verificar --config {self._environment.totvs_config}"
        if finding.verdict is Verdict.FAIL:
            return Row(State.MISSING, "TOTVS", finding.seen, finding.action or whole)
        return Row(State.OK, "TOTVS", f"{finding.seen}; o mais: {whole}")

    def _database(self, aws: bool) -> Iterator[Row]:
        environment = self._environment
        name = environment.secret("supabase")
        key = None
        if aws:
            try:
                key = self._account.secrets.get_secret_value(SecretId=name)["SecretString"]
            except (ClientError, BotoCoreError):
                key = None  # its own row says why
        if not key:
            yield self._looked("Supabase", self._supabase_answers)
            yield Row(State.UNSEEN, "migrações", "sem a chave do Supabase")
            return
        expected = {one.version for one in self._release.migrations}
        migrate = f"sicfar migrar --ambiente {environment.name}"
        try:
            applied = database.applied(environment.supabase_url, key)
        except database.NotMigratedError as error:
            yield Row(State.OK, "Supabase", f"{environment.supabase_url} respondeu à chave")
            yield Row(State.MISSING, "migrações", error.what, migrate)
            return
        except SicfarError as error:
            yield Row(State.MISSING, "Supabase", error.what, error.action)
            yield Row(State.UNSEEN, "migrações", "o Supabase não respondeu")
            return
        yield Row(State.OK, "Supabase", f"{environment.supabase_url} respondeu à chave")
        lacking = sorted(expected - applied) if applied is not None else []
        if applied is None:
            fix = "instale o banco com sicfar migrar, que a guarda"
            yield Row(State.MISSING, "migrações", "o banco não guarda a lista das migrações", fix)
        elif lacking:
            yield Row(State.MISSING, "migrações", f"faltam {len(lacking)}, a primeira é {lacking[0]}", migrate)
        elif beyond := applied - expected:
            seen = f"o banco tem {len(beyond)} que esta versão não conhece: ele é de uma mais nova"
            yield Row(State.MISSING, "migrações", seen, "use o pacote da versão do banco, ou de uma mais nova")
        else:
            yield Row(State.OK, "migrações", f"as {len(expected)} desta versão")

    def _supabase_answers(self) -> Row:
        """Whether anybody answers there, while there is no key to ask with."""
        url = self._environment.supabase_url
        try:
            httpx.get(f"{url}/rest/v1/", timeout=10)
        except httpx.HTTPError as error:
            return Row(
                State.MISSING, "Supabase", f"{url} não respondeu ({type(error).__name__})", "confira supabaseUrl"
            )
        return Row(State.UNSEEN, "Supabase", f"{url} responde; sem a chave não se sabe mais")

    def _alarms(self) -> Row:
        address = self._environment.parameters.get("AlarmesEmail")
        if address:
            return Row(State.OK, "e-mail dos alarmes", f"{address}; depois do deploy, confirme a inscrição do SNS")
        return Row(State.UNSEEN, "e-mail dos alarmes", "ninguém será avisado; parametros.AlarmesEmail no arquivo")

    def _sender(self) -> Row:
        sender = self._environment.parameters.get("ResumoRemetente")
        if not sender:
            return Row(State.UNSEEN, "remetente do resumo", "sem ResumoRemetente não há resumo diário")
        for identity in (sender, sender.partition("@")[2]):
            try:
                told = self._account.ses.get_email_identity(EmailIdentity=identity)
            except self._account.ses.exceptions.NotFoundException:
                continue
            if told.get("VerifiedForSendingStatus"):
                return Row(State.OK, "remetente do resumo", f"{identity} verificado no SES")
        where = f"https://{self._account.region}.console.aws.amazon.com/ses/home#/identities"
        return Row(State.MISSING, "remetente do resumo", f"{sender} não está verificado no SES", f"crie-o em {where}")
