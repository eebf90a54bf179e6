import pytest

from sicfar import settings
from sicfar.errors import Fate


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
