import boto3
import pytest
from moto import mock_aws

from sicfar import settings
from sicfar.errors import Fate


@pytest.fixture
def manager(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield boto3.client("secretsmanager", region_name="us-east-1")


def test_a_missing_or_empty_setting_is_named(monkeypatch):
    monkeypatch.setenv("QUEUE_URL", "")
    for name in ("QUEUE_URL", "NEVER_SET"):
        with pytest.raises(settings.SettingError, match=name) as caught:
            settings.text(name)
        assert caught.value.fate is Fate.CONFIGURATION


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "cinco", "1e3"])
def test_seconds_and_counts_must_be_positive_whole_numbers(monkeypatch, value):
    monkeypatch.setenv("RETARDO_BASE_SEGUNDOS", value)
    with pytest.raises(settings.SettingError, match=r"de segundos.*RETARDO_BASE_SEGUNDOS"):
        settings.seconds("RETARDO_BASE_SEGUNDOS")
    monkeypatch.setenv("ENVIO_TENTATIVAS", value)
    with pytest.raises(settings.SettingError, match=r"de vezes.*ENVIO_TENTATIVAS"):
        settings.count("ENVIO_TENTATIVAS")


def test_seconds_and_counts_are_read_as_they_stand(monkeypatch):
    monkeypatch.setenv("RETARDO_BASE_SEGUNDOS", "60")
    monkeypatch.setenv("ENVIO_TENTATIVAS", "10")
    assert (settings.seconds("RETARDO_BASE_SEGUNDOS"), settings.count("ENVIO_TENTATIVAS")) == (60, 10)


def test_p9_a_secret_is_read_by_its_name_and_one_that_is_missing_is_named_not_shown(monkeypatch, manager):
    manager.create_secret(Name="sicfar/teste", SecretString="sb_secret_abc")
    monkeypatch.setenv("SUPABASE_SECRET_ID", "sicfar/teste")
    assert settings.secret("SUPABASE_SECRET_ID", manager) == "sb_secret_abc"
    monkeypatch.setenv("SUPABASE_SECRET_ID", "sicfar/outro")
    with pytest.raises(settings.SettingError, match="sicfar/outro"):
        settings.secret("SUPABASE_SECRET_ID", manager)
    manager.create_secret(Name="sicfar/binario", SecretBinary=b"x")
    monkeypatch.setenv("SUPABASE_SECRET_ID", "sicfar/binario")
    with pytest.raises(settings.SettingError, match="como texto"):
        settings.secret("SUPABASE_SECRET_ID", manager)
