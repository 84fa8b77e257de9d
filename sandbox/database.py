"""A private PostgreSQL: a cluster in a folder of its own, on a free port of loopback.

It begins empty, promises nothing after a power cut, and leaves nothing behind.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sandbox.port import free_tcp_port
from sandbox.process import die_with_parent
from sandbox.toolbox import SYSTEM, Toolbox

HOST, USER, NAME = "127.0.0.1", "siaga112", "postgres"
NOBODY = 65534
"""PostgreSQL refuses to be root: it is this user then."""
READY_LIMIT_S = 20.0
"""For a cluster to be made or to start, on a busy machine; it takes about a second."""
POLL_S = 0.02


class Database:
    """One cluster; to be entered with `with`.

    Attributes:
        folder: Holds all of it.
        port: Of TCP.

    Args:
        toolbox: Has the programs.
        password: What the user has to say; without one everybody on this machine is let in.
    """

    def __init__(self, toolbox: Toolbox, password: str | None = None) -> None:
        self._toolbox = toolbox
        self._password = password
        self.folder = Path()
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_tcp_port()

    @property
    def url(self) -> str:
        """As `journal.store` of siaga.yaml has it."""
        return f"postgresql://{USER}@{HOST}:{self.port}/{NAME}"

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="siaga112-database-"))
        try:
            self._make()
            self.start()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._remove()

    def start(self) -> None:
        """Starts the server; returns when it lets clients in.

        Raises:
            RuntimeError: It does not start; with what it has said.
        """
        options = {
            "listen_addresses": HOST,
            "unix_socket_directories": "",
            "fsync": "off",
            "shared_buffers": "16MB",
            "max_connections": "20",
        }
        words = [word for pair in options.items() for word in ("-c", "=".join(pair))]
        with self._log.open("ab") as log:
            self._process = self._popen(
                "postgres", "-D", str(self._data), "-p", str(self.port), *words, out=log
            )
        end = time.monotonic() + READY_LIMIT_S
        while "ready to accept connections" not in self._said():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"PostgreSQL did not start:\n{self._log.read_text()}")
            time.sleep(POLL_S)

    def stop(self) -> None:
        """Ends the server at once; every client's connection breaks."""
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGCONT)
        process.send_signal(signal.SIGQUIT)
        try:
            process.wait(READY_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._log.unlink()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Nobody of it does anything meanwhile, as on a machine that hangs."""
        pids = self._pids()
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def _pids(self) -> list[int]:
        """The server and its children."""
        if self._process is None:
            return []
        first = self._process.pid
        tasks = Path(f"/proc/{first}/task/{first}/children").read_text()
        return [first, *map(int, tasks.split())]

    def execute(self, *statements: str) -> None:
        """Has statements done by PostgreSQL's own client.

        Raises:
            subprocess.CalledProcessError: It refuses one.
        """
        words = [word for statement in statements for word in ("-c", statement)]
        process = self._popen(
            *("psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", HOST, "-p", str(self.port)),
            *("-U", USER, "-d", NAME, *words),
            out=subprocess.DEVNULL,
            PGPASSWORD=self._password or "",
        )
        if process.wait(READY_LIMIT_S) != 0:
            raise subprocess.CalledProcessError(process.returncode, "psql")

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _said(self) -> str:
        return self._log.read_text(errors="replace")

    def _make(self) -> None:
        method, words = "trust", []
        if self._password is not None:
            secret = self.folder / "password"
            secret.write_text(self._password)
            method, words = "scram-sha-256", [f"--pwfile={secret}"]
        if self._drops:
            for path in (self.folder, *self.folder.iterdir()):
                os.chown(path, NOBODY, NOBODY)
        with self._log.open("ab") as log:
            process = self._popen(
                *("initdb", "-D", str(self._data), "-U", USER, "-A", method, "--no-sync"),
                *("--locale=C.UTF-8", "--encoding=UTF8", *words),
                out=log,
            )
        if process.wait(READY_LIMIT_S) != 0:
            raise RuntimeError(f"no cluster could be made:\n{self._log.read_text()}")
        self._log.unlink()

    @property
    def _drops(self) -> bool:
        """Whether another user takes over: of the system's own programs, which all may run."""
        return os.geteuid() == 0 and self._toolbox.database == SYSTEM

    def _popen(self, program: str, *words: str, out: Any, **env: str) -> "subprocess.Popen[bytes]":
        user: dict[str, Any] = {}
        before: list[str] = []
        if self._drops:
            user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        elif os.geteuid() == 0:
            # Root's cache is not for others to read: the same user under another name.
            before = ["unshare", "--user", f"--map-user={NOBODY}", f"--map-group={NOBODY}"]
        return subprocess.Popen(
            [*before, str(self._toolbox.database_program(program)), *words],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, **self._toolbox.database_env, **env},
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - takes no lock, asks for no memory
            **user,
        )

    def _remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
