"""29. No secret has a default, none is shown, and none lies where others can read it."""

from __future__ import annotations

import dataclasses
import re
import stat
from pathlib import Path

from archive.config import Settings
from archive.web import create_app
from archive.web.admin import keys
from tests.admin.scene import Hiding

ROOT = Path(__file__).parents[2]
_SECRET = re.compile(r"token|secret|password|key|credential")


def test_no_secret_has_a_default(settings: Settings) -> None:
    named = [field for field in dataclasses.fields(Settings) if _SECRET.search(field.name)]
    assert {"alarm_token", "metrics_token"} <= {field.name for field in named}
    assert {getattr(settings, field.name) for field in named} <= {"", None}
    assert create_app(settings).secret_key is None


def test_what_an_empty_secret_would_open_stays_shut(built: Hiding) -> None:
    """An address or a header field with an empty token is not the right one."""
    plain = dataclasses.replace(built.settings, alarm_token="", metrics_token="")
    client = create_app(plain).test_client()
    assert client.get("/alarms/.atom").status_code == 404
    assert client.get("/alarms/%20.atom").status_code == 404
    outside = {"REMOTE_ADDR": "192.0.2.7"}
    for field in ({}, {"Authorization": ""}, {"Authorization": "Bearer "}):
        assert client.get("/metrics", headers=field, environ_overrides=outside).status_code == 404


def test_the_key_is_made_by_the_program_and_readable_by_nobody_else(tmp_path: Path) -> None:
    keys.ensure_key(tmp_path)
    path = keys.key_file(tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    first = path.read_text()
    keys.ensure_key(tmp_path)
    assert path.read_text() == first
    keys.ensure_key(tmp_path / "other")
    assert keys.key_file(tmp_path / "other").read_text() != first
    assert len(first.strip()) == 64


def test_the_services_run_unprivileged_and_read_only_but_for_their_folders() -> None:
    units = re.findall(
        r"```ini\n(\[Unit\].*?)```", (ROOT / "docs" / "deploy.md").read_text("utf-8"), re.DOTALL
    )
    services = [unit for unit in units if "[Service]" in unit]
    assert len(services) == 2
    for unit in services:
        for line in ("User=archive", "ProtectSystem=strict", "NoNewPrivileges=yes", "CapabilityBoundingSet=\n",
                     "PrivateTmp=yes", "ProtectHome=yes", "PrivateDevices=yes", "ProtectKernelModules=yes",
                     "RestrictNamespaces=yes", "SystemCallFilter=@system-service"):  # fmt: skip
            assert line in unit, line
        writes = re.findall(r"^ReadWritePaths=(.*)$", unit, re.MULTILINE)
        assert [set(item.split()) - {"/srv/archive/var", "/srv/archive/index"} for item in writes] == [set()]
