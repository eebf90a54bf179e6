"""The template's promises that no emulator enforces: permissions, encryption, retention, clocks."""

from pathlib import Path
from typing import Any

import pytest
from samcli.yamlhelper import yaml_parse

from sicfar.aws.queues import HIDDEN
from sicfar.counts.keys import BATCHES, LOOSE
from sicfar.digest.run import LEASE_S
from tests.support.template import method_settings

TEMPLATE = yaml_parse(Path("template.yaml").read_text(encoding="utf-8"))
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
FIVE_YEARS = 5 * 366


def of_type(kind: str) -> dict[str, Any]:
    return {name: entry["Properties"] for name, entry in RESOURCES.items() if entry["Type"] == kind}


def default(parameter: dict[str, str]) -> Any:
    return TEMPLATE["Parameters"][parameter["Ref"]]["Default"]


FUNCTIONS = of_type("AWS::Serverless::Function")
QUEUES = of_type("AWS::SQS::Queue")
BUCKET = RESOURCES["PlantBucket"]["Properties"]


def statements(properties: dict[str, Any]) -> list[dict[str, Any]]:
    return [statement for policy in properties["Policies"] for statement in policy["PolicyDocument"]["Statement"]]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_p9_every_function_has_a_role_of_its_own(name):
    roles = [function["Role"]["Fn::GetAtt"] for function in FUNCTIONS.values()]
    assert roles.count(FUNCTIONS[name]["Role"]["Fn::GetAtt"]) == 1


FUNCTION_ROLES = sorted(of_type("AWS::IAM::Role").keys() - {"ApiLogsRole"})
"""API Gateway's role for its logs has AWS's own policy."""


@pytest.mark.parametrize("role", FUNCTION_ROLES)
def test_p9_no_role_has_a_wildcard_action_or_resource(role):
    for statement in statements(RESOURCES[role]["Properties"]):
        assert all("*" not in action for action in as_list(statement["Action"]))
        assert all(resource != "*" for resource in as_list(statement["Resource"]))


def test_p9_a_gateway_may_only_write_under_its_own_prefix_and_list_it():
    put, listing = statements(RESOURCES["GatewayUser"]["Properties"])
    assert put == {
        "Effect": "Allow",
        "Action": "s3:PutObject",
        "Resource": {"Fn::Sub": "${PlantBucket.Arn}/contagens/${GatewayId}/*"},
    }
    assert listing["Action"] == "s3:ListBucket"
    assert listing["Condition"] == {"StringLike": {"s3:prefix": {"Fn::Sub": "contagens/${GatewayId}/*"}}}


def test_the_parser_hears_of_what_the_layout_of_the_bucket_names():
    announced = BUCKET["NotificationConfiguration"]["QueueConfigurations"]
    assert {rule["Value"] for one in announced for rule in one["Filter"]["S3Key"]["Rules"]} == {BATCHES, LOOSE}


