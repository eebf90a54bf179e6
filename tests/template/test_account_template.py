"""What a real account makes of the template where no emulator shows it: the API's policy, limits, what stays."""

import json
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from samcli.yamlhelper import yaml_parse

from tests.support.iam import Request, Verdict, judge
from tests.support.template import method_settings

TEMPLATES = {
    name: yaml_parse(Path(f"{name}.yaml").read_text(encoding="utf-8")) for name in ("template", "gateway", "waf")
}
RESOURCES: dict[str, Any] = TEMPLATES["template"]["Resources"]
API = RESOURCES["TotvsApi"]["Properties"]
TOTVS = "203.0.113.9"
PREFIX = "arn:aws:execute-api:sa-east-1:1:api/prod"


def api_verdict(method_and_path: str, address: str, *, given: list[str]) -> Verdict:
    """What the API's resource policy answers to an unsigned request. `given`: parameter TotvsEnderecos."""
    condition, chosen, otherwise = API["Auth"]["ResourcePolicy"]["CustomStatements"][1]["Condition"]["NotIpAddress"][
        "aws:SourceIp"
    ]["Fn::If"]
    assert (condition, chosen) == ("ComEnderecos", {"Ref": "TotvsEnderecos"})
    text = json.dumps({"Statement": API["Auth"]["ResourcePolicy"]["CustomStatements"]})
    document = json.loads(text.replace('"execute-api:/', '"arn:aws:execute-api:sa-east-1:1:api/'))
    document["Statement"][1]["Condition"]["NotIpAddress"]["aws:SourceIp"] = given or otherwise
    request = Request("anonymous", "execute-api:Invoke", f"{PREFIX}/{method_and_path}", {"aws:SourceIp": address})
    return judge(request, resource=[document])


@pytest.mark.parametrize("address", [TOTVS, "198.51.100.1", "2001:db8::1"])
def test_p9_without_addresses_given_anybody_may_knock(address):
    for path in ("POST/totvs/eventos", "POST/fechamentos", "GET/saude"):
        assert api_verdict(path, address, given=[]) is Verdict.ALLOWED


def test_p9_with_addresses_given_only_they_send_events():
    given = ["203.0.113.0/24"]
    assert api_verdict("POST/totvs/eventos", TOTVS, given=given) is Verdict.ALLOWED
    for stranger in ("198.51.100.1", "2001:db8::1"):
        assert api_verdict("POST/totvs/eventos", stranger, given=given) is Verdict.DENIED
        # Screens wake the closing, and a monitor asks for the health, from elsewhere.
        assert api_verdict("POST/fechamentos", stranger, given=given) is Verdict.ALLOWED
        assert api_verdict("GET/saude", stranger, given=given) is Verdict.ALLOWED


def test_p9_every_way_in_has_requests_of_its_own():
    limits = {
        (one["ResourcePath"].replace("~1", "/").replace("//", "/"), one["HttpMethod"]): one["ThrottlingRateLimit"]
        for one in method_settings(API)
    }
    ways = {
        (event["Properties"]["Path"], event["Properties"]["Method"])
        for function in RESOURCES.values()
        for event in function["Properties"].get("Events", {}).values()
        if event["Type"] == "Api"
    }
    assert ways <= limits.keys()
    assert limits["/totvs/eventos", "POST"] == {"Ref": "WebhookPorSegundo"}
    assert limits["/painel/{tela}", "POST"] == {"Ref": "PainelAtosPorSegundo"}
    # All that are open to strangers take less than Lambda's smallest account can serve.
    assert sum(limit for limit in limits.values() if isinstance(limit, int)) < 10


def test_p9_the_firewall_is_one_that_the_api_of_aws_takes():
    """By botocore's model of CreateWebACL: the emulator's CloudFormation knows no association, and judges no rule."""
    limits = {"Ref": "PorCincoMinutos"}, {"Ref": "FormulariosPorCincoMinutos"}
    firewall = json.loads(json.dumps(TEMPLATES["waf"]["Resources"]["Firewall"]["Properties"]))
    for rule, limit in zip(firewall["Rules"], limits, strict=False):
        counted = rule["Statement"]["RateBasedStatement"]
        assert counted["Limit"] == limit
        counted["Limit"] = TEMPLATES["waf"]["Parameters"][limit["Ref"]]["Default"]
    firewall["Name"] = firewall["VisibilityConfig"]["MetricName"] = "sicfar-prod-totvs"
    model = botocore.session.get_session().get_service_model("wafv2")
    taken = ParamValidator().validate(firewall, model.operation_model("CreateWebACL").input_shape)
    assert not taken.has_errors(), taken.generate_report()
    firewall["Rules"][0]["Statement"]["RateBasedStatement"]["Windows"] = 300
    refused = ParamValidator().validate(firewall, model.operation_model("CreateWebACL").input_shape)
    assert "Windows" in refused.generate_report()


