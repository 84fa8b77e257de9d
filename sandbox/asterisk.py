"""A private Asterisk on loopback, made of the very files that a site's administrator includes.

Its own files hold the include lines and what an empty machine needs besides; everything else comes
from `asterisk-dialplan/`, with this run's ports and passwords filled in.
"""

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox.process import end, spawn
from sandbox.site import HOST, Site
from sandbox.toolbox import Toolbox
from siaga import dialplan

START_LIMIT_S = 20.0
"""Asterisk is up in about a second; a loaded machine takes longer."""
STOP_LIMIT_S = 5.0
POLL_S = 0.02
SOCKET_PATH_LIMIT = 107
"""Bytes of a Unix socket's path (sun_path of Linux, less the closing zero)."""
HARMLESS = (
    # Both sides hung up in the same instant, and a hangup handler found the other one gone.
    "func_export.c: Channel",
    # The same, and Asterisk sent the second BYE to a session that had just ended.
    "chan_pjsip.c: Session already DISCONNECTED",
    # A caller hung up in mid-prompt: the player is alone in the bridge and leaves it. A missing
    # sound is another complaint, of file.c.
    "res_stasis_playback.c: ",
    # A caller gave up before the answer, and the answer came too late.
    "res_stasis_answer.c: ",
    # A caller gave up in the instant in which the last resort began to dial a phone.
    "Abnormal 'Gosub(siaga-leg,",
    # An operator's phone tried to transfer the caller, and was refused.
    "transfer attempt blocked due to configuration",
    # A carrier sent a name or number that is no text in any alphabet.
    "has invalid UTF-8 characters which were replaced",
    # The daemon was killed, or its connection cut: this is how Asterisk sees that.
    "res_http_websocket.c: Web socket closed abruptly",
    "res_http_websocket.c: Error reading from web socket: Connection reset by peer",
    "ari/ari_websockets.c: WebSocket read error",
    "Failed to find outbound websocket per-call config for app",
    "Stasis app 'siaga' doesn't exist",
    "Stasis app 'siaga' not active",
)
"""Complaints that tell of what people and tests did, and of nothing that is wrong."""

MAIN_FILES = {
    "extensions.conf": "[general]\nstatic=yes\nwriteprotect=yes\n",
    "pjsip.conf": "[global]\ntype=global\n",
    "ari.conf": "[general]\n",
    "http.conf": "[general]\n",
    "rtp.conf": "[general]\n",
    "logger.conf": "[general]\ndateformat=%F %T.%3q\n[logfiles]\n",
    "indications.conf": "[general]\ncountry=siaga\n",
    "modules.conf": "[modules]\nautoload=no\n",
    # The rest only says "nothing", so that Asterisk does not complain of missing files.
    "cdr.conf": "[general]\nenable=no\n",
    "cel.conf": "[general]\n",
    "cel_custom.conf": "[mappings]\n",
    "features.conf": "[general]\n",
    **dict.fromkeys(
        ("ccss.conf", "geolocation.conf", "pjproject.conf", "udptl.conf"), "[general]\n"
    ),
    **dict.fromkeys(("acl.conf", "websocket_client.conf"), ""),
}
"""What stands in each of Asterisk's own files above the include lines."""
ARI_FILE = "siaga-ari.conf"
FOLDERS = (
    *("etc/siaga", "lib/sounds", "db", "spool/recording", "run"),
    "log/cel-custom",  # Asterisk makes the file, and not the folder
)
EXTRA_INCLUDES = {"pjsip.conf": ("siaga-pjsip-global.conf", "siaga-pjsip-transport.conf")}
"""Includes besides the one of the same name."""


class AsteriskError(RuntimeError):
    """Asterisk did not do what was asked; the message has the end of its log."""


