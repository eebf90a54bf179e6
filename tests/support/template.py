"""The template as a program reads it, and what its references come to in an environment."""

import re
from pathlib import Path
from typing import Any

from samcli.yamlhelper import yaml_parse

TEMPLATE = yaml_parse(Path("template.yaml").read_text(encoding="utf-8"))
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
ACCOUNT = "000000000000"
REGION = "sa-east-1"

_GIVEN = {
    "Ambiente": "local",
    "SupabaseUrl": "http://127.0.0.1:1",
    "SupabaseSecretId": "sicfar/local/supabase",
    "TotvsConfigParametro": "/sicfar/local/totvs",
    "TotvsSecretId": "sicfar/local/totvs",
    "TotvsWebhookSecretId": "sicfar/local/totvs-webhook",
    "FechamentosSecretId": "sicfar/local/fechamentos",
    "AuditoriaSecretId": "sicfar/local/auditoria",
    "ResumoRemetente": "sicfar@fabrica.example",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}


def of_type(kind: str) -> dict[str, Any]:
    """Properties of the resources of a type, by logical id."""
    return {name: entry["Properties"] for name, entry in RESOURCES.items() if entry["Type"] == kind}


def resolved(value: Any) -> Any:
    """A value of the template with its references followed, in the environment `local` with all parameters given."""
    if isinstance(value, list):
        return [resolved(one) for one in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"Ref": name}:
            return _named(name)
        case {"Fn::Sub": text}:
            return re.sub(r"\$\{([A-Za-z0-9:.]+)\}", lambda found: str(_named(found[1])), text)
        case {"Fn::GetAtt": [name, attribute]} if len(value) == 1:
            return _named(f"{name}.{attribute}")
        case {"Fn::Join": [separator, parts]}:
            return separator.join(map(str, resolved(parts)))
        case _:
            return {key: resolved(one) for key, one in value.items()}


def method_settings(api: dict[str, Any]) -> list[dict[str, Any]]:
    """The settings of the API's methods with every part of the product deployed."""
    return [one["Fn::If"][1] if "Fn::If" in one else one for one in api["MethodSettings"]]


def _named(name: str) -> Any:
    if name in _GIVEN:
        return _GIVEN[name]
    if name in TEMPLATE["Parameters"]:
        return TEMPLATE["Parameters"][name]["Default"]
    logical_id, _, attribute = name.partition(".")
    properties = RESOURCES[logical_id]["Properties"]
    match RESOURCES[logical_id]["Type"], attribute:
        case "AWS::Serverless::Function", "":
            return resolved(properties["FunctionName"])
        case "AWS::SQS::Queue", "":
            return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{resolved(properties['QueueName'])}"
        case "AWS::SQS::Queue", "QueueName":
            return resolved(properties["QueueName"])
        case "AWS::Logs::LogGroup", "":
            return resolved(properties["LogGroupName"])
        case "AWS::S3::Bucket", "":
            return resolved(properties["BucketName"])
        case "AWS::SNS::Topic", "":
            return f"arn:aws:sns:{REGION}:{ACCOUNT}:{resolved(properties['TopicName'])}"
    raise KeyError(f"{name}: nothing is known of a {RESOURCES[logical_id]['Type']}")
