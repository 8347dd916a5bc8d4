"""Settings: where they come from, what they accept, and what is said of one that cannot be used."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from askreport.config import PREFIX, Settings, is_loopback, load_settings
from askreport.errors import SettingError


def test_without_an_environment_every_setting_has_its_default() -> None:
    assert load_settings({}) == Settings()


def test_an_environment_variable_sets_the_setting_of_its_name() -> None:
    assert load_settings({"ASKREPORT_PORT": "9000"}).port == 9000


def test_an_option_goes_before_the_environment() -> None:
    assert load_settings({"ASKREPORT_PORT": "9000"}, port=9001).port == 9001


def test_an_option_that_is_none_leaves_the_environment_in_charge() -> None:
    assert load_settings({"ASKREPORT_PORT": "9000"}, port=None).port == 9000


def test_other_environment_variables_are_none_of_its_business() -> None:
    assert load_settings({"PORT": "1", "MY_ASKREPORT_PORT": "2"}) == Settings()


def test_an_unknown_setting_is_refused_by_its_name() -> None:
    with pytest.raises(SettingError, match=r"^ASKREPORT_MODLE: "):
        load_settings({"ASKREPORT_MODLE": "x"})


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_hint_names_every_setting(name: str) -> None:
    with pytest.raises(SettingError) as caught:
        load_settings({"ASKREPORT_MODLE": "x"})
    assert PREFIX + name.upper() in str(caught.value.hint)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "65536"),
        ("port", "-1"),
        ("port", "http"),
        ("threads", "-1"),
        ("threads", "1.5"),
        ("max_file_mb", "0"),
        ("max_file_mb", "inf"),
        ("max_file_mb", "nan"),
        ("watch", "perhaps"),
        ("host", ""),
        ("model", ""),
        ("corpus", ""),
        ("index", ""),
        ("cache", ""),
        ("corpus", "~nobody-of-that-name/corpus"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_the_setting_name(name: str, value: str) -> None:
    variable = PREFIX + name.upper()
    with pytest.raises(SettingError, match=rf"^{variable}: "):
        load_settings({variable: value})


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("true", True), ("no", False), ("0", False)])
def test_a_switch_takes_the_usual_words(value: str, expected: bool) -> None:
    assert load_settings({"ASKREPORT_WATCH": value}).watch is expected
    assert load_settings({"ASKREPORT_WATCH": value}, watch=not expected).watch is not expected


@pytest.mark.parametrize("name", ["corpus", "index", "cache"])
def test_a_tilde_in_a_folder_is_the_home_folder(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = load_settings({PREFIX + name.upper(): "~/there"})
    assert getattr(settings, name) == tmp_path / "there"


def test_a_folder_may_be_given_as_a_path(tmp_path: Path) -> None:
    assert load_settings({}, index=tmp_path).index == tmp_path


def test_settings_do_not_change() -> None:
    settings = Settings()
    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 1


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_says_what_it_is(name: str) -> None:
    assert Settings.model_fields[name].description


@pytest.mark.parametrize("name", ["parse_seconds", "max_file_mb"])
@pytest.mark.parametrize("value", ["inf", "nan", "1e300", "0"])
def test_a_limit_is_a_number_that_limits(name: str, value: str) -> None:
    with pytest.raises(SettingError):
        load_settings({f"ASKREPORT_{name.upper()}": value})


def test_loopback_is_told_from_other_addresses() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.8.9.1", "::1", "localhost", "LOCALHOST")))
    assert not any(
        map(is_loopback, ("0.0.0.0", "::", "192.168.1.2", "10.0.0.1", "example.org", "localhost.evil.example"))
    )
