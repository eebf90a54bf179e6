"""The whole embedded stack, once it is up: where everything is, and who can use it."""

import json
import stat

from local.stack import erp, relay
from local.stack.stack import Stack
from local.stack.usuarios import as_person, create_operator


def test_the_whole_stack_names_its_addresses_and_a_person_logs_in(stack: Stack) -> None:
    described = stack.described()
    assert set(described) == {
        *("aws_endpoint_url", "aws_region", "bucket", "api_url", "painel_url", "database_url", "totvs_url", "queues"),
        "seals_bucket",
        *("supabase_url", "supabase_secret_key", "supabase_publishable_key"),
        *("totvs_username", "totvs_password", "webhook_secret", "closings_secret"),
    }
    # What a newcomer signs a webhook and wakes the closing with is what the deployed functions ask for.
    stored = stack.aws.secrets.get_secret_value(SecretId=erp.WEBHOOK_SECRET_ID)["SecretString"]
    assert json.loads(stored) == [described["webhook_secret"]]
    assert stack.wake_closing(str(described["closings_secret"])).status_code == 200
    assert described["bucket"] == "sicfar-contagens-local-000000000000"
    for name in ("stack.json", "sam-local-env.json", "pids.json"):
        assert stat.S_IMODE((stack.run.path / name).stat().st_mode) == 0o600
    environments = json.loads((stack.run.path / "sam-local-env.json").read_text())
    # A container finds the same servers under the machine's address on the engine's bridge.
    for variable, name in (("AWS_ENDPOINT_URL", "aws_endpoint_url"), ("SUPABASE_URL", "supabase_url")):
        on_the_bridge = str(described[name]).replace("127.0.0.1", relay.SEEN_FROM_CONTAINERS)
        assert environments["TxtParser"][variable] == on_the_bridge
    token = create_operator(stack, "supervisora@planta.test", "SUPERVISOR")
    as_person(stack.supabase, token).table("linhas").select("linha_id").limit(1).execute()
