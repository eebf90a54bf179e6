"""The environment's file and the template's parameters: each fault is said, with what was probably meant."""

import json
from pathlib import Path

import jsonschema
import pytest

from local import contracts
from local.bundle import ROOT, BundleError
from local.release import lay
from operations.deployment.environment import load
from operations.deployment.release import DESCRIPTION, Release
from sicfar.settings import SettingError

URL = "https://abc.supabase.co"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Of the sources as they are, not built: what is deployed is not looked at here."""
    return Release(lay(ROOT, tmp_path_factory.mktemp("versao"), "teste"))


def written(folder: Path, **said: object) -> Path:
    path = folder / "homolog.json"
    path.write_text(json.dumps({"ambiente": "homolog", "supabaseUrl": URL, **said}), encoding="utf-8")
    return path


def test_the_shipped_example_needs_only_the_projects_url():
    environment = load("homolog", ROOT / "config" / "ambientes" / "exemplo.json", {"supabaseUrl": URL}, {})
    assert environment.own_parameters["SupabaseSecretId"] == "sicfar/homolog/supabase"
    assert environment.parameters["AlarmesEmail"] == "ti@fabrica.example"


def test_the_schema_of_the_file_is_what_the_model_makes_of_it():
    text = contracts.ENVIRONMENT_SCHEMA.read_text(encoding="utf-8")
    assert text == contracts.environment_schema(), "run `python -m local.contracts`"
    example = json.loads((ROOT / "config" / "ambientes" / "exemplo.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(json.loads(text)).validate({**example, "supabaseUrl": URL})


def test_the_command_line_goes_before_the_file(tmp_path: Path):
    path = written(tmp_path, parametros={"NivelLog": "DEBUG", "LacunaSegundos": 60})
    environment = load("homolog", path, {"supabaseUrl": "https://b.supabase.co/"}, {"NivelLog": "INFO"})
    assert environment.supabase_url == "https://b.supabase.co"
    assert environment.parameters == {"NivelLog": "INFO", "LacunaSegundos": "60"}


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"supabaseURL": URL}, "supabaseURL: chave desconhecida; seria `supabaseUrl`?"),
        ({"supabaseUrl": "abc.supabase.co"}, "supabaseUrl"),
        ({"supabaseUrl": f"{URL}/rest/v1"}, "supabaseUrl"),
        ({"regiao": "São Paulo"}, "regiao"),
        ({"ambiente": "prod"}, "o arquivo é do ambiente 'prod'"),
        ({"parametros": {"NivelLog": True}}, "NivelLog"),
    ],
)
def test_a_fault_of_the_file_is_named(tmp_path: Path, said: dict[str, object], told: str):
    with pytest.raises(SettingError) as error:
        load("homolog", written(tmp_path, **said), {}, {})
    assert told in error.value.what


def test_a_missing_file_says_what_to_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingError, match=r"exemplo\.json"):
        load("homolog", None, {}, {})
    assert load("homolog", None, {"supabaseUrl": URL}, {}).stack == "sicfar-homolog"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("NivelLogs", "DEBUG", "seria NivelLog?"),
        ("Zebra", "1", "os que tem: GatewayId"),
        ("SupabaseUrl", URL, "segue do ambiente"),
        ("NivelLog", "TRACE", "os valores são DEBUG, INFO"),
        ("ParserConcorrencia", "1", "o mínimo é 2"),
        ("RetardoTetoSegundos", "901", "o máximo é 900"),
        ("LacunaSegundos", "dez", "escreva um número"),
        ("ResumoRemetente", "ninguem", "deve casar com"),
    ],
)
def test_a_parameter_the_template_does_not_take_is_refused(release: Release, name: str, value: str, told: str):
    own = load("homolog", None, {"supabaseUrl": URL}, {}).own_parameters
    release.check_parameters({}, own)
    with pytest.raises(SettingError) as error:
        release.check_parameters({name: value, "GatewayId": "-"}, own)
    assert told in error.value.what
    assert "GatewayId: '-' não serve" in error.value.what


def test_a_parameter_nobody_gives_is_named(release: Release):
    with pytest.raises(SettingError, match="SupabaseUrl: falta"):
        release.check_parameters({}, {"Ambiente": "homolog"})


def test_a_release_is_the_same_for_the_same_build(release: Release, tmp_path: Path):
    again = Release(lay(ROOT, tmp_path, "teste"))
    assert again.description == release.description
    assert [one.version for one in release.migrations] == sorted(
        path.name[:14] for path in (ROOT / "supabase" / "migrations").glob("*.sql")
    )


def test_a_damaged_or_missing_release_is_refused(tmp_path: Path):
    with pytest.raises(SettingError, match="make release"):
        Release(tmp_path)
    folder = lay(ROOT, tmp_path / "versao", "teste")
    victim = next((folder / "codigo").glob("TxtParser-*.zip"))
    victim.write_bytes(victim.read_bytes()[:-1] + b"x")
    with pytest.raises(SettingError, match=victim.name):
        Release(folder)
    (folder / DESCRIPTION).write_text("{}", encoding="utf-8")
    with pytest.raises(SettingError, match="não é legível"):
        Release(folder)


def test_a_release_of_what_was_not_built_is_refused(tmp_path: Path):
    (tmp_path / "template.yaml").write_text(
        "Resources: {F: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: F}}}", encoding="utf-8"
    )
    with pytest.raises(BundleError, match="make build"):
        lay(tmp_path, tmp_path / "versao", "teste")
