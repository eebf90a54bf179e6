"""`sicfar testar`: probes of a deployed stack that are safe in production: none adds, moves or removes a count.

What an emulator does not have or does not enforce is said as such, never as passed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from operations.deployment.aws import Account
from operations.deployment.deployed import Deployed
from operations.deployment.outcome import Outcome, Result, attempted, judged
from sicfar.counts.keys import BATCHES
from sicfar.totvs.inbox import LARGEST_BODY

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import FunctionConfigurationResponseTypeDef

_EVENTS = "/totvs/eventos"
_RECENT = timedelta(minutes=15)
_OF_ANOTHER_CONTENT = "1B2M2Y8AsgTpgAmY7PhCfg=="
"""MD5 of nothing. S3 judges permission first: who may write is told BadDigest, and nothing is written."""
_ORDER: dict[str, object] = {
    "tipo": "ordem",
    "id": "sicfar-testar",
    "dados": {"numero_op": "999999", "produto_codigo": "SICFAR-TESTAR", "quantidade": 1},
}


class Probes:
    """The probes of one environment."""

    def __init__(self, deployed: Deployed, gateway: Account | None = None, *, alarm: bool = False) -> None:
        """Look at nothing yet.

        Args:
            deployed: the environment's stack.
            gateway: acting with the gateway's own access key; without it the plant's rights are not probed.
            alarm: whether to set off an alarm.
        """
        self._deployed = deployed
        self._account = deployed.account
        self._name = deployed.name
        self._outputs = deployed.outputs
        self._made = deployed.made
        self._gateway = gateway
        self._alarm = alarm

    def results(self) -> Iterator[Result]:
        """Every probe; one that cannot be made has failed, and the others are made all the same."""
        probes: list[tuple[str, Callable[[], Result]]] = [
            ("GET /saude", self._alive),
            ("webhook sem assinatura", self._unsigned),
            ("webhook grande demais", self._too_large),
            ("webhook assinado, em ensaio", self._rehearsed),
            ("POST /fechamentos sem segredo", self._closing),
            ("proteção contra exclusão", self._protected),
            ("agendamentos ligados", self._schedules),
            ("filas ligadas às funções", self._sources),
            ("uma versão das camadas", self._layers),
            ("logs com prazo", self._logs),
            ("erros nos últimos 15 min", self._errors),
            ("filas de mortos vazias", self._dead_letters),
            ("devolução da fila de mortos", self._redrive),
            ("lote gravado não é substituído", self._overwritten),
            ("gateway fora da sua pasta", self._foreign),
            ("inscrição dos alarmes confirmada", self._subscribed),
        ]
        if self._alarm:
            probes.append(("alarme disparado", self._set_off))
        for what, probe in probes:
            yield attempted(what, probe)

    # ---------------------------------------------------------------- the door

    def _alive(self) -> Result:
        status = self._deployed.get("/saude").status_code
        return judged(status == 200, "GET /saude", f"HTTP {status}")

    def _unsigned(self) -> Result:
        status = self._deployed.post(_EVENTS, json.dumps(_ORDER).encode()).status_code
        return judged(status == 401, "webhook sem assinatura", f"HTTP {status}, espera-se 401")

    def _too_large(self) -> Result:
        status = self._deployed.post(_EVENTS, b" " * (LARGEST_BODY + 1)).status_code
        return judged(status == 413, "webhook grande demais", f"HTTP {status}, espera-se 413")

    def _rehearsed(self) -> Result:
        status = self._deployed.notify(f"{_EVENTS}?ensaio=1", _ORDER).status_code
        seen = f"HTTP {status}, espera-se 200; nada foi guardado"
        return judged(status == 200, "webhook assinado, em ensaio", seen)

    def _closing(self) -> Result:
        status = self._deployed.post("/fechamentos", b"").status_code
        return judged(status == 401, "POST /fechamentos sem segredo", f"HTTP {status}, espera-se 401")

    # ---------------------------------------------------------------- what the stack made

    def _protected(self) -> Result:
        on = self._deployed.protected
        return judged(on, "proteção contra exclusão", "ligada" if on else "desligada: rode sicfar implantar")

    def _schedules(self) -> Result:
        off = [
            name
            for name in self._made.get("AWS::Events::Rule", [])
            if self._account.events.describe_rule(Name=name)["State"] != "ENABLED"
        ]
        off += [
            name
            for name in self._made.get("AWS::Scheduler::Schedule", [])
            if self._account.scheduler.get_schedule(Name=name)["State"] != "ENABLED"
        ]
        count = sum(len(self._made.get(kind, [])) for kind in ("AWS::Events::Rule", "AWS::Scheduler::Schedule"))
        return judged(not off, "agendamentos ligados", f"desligados: {', '.join(off)}" if off else f"{count}")

    def _sources(self) -> Result:
        every = self._made.get("AWS::Lambda::EventSourceMapping", [])
        states = {uuid: self._account.functions.get_event_source_mapping(UUID=uuid)["State"] for uuid in every}
        off = [f"{uuid} {state}" for uuid, state in states.items() if state != "Enabled"]
        return judged(not off, "filas ligadas às funções", ", ".join(off) if off else f"{len(every)}")

    def _functions(self) -> dict[str, FunctionConfigurationResponseTypeDef]:
        names = self._made.get("AWS::Lambda::Function", [])
        return {name: self._account.functions.get_function_configuration(FunctionName=name) for name in names}

    def _layers(self) -> Result:
        ours = set(self._made.get("AWS::Lambda::LayerVersion", []))
        other = [
            name
            for name, told in self._functions().items()
            if {layer["Arn"] for layer in told.get("Layers", [])} - ours
        ]
        shown = ", ".join(sorted(":".join(arn.rsplit(":", 2)[1:]) for arn in ours))
        return judged(not other, "uma versão das camadas", f"outra em {', '.join(other)}" if other else shown)

    def _logs(self) -> Result:
        groups: dict[str, int | None] = {}
        for page in self._account.logs.get_paginator("describe_log_groups").paginate(
            logGroupNamePrefix=f"/aws/lambda/sicfar-{self._name}-"
        ):
            groups |= {one["logGroupName"]: one.get("retentionInDays") for one in page["logGroups"]}
        without = [name for name in self._made["AWS::Lambda::Function"] if not groups.get(f"/aws/lambda/{name}")]
        days = sorted({str(one) for one in groups.values() if one})
        seen = f"sem prazo: {', '.join(without)}" if without else f"{len(groups)} grupos, {', '.join(days)} dias"
        return judged(not without, "logs com prazo", seen)

    def _errors(self) -> Result:
        now = datetime.now(UTC)
        failed = []
        for name in self._made["AWS::Lambda::Function"]:
            points = self._account.cloudwatch.get_metric_statistics(
                Namespace="AWS/Lambda",
                MetricName="Errors",
                Dimensions=[{"Name": "FunctionName", "Value": name}],
                StartTime=now - _RECENT,
                EndTime=now,
                Period=900,
                Statistics=["Sum"],
            )["Datapoints"]
            if count := sum(point.get("Sum", 0) for point in points):
                failed.append(f"{name} {count:.0f}")
        seen = f"{', '.join(failed)}: veja o log delas" if failed else "nenhum"
        return judged(not failed, "erros nos últimos 15 min", seen)

    # ---------------------------------------------------------------- dead letters

    def _waiting(self) -> dict[str, int]:
        urls = [self._outputs[name] for name in ("TxtDlqUrl", "TotvsDlqUrl", "PostDlqUrl")]
        every = {url: self._account.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"]) for url in urls}
        return {url: int(told["Attributes"]["ApproximateNumberOfMessages"]) for url, told in every.items()}

    def _dead_letters(self) -> Result:
        full = {url.rsplit("/", 1)[-1]: count for url, count in self._waiting().items() if count}
        seen = ", ".join(f"{name} {count}" for name, count in full.items())
        fix = f"{seen}: sicfar dlq list --ambiente {self._name}" if full else "as três"
        return judged(not full, "filas de mortos vazias", fix)

    def _redrive(self) -> Result:
        what = "devolução da fila de mortos"
        url = next((url for url, count in self._waiting().items() if not count), None)
        if url is None:
            return Result(Outcome.NOT_SHOWN, what, "só se prova numa fila vazia, e nenhuma está")
        told = self._account.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        try:
            self._account.sqs.start_message_move_task(SourceArn=told["Attributes"]["QueueArn"])
        except ClientError as error:
            if error.response["Error"]["Code"] == "InvalidAction" and self._account.emulated:
                return Result(Outcome.NOT_SHOWN, what, "o emulador não a tem")
            raise
        return Result(Outcome.OK, what, "aceita, numa fila vazia")

    # ---------------------------------------------------------------- the plant's bucket

    def _overwritten(self) -> Result:
        """Writes an object's own bytes under its own key: were it taken, nothing would be counted twice."""
        what, bucket = "lote gravado não é substituído", self._outputs["BucketName"]
        found = self._account.s3.list_objects_v2(Bucket=bucket, Prefix=BATCHES, MaxKeys=1).get("Contents")
        if not found:
            return Result(Outcome.NOT_SHOWN, what, "nenhum gateway mandou nada ainda")
        key = found[0]["Key"]
        body = self._account.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        try:
            self._account.s3.put_object(Bucket=bucket, Key=key, Body=body, IfNoneMatch="*")
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            return judged(status == 412, what, f"HTTP {status}, espera-se 412")
        return Result(Outcome.FAILED, what, f"{key} foi aceito de novo; os bytes são os mesmos")

    def _foreign(self) -> Result:
        what = "gateway fora da sua pasta"
        if self._gateway is None:
            return Result(Outcome.NOT_SHOWN, what, "com a chave dele: --perfil-gateway")
        if self._account.emulated:
            return Result(Outcome.NOT_SHOWN, what, "o emulador não julga permissões")
        key = f"{BATCHES}sicfar-testar/recusado"
        try:
            self._gateway.s3.put_object(
                Bucket=self._outputs["BucketName"], Key=key, Body=b"x", IfNoneMatch="*", ContentMD5=_OF_ANOTHER_CONTENT
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            return judged(code == "AccessDenied", what, f"{code}, espera-se AccessDenied; nada foi gravado")
        return Result(Outcome.FAILED, what, f"{key} foi aceito")

    # ---------------------------------------------------------------- who is told

    def _subscribed(self) -> Result:
        what = "inscrição dos alarmes confirmada"
        told = self._account.sns.list_subscriptions_by_topic(TopicArn=self._outputs["AlarmesTopic"])
        if not told["Subscriptions"]:
            return Result(Outcome.FAILED, what, "ninguém é avisado: parametros.AlarmesEmail, e sicfar implantar")
        pending = [one["Endpoint"] for one in told["Subscriptions"] if not one["SubscriptionArn"].startswith("arn:")]
        seen = f"{', '.join(pending)} ainda não confirmou" if pending else f"{len(told['Subscriptions'])}"
        return judged(not pending, what, seen)

    def _set_off(self) -> Result:
        alarm = f"sicfar-{self._name}-txt-dlq"
        self._account.cloudwatch.set_alarm_state(
            AlarmName=alarm, StateValue="ALARM", StateReason="sicfar testar: é um teste"
        )
        return Result(
            Outcome.OK, "alarme disparado", f"{alarm}; o e-mail deve chegar em um minuto, e o de volta depois"
        )
