from __future__ import annotations

from pathlib import Path

import pytest

from archive import config
from archive.errors import ConfigError


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "archive.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_environment_wins_over_the_file_and_an_option_over_both(tmp_path: Path) -> None:
    file = write(tmp_path, 'var = "from-file"\nname = "Kho tin"\ndelay = 3\n')
    settings = config.load({"ARCHIVE_VAR": "from-env", "ARCHIVE_DELAY": "2.5"}, file, delay=0.5)
    assert (settings.var, settings.name, settings.delay) == (Path("from-env"), "Kho tin", 0.5)


def test_an_unknown_name_is_an_error_that_guesses_what_was_meant(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"Unknown setting ARCHIVE_PUBLICBASE.*Did you mean ARCHIVE_PUBLIC_BASE\?"
    ):
        config.load({"ARCHIVE_PUBLICBASE": "x"}, write(tmp_path, ""))
    with pytest.raises(ConfigError, match=r"Unknown setting dely in .*Did you mean delay"):
        config.load({}, write(tmp_path, "dely = 1\n"))


@pytest.mark.parametrize(
    ("variable", "value", "wanted"),
    [
        ("ARCHIVE_DELAY", "-1", "0 or more"),
        ("ARCHIVE_DELAY", "nan", "0 or more"),
        ("ARCHIVE_MAX_BODY", "20MB", "whole number"),
        ("ARCHIVE_SAMPLE", "perhaps", "true or false"),
        ("ARCHIVE_LANGUAGE", "fr", '"vi" or "en"'),
        ("ARCHIVE_LIMIT_PAGES", "300", "requests/seconds"),
        ("ARCHIVE_LIMIT_API", "0/60", "requests/seconds"),
        ("ARCHIVE_TRUSTED_PROXIES", "127.0.0.1, nginx", "Write addresses or networks"),
    ],
)
def test_a_wrong_value_says_what_it_must_be(tmp_path: Path, variable: str, value: str, wanted: str) -> None:
    with pytest.raises(ConfigError, match=wanted):
        config.load({variable: value}, write(tmp_path, ""))


def test_a_limit_is_a_number_of_requests_in_some_seconds(tmp_path: Path) -> None:
    settings = config.load({"ARCHIVE_LIMIT_API": "60/10", "ARCHIVE_LIMIT_SEARCH": "0"}, write(tmp_path, ""))
    assert settings.limit_api == config.Rate(60, 10)
    assert settings.limit_search.requests == 0
    assert config.load(settings.to_environment()) == settings, "and a child process sees the same"


def test_a_named_file_that_is_missing_or_broken_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        config.load({"ARCHIVE_CONFIG": str(tmp_path / "absent.toml")})
    with pytest.raises(ConfigError, match="not valid TOML"):
        config.load({}, write(tmp_path, "delay = = 1"))


def test_the_crawler_names_a_page_and_a_contact(tmp_path: Path) -> None:
    settings = config.load(
        {"ARCHIVE_CONTACT": "luutru@example.vn", "ARCHIVE_PUBLIC_BASE": "https://kho.example.vn/"},
        write(tmp_path, ""),
    )
    assert settings.user_agent.endswith("(+https://kho.example.vn/bot; mailto:luutru@example.vn)")


def test_every_setting_is_in_the_admin_guide() -> None:
    guide = Path("docs/admin.md").read_text("utf-8")
    missing = [name for name in config.Settings.__dataclass_fields__ if f"`{name}`" not in guide]
    assert not missing
