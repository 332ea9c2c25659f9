"""`archive serve`: the site under gunicorn."""

from __future__ import annotations

import os
import resource
import socket
import tempfile
from collections.abc import Callable, Mapping
from typing import Any

import click
import gunicorn.http.message
from gunicorn.app.base import BaseApplication

from archive.buckets import Buckets
from archive.cli.terminal import err
from archive.cli.worker import Worker
from archive.config import Settings
from archive.errors import ConfigError

THREADS = 152
"""Threads of a worker: the 136 that the gates (archive.web.limits.gates) let in or keep waiting, and some for
health, the admin's pages and refusals. They are made when they are needed, and most of them only wait."""
CONNECTIONS = 1_000
"""Connections that a worker keeps; most of them wait for their readers."""
_FILES = 300
"""Files that a worker has open besides its connections: database, index, captures."""
_LONGEST_LINE = 1_000_000
"""Bytes of a request line at most: above a tenth of it the site answers with a page that says what to do."""


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, configured from our settings rather than from its own command line."""

    def __init__(self, make_app: Callable[[], Any], options: Mapping[str, Any]) -> None:
        """
        :param make_app: called in each worker, after the fork: nothing that is open may be shared over it.
        :param options: gunicorn's settings by name.
        """
        self._make_app = make_app
        self._options = options
        super().__init__(prog="archive serve")

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._make_app()

    def run(self) -> None:
        # gunicorn allows 8,190 bytes or any number; a line without end would fill the memory.
        gunicorn.http.message.MAX_REQUEST_LINE = _LONGEST_LINE
        super().run()


def options(settings: Settings, host: str, port: int) -> dict[str, Any]:
    """How gunicorn is run; `docs/deploy.md` gives the measurements behind the numbers."""
    shown = f"[{host}]" if ":" in host else host
    return {
        "bind": f"{shown}:{port}",
        "workers": max(1, settings.workers),
        "worker_class": Worker,
        "threads": THREADS,
        "worker_connections": _connections(),
        # What a reader does not take at once is sent on by the worker's loop; a file's bytes go that way too.
        "sendfile": False,
        "timeout": 30,
        "graceful_timeout": 10,
        # The longest question that is read (10,000 characters, percent-encoded) fits in a request line.
        "limit_request_line": _LONGEST_LINE,
        "limit_request_field_size": 16_380,
        "accesslog": None,
        "loglevel": "warning",
        "control_socket_disable": True,
        # Nobody, not even on this machine, tells the server who asks, by which scheme, or below which path: a
        # web server in front that passes its clients' header fields on would let them say it.
        "forwarded_allow_ips": "",
        "forwarder_headers": "",
        "secure_scheme_headers": {},
        "child_exit": _forget_worker,
    }


def _connections() -> int:
    """So many as the files leave that a process may open; as many of them are asked for as are needed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + _FILES
    if resource.RLIM_INFINITY != soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    found = CONNECTIONS if soft == resource.RLIM_INFINITY else min(CONNECTIONS, soft - _FILES)
    return max(found, THREADS + 1)


def _forget_worker(_server: object, worker: Any) -> None:
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def check_port(host: str, port: int) -> None:
    """See that a port can be bound, before hours of work are done for it.

    :raises ConfigError: it is taken, or may not be bound by this user.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigError(
                f"Port {port} on {host} cannot be used: {error.strerror}.",
                "Choose another with --port (make run PORT=…).",
            ) from error


def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM; ends the process."""
    check_port(host, port)
    chosen = options(settings, host, port)
    err().print(f"[bold]The archive is at http://{chosen['bind']}/[/bold]  (Ctrl-C ends it)")

    # Before the fork: all workers count in the same memory.
    buckets = Buckets()

    def make_app() -> Any:
        # Imported in the worker: each opens the database and the index after the fork.
        from archive.web import create_app

        return create_app(settings, buckets)

    with tempfile.TemporaryDirectory(prefix="archive-metrics-") as folder:
        # The workers add their counts up through files here; read when prometheus_client is imported.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        Server(make_app, chosen).run()


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.pass_obj
def serve_command(settings: Settings, host: str, port: int) -> None:
    """Serve the archive's site under gunicorn until Ctrl-C or SIGTERM.

    Reads the database and the index, writes nothing. On a public machine put a web server with TLS in
    front and set ARCHIVE_PUBLIC_BASE to the public address (docs/admin.md).
    """
    serve(settings, host, port)
