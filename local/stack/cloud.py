"""`sam build` and `sam deploy` of a template onto the emulated AWS, exactly as onto a real account."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.processes import StackError
from local.stack.emulator import REGION, Emulator
from local.stack.run_folder import RunFolder

ROOT = Path(__file__).parents[2]
ARTIFACTS = "sicfar-artefatos"


@dataclass(frozen=True)
class Deployment:
    """What CloudFormation made of a template."""

    outputs: dict[str, str]
    functions: dict[str, str]
    """Logical id of each function → its name."""
    environments: dict[str, dict[str, str]]
    """Logical id of each function → its environment variables as deployed."""
    queues: dict[str, str]
    """Name of each queue → its URL."""
    api_url: str | None
    """Where the template's REST API answers, without a slash at the end; None if it has none."""


def build(run: RunFolder, template: Path, build_dir: Path | None = None) -> Path:
    """Build the template's functions and layers and return the built template.

    Args:
        run: the folder of this run.
        template: its folder may hold a samconfig.toml, whose environment ``local`` is then used.
        build_dir: where the build goes, with its cache beside it; into the run folder if None.

    Raises:
        StackError: the build failed; the message holds the end of sam's output.
    """
    built = build_dir or run.folder("build") / "product"
    command = [_sam(), "build", "--template-file", str(template), "--build-dir", str(built)]
    command += ["--cached", "--cache-dir", str(built.parent / "cache"), "--parallel", *_configured(template)]
    # Not started beside the template: sam leaves an .aws-sam where it is started.
    run.run("sam-build", command, cwd=run.folder("sam"), env=_environment(run))
    return built / "template.yaml"


def deploy(
    run: RunFolder, aws: Emulator, template: Path, parameters: Mapping[str, str], *, stack_name: str, built: Path
) -> Deployment:
    """Deploy a built template and return what came out.

    Args:
        run: the folder of this run.
        aws: where to.
        template: the one that was built; its folder may hold a samconfig.toml.
        parameters: of the template.
        stack_name: of CloudFormation.
        built: what :func:`build` returned.

    Raises:
        StackError: the deployment failed; the message holds the end of sam's output.
    """
    if ARTIFACTS not in {bucket["Name"] for bucket in aws.s3.list_buckets()["Buckets"]}:
        aws.s3.create_bucket(Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": REGION})
    command = [_sam(), "deploy", "--template-file", str(built), "--stack-name", stack_name, "--s3-bucket", ARTIFACTS]
    command += ["--capabilities", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND", *_configured(template)]
    command += ["--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar"]
    if parameters:
        command += ["--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items())]
    run.run("sam-deploy", command, cwd=run.folder("sam"), env={**_environment(run), **aws.environment()})
    repair_concurrency(aws)
    return _result(aws, stack_name)


def repair_concurrency(aws: Emulator) -> None:
    """Write the event sources' concurrency back as a number.

    MiniStack 1.5.33 keeps what a parameter of type Number gave as text, and its SQS poller then fails on every round
    ("'>=' not supported between instances of 'int' and 'str'"). CloudFormation on AWS hands over the number.
    """
    for mapping in aws.functions.list_event_source_mappings()["EventSourceMappings"]:
        if limit := mapping.get("ScalingConfig", {}).get("MaximumConcurrency"):
            aws.functions.update_event_source_mapping(
                UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": int(limit)}
            )


def _sam() -> str:
    sam = Path(sys.executable).parent / "sam"
    if not sam.is_file():
        raise StackError("the SAM CLI is not installed", where=str(sam), action="run `make setup`")
    return str(sam)


def _configured(template: Path) -> list[str]:
    config = template.parent / "samconfig.toml"
    return ["--config-file", str(config), "--config-env", "local"] if config.is_file() else []


def _environment(run: RunFolder) -> dict[str, str]:
    """Return sam's environment: ours, but for AWS's settings, so that no real account is ever touched."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("AWS_") or name == "AWS_CA_BUNDLE"}
    # The build needs `python3.13` with pip on the path, which a virtual environment made by uv has not, and uv, which
    # `make setup` puts beside the checkout where the machine has none.
    ours_last = (Path(sys.executable).parent, ROOT / ".tools" / "bin")
    path = os.pathsep.join(map(str, (Path(sys.base_prefix) / "bin", ours.get("PATH", ""), *ours_last)))
    scratch = str(run.folder("sam"))
    quiet = {"SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.2", "__SAM_CLI_APP_DIR": scratch, "TMPDIR": scratch}
    return {
        **ours,
        **quiet,
        "PATH": path,
        "NO_PROXY": f"{ours.get('NO_PROXY', '')},127.0.0.1",
    }


def _result(aws: Emulator, stack_name: str) -> Deployment:
    described = aws.cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
    resources = aws.cloudformation.describe_stack_resources(StackName=stack_name)["StackResources"]

    def made(kind: str) -> dict[str, str]:
        wanted = f"AWS::{kind}"
        return {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for resource in resources
            if resource["ResourceType"] == wanted
        }

    functions = made("Lambda::Function")
    configurations = {
        logical: aws.functions.get_function_configuration(FunctionName=name) for logical, name in functions.items()
    }
    stages = [
        # On AWS it is https://<api>.execute-api.<region>.amazonaws.com/<stage>, a name that only DNS could lead here.
        f"{aws.endpoint_url}/restapis/{api}/{stage['stageName']}/_user_request_"
        for api in made("ApiGateway::RestApi").values()
        for stage in aws.apigateway.get_stages(restApiId=api)["item"]
    ]
    return Deployment(
        outputs={output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])},
        functions=functions,
        environments={
            logical: configuration.get("Environment", {}).get("Variables", {})
            for logical, configuration in configurations.items()
        },
        queues={url.rsplit("/", 1)[-1]: url for url in made("SQS::Queue").values()},
        api_url=stages[0] if stages else None,
    )