class AsteriskServer:
    """One Asterisk, from its start to its end; all that it writes is in `workdir`.

    Args:
        toolbox: Where the program is.
        workdir: A folder of its own, made if missing; its path must be short.
        sounds: The folder that holds `id/` and `en/`; without one all prompts are missing.
        site: Ports and numbers, if not drawn here.
        clock: File with the seconds that its clock is off, such as `+3600`; may be changed at any
            time. Without one the clock is the machine's.
    """

    ari_user = "siaga"
    sip_host = HOST

    def __init__(
        self,
        toolbox: Toolbox,
        workdir: Path,
        sounds: Path | None = None,
        site: Site | None = None,
        clock: Path | None = None,
    ) -> None:
        self.workdir = workdir.resolve()
        self.site = site or Site()
        self.sip_port = self.site.sip_port
        self.trunk_port = self.site.trunk_port
        self.ari_url = f"http://{HOST}:{self.site.http_port}"
        self.log = self.workdir / "log" / "siaga.log"
        self._socket = self.workdir / "run" / "asterisk.ctl"
        self._output = self.workdir / "output.log"
        self.duty_folder = self._etc / dialplan.FOLDER_NAME
        self._values = {**self.site.values(), "DUTY_FOLDER": str(self.duty_folder)}
        self.toolbox = toolbox
        self._sounds = sounds
        self._clock = clock
        self._process: asyncio.subprocess.Process | None = None

    @property
    def ari_password(self) -> str:
        """Password of the ARI user."""
        return self._values["ARI_PASSWORD"]

    def password_of(self, endpoint: str) -> str:
        """Password of a seat's endpoint such as `siaga-medis-1`.

        Raises:
            KeyError: There is no such seat.
        """
        seat = endpoint.removeprefix("siaga-")
        return self._values[f"PASSWORD_{seat.upper().replace('-', '_')}"]

    @property
    def pid(self) -> int:
        """The process's id.

        Raises:
            AsteriskError: It is not running.
        """
        if self._process is None:
            raise AsteriskError("Asterisk is not running")
        return self._process.pid

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._make_folders)
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Starts Asterisk and returns when it is fully booted.

        Raises:
            AsteriskError: It ended, or was not up in time.
        """
        await asyncio.to_thread(self._clear)
        self._process = await spawn(
            [*self._argv(), "-f"],
            cwd=self.workdir,
            log=self._output,
            env={**self.toolbox.env("asterisk"), **self._stepped()},
        )
        try:
            async with asyncio.timeout(START_LIMIT_S):
                await self._booted(self._process)
        except BaseException as error:
            await self.kill()
            if isinstance(error, TimeoutError):
                raise AsteriskError(f"Asterisk was not up in time:\n{self._tail()}") from None
            raise

    async def stop(self) -> None:
        """Ends Asterisk as an administrator would; kills it when it does not obey."""
        process, self._process = self._process, None
        if process is not None:
            await end(process, STOP_LIMIT_S)

    async def kill(self) -> None:
        """Ends Asterisk without a word."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def ended(self, limit_s: float) -> None:
        """Returns when Asterisk has ended by itself, after `core stop` for example.

        Raises:
            TimeoutError: It had not after `limit_s` seconds.
        """
        if self._process is not None:
            async with asyncio.timeout(limit_s):
                await self._process.wait()
            self._process = None

    def set_ari_password(self, password: str) -> None:
        """Writes another password for the ARI user; `module reload res_ari.so` makes it count."""
        self._values["ARI_PASSWORD"] = password
        rendered = dialplan.render(self._values)
        dialplan.write({ARI_FILE: rendered[ARI_FILE]}, self._etc / dialplan.FOLDER_NAME)

    async def restart(self) -> None:
        """Ends Asterisk and starts it again on the same ports; all calls are lost."""
        await self.stop()
        await self.start()

    async def cli(self, command: str) -> str:
        """What Asterisk's console answers to `command`.

        Raises:
            AsteriskError: There is no Asterisk that answers.
        """
        process = await asyncio.create_subprocess_exec(
            *self._argv(),
            "-rx",
            command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=self.workdir,
        )
        try:
            out, _ = await process.communicate()
        except BaseException:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
        if process.returncode != 0:
            raise AsteriskError(f"{command!r}: {out.decode(errors='replace').strip()}")
        return out.decode(errors="replace")

    async def set_global(self, name: str, value: str) -> None:
        """Sets a global variable, as the daemon does through ARI."""
        await self.cli(f'dialplan set global {name} "{value}"')

    def complaints(self) -> list[str]:
        """The warnings and errors in the log so far, without the HARMLESS ones."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        bad = (line for line in lines if "WARNING[" in line or "ERROR[" in line)
        return [line for line in bad if not any(known in line for known in HARMLESS)]

    def write_duty(self, text: str) -> None:
        """Puts rows of who is on duty in place; `dialplan reload` makes them count."""
        dialplan.write({dialplan.DUTY_FILE: text}, self.duty_folder)

    def _stepped(self) -> dict[str, str]:
        """What makes the program read a clock that is off; the monotonic one stays as it is."""
        if self._clock is None:
            return {}
        return {
            "LD_PRELOAD": str(self.toolbox.faketime_library),
            "FAKETIME_TIMESTAMP_FILE": str(self._clock),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    @property
    def recordings(self) -> Path:
        """The folder that Asterisk records into."""
        return self.workdir / "spool" / "recording"

    @property
    def event_log(self) -> Path:
        """The file in which it writes down what happens to callers."""
        return self.workdir / "log" / "cel-custom" / "siaga.csv"

    @property
    def _etc(self) -> Path:
        return self.workdir / "etc"

    def _argv(self) -> list[str]:
        return [*self.toolbox.argv("asterisk"), "-C", str(self._etc / "asterisk.conf")]

    def _make_folders(self) -> None:
        if len(os.fsencode(self._socket)) > SOCKET_PATH_LIMIT:
            raise AsteriskError(f"{self._socket} is too long for a control socket")
        for name in FOLDERS:
            (self.workdir / name).mkdir(parents=True, exist_ok=True)
        self.event_log.touch()  # as on a site: Asterisk makes it with the first call only
        if self._sounds is not None:
            (self.workdir / "lib/sounds/siaga").symlink_to(self._sounds.resolve())
        for name in ("documentation", "rest-api"):
            source = self.toolbox.asterisk_data / name
            if source.is_dir():
                (self.workdir / "lib" / name).symlink_to(source)
        (self._etc / "asterisk.conf").write_text(self._main())
        rendered = dialplan.render(self._values)
        dialplan.write(rendered, self._etc / dialplan.FOLDER_NAME)
        for name, head in MAIN_FILES.items():
            wanted = (*EXTRA_INCLUDES.get(name, ()), f"siaga-{name}")
            included = (file for file in wanted if file in rendered)
            lines = (f"#include {dialplan.FOLDER_NAME}/{file}\n" for file in included)
            (self._etc / name).write_text(head + "".join(lines))

    def _clear(self) -> None:
        """Takes away what an earlier run left, so that it is not mistaken for this one's."""
        for leftover in (self.log, self._socket):
            leftover.unlink(missing_ok=True)

    def _main(self) -> str:
        folders = {
            "astetcdir": "etc",
            "astvarlibdir": "lib",
            "astdatadir": "lib",
            "astdbdir": "db",
            "astkeydir": "lib",
            "astspooldir": "spool",
            "astrundir": "run",
            "astlogdir": "log",
            "astagidir": "lib/agi-bin",
            "astsbindir": "lib",
        }
        lines = [f"{key} => {self.workdir / folder}" for key, folder in folders.items()]
        lines.append(f"astmoddir => {self.toolbox.asterisk_modules}")
        return "[directories]\n" + "\n".join(lines) + "\n[options]\nlive_dangerously=no\n"

    async def _booted(self, process: asyncio.subprocess.Process) -> None:
        while True:
            if process.returncode is not None:
                raise AsteriskError(f"Asterisk ended with {process.returncode}:\n{self._tail()}")
            with suppress(OSError, AsteriskError):
                _, writer = await asyncio.open_unix_connection(self._socket)
                writer.close()
                if "fully booted" in await self.cli("core waitfullybooted"):
                    return
            await asyncio.sleep(POLL_S)

    def _tail(self) -> str:
        texts = [
            path.read_text(errors="replace") for path in (self._output, self.log) if path.exists()
        ]
        return "\n".join("".join(texts).splitlines()[-20:])