def test_a_new_account_takes_the_template():
    for name, entry in RESOURCES.items():
        reserved = entry["Properties"].get("ReservedConcurrentExecutions")
        assert reserved is None or reserved["Fn::If"][2] == {"Ref": "AWS::NoValue"}, name
    assert TEMPLATES["template"]["Parameters"]["SincronizacaoConcorrencia"]["Default"] == 0


@pytest.mark.parametrize(
    "name", [name for name, entry in RESOURCES.items() if entry["Type"] in ("AWS::S3::Bucket", "AWS::SQS::Queue")]
)
def test_p1_what_holds_records_outlives_its_stack(name):
    entry = RESOURCES[name]
    assert (entry["DeletionPolicy"], entry["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_p1_without_its_policy_a_resource_can_be_deleted():
    """A rolled back deploy deletes in the reverse order: the policy goes first because it names what it protects."""
    for name, entry in RESOURCES.items():
        if entry["Type"] == "AWS::S3::BucketPolicy":
            assert entry["Properties"]["Bucket"] == {"Ref": name.removesuffix("Policy")}
        if entry["Type"] == "AWS::SQS::QueuePolicy":
            assert entry["Properties"]["Queues"] == [{"Ref": name.removesuffix("Policy")}]
        assert "DeletionPolicy" not in entry or not entry["Type"].endswith("Policy")


@pytest.mark.parametrize("queue", [name for name, entry in RESOURCES.items() if entry["Type"] == "AWS::SQS::Queue"])
def test_p9_every_queue_is_reached_by_tls_only(queue):
    statements = RESOURCES[f"{queue}Policy"]["Properties"]["PolicyDocument"]["Statement"]
    (tls,) = [one for one in statements if one.get("Sid") == "TlsOnly"]
    assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert tls["Resource"] == {"Fn::GetAtt": [queue, "Arn"]}


def test_no_class_of_storage_that_costs_more_than_standard_for_a_batch():
    for rule in RESOURCES["PlantBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]:
        assert "Transitions" not in rule


def test_p9_a_further_gateway_is_what_the_first_is():
    ours, further = (TEMPLATES[name]["Resources"]["GatewayUser"] for name in ("template", "gateway"))
    bucket = RESOURCES["PlantBucket"]["Properties"]["BucketName"]["Fn::Sub"]
    text = json.dumps(ours).replace("${PlantBucket.Arn}", f"arn:${{AWS::Partition}}:s3:::{bucket}")
    text = text.replace(
        '{"Fn::GetAtt": ["PlantBucket", "Arn"]}', f'{{"Fn::Sub": "arn:${{AWS::Partition}}:s3:::{bucket}"}}'
    )
    assert json.loads(text) == further
    for name in ("Ambiente", "GatewayId"):
        pattern = TEMPLATES["template"]["Parameters"][name].get("AllowedPattern")
        assert TEMPLATES["gateway"]["Parameters"][name].get("AllowedPattern") == pattern


def test_p9_the_firewall_counts_by_address_and_not_by_body_size():
    rules = TEMPLATES["waf"]["Resources"]["Firewall"]["Properties"]["Rules"]
    flood, forms, *managed = sorted(rules, key=lambda rule: rule["Priority"])
    for rule in (flood, forms):
        assert rule["Statement"]["RateBasedStatement"]["AggregateKeyType"] == "IP"
        assert rule["Action"] == {"Block": {}}
    # A plant's panels have one address: what they fetch is no flood, what they send is counted by itself.
    outside = flood["Statement"]["RateBasedStatement"]["ScopeDownStatement"]["NotStatement"]["Statement"]
    screen, method = forms["Statement"]["RateBasedStatement"]["ScopeDownStatement"]["AndStatement"]["Statements"]
    assert outside == screen
    assert (screen["ByteMatchStatement"]["SearchString"], method["ByteMatchStatement"]["SearchString"]) == (
        "/painel",
        "POST",
    )
    names = {rule["Statement"]["ManagedRuleGroupStatement"]["Name"] for rule in managed}
    assert names == {"AWSManagedRulesAmazonIpReputationList", "AWSManagedRulesKnownBadInputsRuleSet"}
    (parameter,) = TEMPLATES["waf"]["Parameters"].keys() - {"Ambiente", "PorCincoMinutos", "FormulariosPorCincoMinutos"}
    assert parameter in TEMPLATES["template"]["Outputs"]
