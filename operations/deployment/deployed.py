"""A deployed stack as whoever probes it sees it: what it made, what it was given, and its door."""

from __future__ import annotations

import json
import time

import httpx

from operations.deployment.aws import Account
from operations.deployment.delivery import described
from sicfar.settings import SettingError
from sicfar.totvs.intake import IntakeFile, read_file
from sicfar.webhooks.auth import WebhookAuth
from sicfar.webhooks.signature import SIGNATURE, TIMESTAMP, sign

_TIMEOUT = 30.0


class Deployed:
    """The stack of one environment. ``outputs`` by their keys, ``made`` the physical names by kind of resource."""

    def __init__(self, account: Account, name: str, url: str = "") -> None:
        """Take the stack as it stands.

        Args:
            account: of whoever runs this; reads what the stack made.
            name: of the environment.
            url: where its API answers, if not where the stack says.

        Raises SettingError if there is no such stack.
        """
        stack = described(account, f"sicfar-{name}")
        if stack is None:
            raise SettingError(
                "stack_missing",
                "não há esta pilha",
                where=f"sicfar-{name}, {account.region}",
                action=f"confira conta e região, ou rode sicfar implantar --ambiente {name}",
            )
        self.account = account
        self.name = name
        self.protected = bool(stack.get("EnableTerminationProtection"))
        self.outputs = {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}
        self._given = {one["ParameterKey"]: one.get("ParameterValue", "") for one in stack.get("Parameters", [])}
        self._url = url or self.outputs["ApiUrl"]
        pages = account.cloudformation.get_paginator("list_stack_resources").paginate(StackName=f"sicfar-{name}")
        self.made: dict[str, list[str]] = {}
        for page in pages:
            for one in page["StackResourceSummaries"]:
                self.made.setdefault(one["ResourceType"], []).append(one.get("PhysicalResourceId", ""))

    def parameter(self, name: str) -> str:
        """What the template was given."""
        return self._given[name]

    def secret(self, parameter: str) -> str:
        """The secret a parameter of the template names; of two, while one is being changed, the first."""
        text = self.account.secrets.get_secret_value(SecretId=self.parameter(parameter))["SecretString"].strip()
        return str(json.loads(text)[0]) if text.startswith("[") else text

    def get(self, path: str) -> httpx.Response:
        """Ask the API. Raises httpx.HTTPError."""
        return httpx.get(f"{self._url}{path}", timeout=_TIMEOUT)

    def post(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> httpx.Response:
        """Send the API something. Raises httpx.HTTPError."""
        given = {"Content-Type": "application/json", **(headers or {})}
        return httpx.post(f"{self._url}{path}", content=body, headers=given, timeout=_TIMEOUT)

    def notify(self, path: str, *events: dict[str, object]) -> httpx.Response:
        """Send the webhook events as TOTVS does, identified as the published configuration says.

        Raises httpx.HTTPError, and SettingError for a configuration that cannot be read.
        """
        body = json.dumps(events).encode()
        return self.post(path, body, _identified(self._webhook_auth(), self.secret("TotvsWebhookSecretId"), body))

    def _webhook_auth(self) -> WebhookAuth:
        name = self.parameter("TotvsConfigParametro")
        text = self.account.ssm.get_parameter(Name=name)["Parameter"]["Value"]
        return read_file(IntakeFile, text, name).totvs.webhook.auth


def _identified(auth: WebhookAuth, secret: str, body: bytes) -> dict[str, str]:
    if auth.type == "bearer":
        return {"Authorization": f"Bearer {secret}"}
    if auth.type == "header":
        return {auth.header: secret}
    now = str(int(time.time()))
    return {TIMESTAMP: now, SIGNATURE: sign(secret, now, body)}