def test_p1_a_batch_once_written_cannot_be_replaced():
    by_sid = {s["Sid"]: s for s in RESOURCES["PlantBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]}
    once = by_sid["BatchesAreWrittenOnce"]
    assert once["Effect"] == "Deny"
    assert once["Condition"] == {"Null": {"s3:if-none-match": "true"}}
    assert once["Resource"] == {"Fn::Sub": "${PlantBucket.Arn}/contagens/*"}
    assert BUCKET["VersioningConfiguration"] == {"Status": "Enabled"}


def test_p9_the_bucket_is_private_encrypted_and_reached_by_tls_only():
    assert set(BUCKET["PublicAccessBlockConfiguration"].values()) == {True}
    assert BUCKET["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    statements = RESOURCES["PlantBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert len([s for s in statements if s["Effect"] == "Deny" and s.get("Condition") == insecure]) == 1


def test_no_rule_expires_a_plant_file_or_old_version_within_five_years():
    for rule in BUCKET["LifecycleConfiguration"]["Rules"]:
        for expiry in ("ExpirationInDays", "NoncurrentVersionExpirationInDays"):
            assert rule.get(expiry, FIVE_YEARS) >= FIVE_YEARS
        assert "ExpirationDate" not in rule
        for expiry, days in (("Expiration", "Days"), ("NoncurrentVersionExpiration", "NoncurrentDays")):
            assert rule.get(expiry, {}).get(days, FIVE_YEARS) >= FIVE_YEARS


def test_p6_every_working_queue_has_a_dead_letter_queue_knowing_it():
    for name, queue in QUEUES.items():
        if name.endswith("Dlq"):
            source = queue["QueueName"]["Fn::Sub"].removesuffix("-dlq")
            allow = queue["RedriveAllowPolicy"]
            assert allow["redrivePermission"] == "byQueue"
            assert [arn["Fn::Sub"].rsplit(":", 1)[1] for arn in allow["sourceQueueArns"]] == [source]
            continue
        redrive = queue["RedrivePolicy"]
        assert redrive["deadLetterTargetArn"]["Fn::GetAtt"] == [name.removesuffix("Queue") + "Dlq", "Arn"]
        assert redrive["maxReceiveCount"] == len(HIDDEN) == 5
        assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_queue_hides_a_message_six_times_as_long_as_its_function_may_run(name):
    for event in FUNCTIONS[name].get("Events", {}).values():
        if event["Type"] == "SQS":
            queue = QUEUES[event["Properties"]["Queue"]["Fn::GetAtt"][0]]
            assert default(queue["VisibilityTimeout"]) >= 6 * default(FUNCTIONS[name]["Timeout"])
            assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
            assert event["Properties"]["BatchSize"] <= 10
            assert "MaximumConcurrency" in event["Properties"]["ScalingConfig"]


def queues_of(function: str) -> tuple[set[str], set[str]]:
    """The queues that feed a function, and those it may send to."""
    events = FUNCTIONS[function].get("Events", {}).values()
    feeding = {event["Properties"]["Queue"]["Fn::GetAtt"][0] for event in events if event["Type"] == "SQS"}
    role = RESOURCES[FUNCTIONS[function]["Role"]["Fn::GetAtt"][0]]["Properties"]
    arns = [
        resource
        for statement in statements(role)
        if {"sqs:SendMessage", "sqs:*"} & set(as_list(statement["Action"]))
        for resource in as_list(statement["Resource"])
    ]
    assert all(set(arn) == {"Fn::GetAtt"} for arn in arns), "write a queue's ARN as !GetAtt: this test reads it"
    return feeding, {arn["Fn::GetAtt"][0] for arn in arns}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_p6_lambda_stops_no_function_that_feeds_its_own_queue(name):
    feeding, sent_to = queues_of(name)
    assert FUNCTIONS[name].get("RecursiveLoop") == ("Allow" if feeding & sent_to else None)


def test_p6_three_functions_feed_their_own_queue():
    assert {name for name in FUNCTIONS if set.intersection(*queues_of(name))} == {
        "TxtParser",
        "TotvsApply",
        "TotvsPost",
    }


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_keeps_its_logs_for_a_stated_time(name):
    groups = [group["LogGroupName"] for group in of_type("AWS::Logs::LogGroup").values() if "RetentionInDays" in group]
    assert {"Fn::Sub": "/aws/lambda/" + FUNCTIONS[name]["FunctionName"]["Fn::Sub"]} in groups


def test_p9_no_secret_stands_in_the_template():
    text = Path("template.yaml").read_text(encoding="utf-8") + Path("samconfig.toml").read_text(encoding="utf-8")
    assert "sb_secret_" not in text.replace("(sb_secret_...)", "")
    assert "AccessKey" not in text


def secrets_of(function: str) -> set[str]:
    role = FUNCTIONS[function]["Role"]["Fn::GetAtt"][0]
    arns = [
        arn["Fn::Sub"]
        for statement in statements(RESOURCES[role]["Properties"])
        if statement["Action"] == "secretsmanager:GetSecretValue"
        for arn in as_list(statement["Resource"])
    ]
    assert all(arn.endswith("}-??????") for arn in arns)  # name-* would be name-webhook-XXXXXX too
    return {arn.rsplit("${", 1)[1].removesuffix("}-??????") for arn in arns}


def test_p9_each_function_reads_only_the_secrets_it_needs():
    assert {name: secrets_of(name) for name in FUNCTIONS} == {
        "TxtParser": {"SupabaseSecretId"},
        "TotvsWebhook": {"TotvsWebhookSecretId"},
        "TotvsApply": {"SupabaseSecretId"},
        "TotvsSync": {"SupabaseSecretId", "TotvsSecretId"},
        "LotClosure": {"SupabaseSecretId", "FechamentosSecretId"},
        "TotvsPost": {"SupabaseSecretId", "TotvsSecretId"},
        "DailyDigest": {"SupabaseSecretId"},
        "DlqRedrive": {"SupabaseSecretId"},
        "Auditoria": {"AuditoriaSecretId"},
        "Painel": set(),  # it acts with the rights of whoever is signed in
    }


def test_p9_the_webhook_hears_raw_bytes_and_is_throttled():
    api = RESOURCES["TotvsApi"]["Properties"]
    assert api["BinaryMediaTypes"] == ["*/*"]
    for settings in method_settings(api):
        assert {"ThrottlingRateLimit", "ThrottlingBurstLimit"} <= set(settings)
    routes = {(event["Properties"]["Method"], event["Properties"]["Path"]) for event in events_of("Api")}
    assert {route for route in routes if not route[1].startswith("/painel")} == {
        *(("POST", "/totvs/eventos"), ("GET", "/saude"), ("POST", "/fechamentos")),
    }


def events_of(kind: str) -> list[dict[str, Any]]:
    every = [event for function in FUNCTIONS.values() for event in function.get("Events", {}).values()]
    return [event for event in every if event["Type"] == kind]


def test_only_what_talks_to_totvs_enters_the_vpc_and_only_with_subnets():
    inside = {name for name, function in FUNCTIONS.items() if "VpcConfig" in function}
    assert inside == {"TotvsSync", "TotvsPost"}
    for name in inside:
        condition, there, elsewhere = FUNCTIONS[name]["VpcConfig"]["Fn::If"]
        assert condition == "NaVpc"
        assert there == {"SubnetIds": {"Ref": "TotvsSubnets"}, "SecurityGroupIds": {"Ref": "TotvsSecurityGroups"}}
        assert elsewhere == {"Ref": "AWS::NoValue"}
    assert TEMPLATE["Parameters"]["TotvsSubnets"]["Default"] == ""


# Alarms ---------------------------------------------------------------------------------------------------------------

ALARMS = of_type("AWS::CloudWatch::Alarm")


def alarm_on(metric: str, **dimension: Any) -> list[dict[str, Any]]:
    """Alarms on a metric of what a dimension names."""
    wanted = [{"Name": name, "Value": value} for name, value in dimension.items()]
    watching = [(alarm.get("MetricName"), alarm.get("Dimensions"), alarm) for alarm in ALARMS.values()]
    return [alarm for name, dimensions, alarm in watching if (name, dimensions) == (metric, wanted)]


@pytest.mark.parametrize("queue", QUEUES)
def test_every_queue_has_its_alarm_by_letters_or_by_age(queue):
    metric = "ApproximateNumberOfMessagesVisible" if queue.endswith("Dlq") else "ApproximateAgeOfOldestMessage"
    (alarm,) = alarm_on(metric, QueueName={"Fn::GetAtt": [queue, "QueueName"]})
    assert alarm["Threshold"] == (0 if queue.endswith("Dlq") else 900)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_has_an_alarm_for_its_errors(function):
    (alarm,) = alarm_on("Errors", FunctionName={"Ref": function})
    assert (alarm["Threshold"], alarm["TreatMissingData"]) == (0, "notBreaching")


def test_nobody_watching_is_itself_an_alarm():
    (alarm,) = alarm_on("Invocations", FunctionName={"Ref": "LotClosure"})
    assert (alarm["ComparisonOperator"], alarm["TreatMissingData"]) == ("LessThanThreshold", "breaching")


def test_p10_the_digest_comes_in_the_plants_morning_and_only_with_a_sender():
    (event,) = events_of("ScheduleV2")
    assert event["Properties"]["ScheduleExpressionTimezone"] == "America/Fortaleza"
    minute, hours, *_ = default(event["Properties"]["ScheduleExpression"]).removeprefix("cron(").split()
    assert (minute, hours) == ("30", "6-9")
    of_digest = {name for name, entry in {**RESOURCES, **TEMPLATE["Outputs"]}.items() if name.startswith("DailyDigest")}
    assert len(of_digest) == 6
    assert {name for name, entry in RESOURCES.items() if entry.get("Condition") == "ComResumo"} == of_digest - {
        "DailyDigestName"
    }
    assert TEMPLATE["Outputs"]["DailyDigestName"]["Condition"] == "ComResumo"
    assert TEMPLATE["Parameters"]["ResumoRemetente"]["Default"] == ""


def test_p9_the_digest_may_send_as_its_sender_only():
    send, *_ = statements(RESOURCES["DailyDigestRole"]["Properties"])
    assert send["Action"] == "ses:SendEmail"
    assert send["Condition"] == {"StringEquals": {"ses:FromAddress": {"Ref": "ResumoRemetente"}}}


def test_p6_a_digest_lease_outlives_its_sender_and_silence_alarms():
    assert FUNCTIONS["DailyDigest"]["Timeout"] < LEASE_S
    (alarm,) = alarm_on("Invocations", FunctionName={"Ref": "DailyDigest"})
    assert (alarm["Period"], alarm["ComparisonOperator"], alarm["TreatMissingData"]) == (
        86_400, "LessThanThreshold", "breaching"
    )  # fmt: skip


def test_p5_a_lease_outlives_its_sender():
    timeout = default(FUNCTIONS["TotvsPost"]["Timeout"])
    assert default({"Ref": "EnvioLeaseSegundos"}) > timeout
    assert default({"Ref": "PostVisibilidadeSegundos"}) >= 6 * timeout
