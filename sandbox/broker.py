"""A private mosquitto: on a free port of loopback, with its files in a folder of its own.

It keeps over a stop what brokers keep, over `kill -9` nothing, and leaves nothing behind.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sandbox.port import free_tcp_port
from sandbox.process import die_with_parent
from sandbox.toolbox import Toolbox

HOST: Final = "127.0.0.1"
READY_LIMIT_S: Final = 10.0
"""For it to listen, on a busy machine; it takes some 10 ms."""
POLL_S: Final = 0.01


class Mosquitto:
    """One broker; to be entered with `with`.

    Attributes:
        folder: Holds all of it.
        port: Of TCP.

    Args:
        toolbox: Has the programs.
        passwords: By user; without them everybody on this machine is let in.
        access: Lines of an access list (mosquitto.conf(5), acl_file).
        tls: It speaks nothing but TLS, with a certificate for 127.0.0.1 (`authority`).
        options: Further lines of its configuration.
    """

    def __init__(
        self,
        toolbox: Toolbox,
        *,
        passwords: Mapping[str, str] | None = None,
        access: str = "",
        tls: bool = False,
        options: str = "",
    ) -> None:
        self._toolbox = toolbox
        self._passwords = passwords or {}
        self._access = access
        self._tls = tls
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.folder = Path()
        self.port = free_tcp_port()

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="siaga112-broker-"))
        try:
            self._write()
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

    @property
    def authority(self) -> Path:
        """The certificate that its own is signed by."""
        return self.folder / "authority.crt"

    def start(self) -> None:
        """Starts it; returns when it listens.

        Raises:
            RuntimeError: It does not; with what it has said.
        """
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._toolbox.argv("mosquitto"), "-c", str(self._config)],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - takes no lock, asks for no memory
            )
        end = time.monotonic() + READY_LIMIT_S
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"mosquitto did not start:\n{self._log.read_text()}")
            time.sleep(POLL_S)

    def stop(self) -> None:
        """Ends it as a service manager does: its clients are told."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it without a word: `kill -9`."""
        self._end(signal.SIGKILL)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """It does nothing meanwhile, and connections stay open, as on a machine that hangs."""
        if self._process is None:
            raise RuntimeError("it is not running")
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def said(self) -> str:
        """What it has written to its log."""
        return self._log.read_text(errors="replace")

    @property
    def _config(self) -> Path:
        return self.folder / "mosquitto.conf"

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), 1):
            return True
        return False

    def _end(self, number: int) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(number)
            try:
                process.wait(READY_LIMIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _write(self) -> None:
        lines = [
            f"listener {self.port} {HOST}",
            f"user {'root' if os.geteuid() == 0 else os.environ.get('USER', 'nobody')}",
            f"allow_anonymous {'false' if self._passwords else 'true'}",
            "log_dest stdout",
            "max_queued_messages 0",
            "persistence true",
            f"persistence_location {self.folder}/",
        ]
        if self._passwords:
            lines.append(f"password_file {self._write_passwords()}")
        if self._access:
            file = self.folder / "access"
            file.write_text(self._access)
            file.chmod(0o600)
            lines.append(f"acl_file {file}")
        if self._tls:
            make_certificates(self.folder)
            lines += [
                f"cafile {self.authority}",
                f"certfile {self.folder / 'broker.crt'}",
                f"keyfile {self.folder / 'broker.key'}",
            ]
        self._config.write_text("\n".join([*lines, self._options, ""]))

    def _write_passwords(self) -> Path:
        file = self.folder / "passwords"
        file.touch(mode=0o600)
        for user, password in self._passwords.items():
            argv = [*self._toolbox.argv("mosquitto_passwd"), "-b", str(file), user, password]
            subprocess.run(argv, check=True, capture_output=True)
        return file

    def _remove(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def make_certificates(folder: Path) -> None:
    """An authority of its own, and a broker's certificate for 127.0.0.1, good for a day.

    Raises:
        subprocess.CalledProcessError: openssl does not make them.
    """
    for name, extension in (
        ("authority", "keyUsage=critical,keyCertSign"),
        ("broker", "subjectAltName=IP:127.0.0.1"),
    ):
        signed = "" if name == "authority" else "-CA authority.crt -CAkey authority.key"
        command = (
            f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 "
            f"-subj /CN={name} -keyout {name}.key -out {name}.crt -addext {extension} {signed}"
        )
        subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
