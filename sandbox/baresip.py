"""One baresip process without a sound card, and the line that controls it.

It sends a tone and writes what it hears into WAV files, packet by packet: time without RTP is
not in them. Everything is bound to one loopback
address. Control is baresip's module ctrl_tcp: JSON in netstrings, commands one way, answers and
events the other.
"""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sandbox.port import free_tcp_port
from sandbox.process import end, spawn
from sandbox.toolbox import Toolbox

START_LIMIT_S = 5.0
"""From start to the control line; 15 ms on an idle machine."""
ANSWER_LIMIT_S = 5.0
"""For the answer to one command; below 1 ms on an idle machine."""
POLL_S = 0.005
RTP_PORTS = "16384-19998"
"""Below those that sandbox/port.py gives out; baresip tries others when one is taken."""
SINE_RATE_HZ = 48_000
"""The only sample rate of baresip's sine generator; it is resampled to the codec's 8 kHz."""
LOWEST_TONE_HZ, HIGHEST_TONE_HZ = 100, 3_400
"""What a telephone carries."""

CONFIG = """\
poll_method epoll
sip_listen {address}:{sip_port}
net_interface {address}
dns_server 127.0.0.1:9
call_local_timeout 86400
call_max_calls 8
audio_path {silence}
audio_source ausine,{tone_hz}
ausrc_srate {sine_rate_hz}
ausrc_channels 1
rtp_ports {rtp_ports}
rtp_timeout 0
module_path {modules}
module g711.so
module sndfile.so
module ausine.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
snd_path .
ctrl_tcp_listen 127.0.0.1:{control_port}
"""
"""There is no player: that of the module aufile starts a thread per call, and baresip 1.1.0 crashes
when the call ends before the thread has begun. The filter sndfile writes what arrives, without one.
"""
HEARD, SAID = "dump-*-dec.wav", "dump-*-enc.wav"
"""What sndfile calls its files; the star is the second in which they were opened."""


class PhoneError(RuntimeError):
    """A phone did not do what it was told; the message has the command and the answer."""


@dataclass(frozen=True, slots=True)
class PhoneEvent:
    """Something that happened to a phone.

    Attributes:
        at: When this process read it, `time.monotonic()` in seconds.
        kind: Baresip's name, such as REGISTER_OK, CALL_INCOMING, CALL_CLOSED, CALL_DTMF_START.
        call: The call's id at this phone; empty for what belongs to no call.
        peer: The other side's SIP URI.
        name: The other side's display name.
        param: What else baresip says: the reason of a CALL_CLOSED, the digit of a CALL_DTMF_START.
        incoming: The call came to this phone.
    """

    at: float
    kind: str
    call: str = ""
    peer: str = ""
    name: str = ""
    param: str = ""
    incoming: bool = False


class Baresip:
    """One baresip process.

    Args:
        toolbox: Where the program is.
        workdir: A folder of its own, made when it starts; the recordings stay in it.
        address: The loopback address of its SIP and RTP sockets.
        tone_hz: What it sends in every call, in whole Hz.
        heed: Called with each event, before anybody who waits is woken.
        sip_port: Its SIP port; 0 lets the kernel choose.
        account: A line of baresip's accounts file, for a phone that does not register.

    Raises:
        ValueError: The tone is not one that a telephone carries.
    """

    def __init__(
        self,
        toolbox: Toolbox,
        workdir: Path,
        *,
        address: str,
        tone_hz: float,
        heed: Callable[[PhoneEvent], None],
        sip_port: int = 0,
        account: str = "",
    ) -> None:
        if tone_hz != int(tone_hz) or not LOWEST_TONE_HZ <= tone_hz <= HIGHEST_TONE_HZ:
            raise ValueError(
                f"tone_hz={tone_hz}: expected whole Hz from {LOWEST_TONE_HZ} to {HIGHEST_TONE_HZ}"
            )
        self.workdir = workdir
        self.events: list[PhoneEvent] = []
        self.log = workdir / "baresip.log"
        self._toolbox = toolbox
        self._address = address
        self._tone_hz = int(tone_hz)
        self._sip_port = sip_port
        self._account = account
        self._heed = heed
        self._changed = asyncio.Condition()
        self._answers: dict[str, asyncio.Future[tuple[bool, str]]] = {}
        self._count = 0
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._listener: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def alive(self) -> bool:
        """Whether the process can be told something."""
        return self._listener is not None and not self._listener.done()

    @property
    def pid(self) -> int:
        """The process's id.

        Raises:
            PhoneError: It was never started.
        """
        if self._process is None:
            raise PhoneError("the phone was not started")
        return self._process.pid

    async def start(self) -> None:
        """Starts the process and returns when it can be told something.

        Raises:
            PhoneError: It ended, or could not be reached in time; with the end of its log.
        """
        port = free_tcp_port()
        await asyncio.to_thread(self._write_config, port)
        program = "baresip"
        argv = [*self._toolbox.argv(program), "-4", "-f", str(self.workdir)]
        self._process = await spawn(
            argv, cwd=self.workdir, log=self.log, env=self._toolbox.env(program)
        )
        try:
            async with asyncio.timeout(START_LIMIT_S):
                self._reader, self._writer = await self._connect(port)
        except TimeoutError:
            await self.stop()
            raise PhoneError(f"baresip did not start:\n{self._tail()}") from None
        self._listener = asyncio.create_task(self._listen(), name=f"phone {self.workdir.name}")

    def _write_config(self, control_port: int) -> None:
        silence = self.workdir / "silence"
        silence.mkdir(parents=True, exist_ok=True)
        text = CONFIG.format(
            address=self._address,
            sip_port=self._sip_port,
            silence=silence,
            tone_hz=self._tone_hz,
            sine_rate_hz=SINE_RATE_HZ,
            rtp_ports=RTP_PORTS,
            modules=self._toolbox.baresip_modules,
            control_port=control_port,
        )
        if not self._account:
            text = text.replace("module_tmp account.so\n", "")
        (self.workdir / "config").write_text(text)
        (self.workdir / "accounts").write_text(f"{self._account}\n")

    async def _connect(self, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while True:
            if self._process is None or self._process.returncode is not None:
                raise PhoneError(f"baresip ended:\n{self._tail()}")
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
            await asyncio.sleep(POLL_S)

    def _tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])

    async def stop(self) -> None:
        """Ends the process as its user would: calls are hung up, the registration is taken back."""
        if self._process is not None:
            await end(self._process)
        await self._hang_up_control()

    async def kill(self) -> None:
        """Ends the process without a word to anybody (SIGKILL), as when the power fails."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        await self._hang_up_control()

    async def _hang_up_control(self) -> None:
        if self._listener is not None:
            await self._listener
        if self._writer is not None:
            self._writer.close()
            with suppress(OSError):
                await self._writer.wait_closed()
            self._writer = None

    async def command(self, name: str, params: str = "") -> str:
        """What baresip answers to a command of its menu, such as `dial` or `hangup`.

        Raises:
            PhoneError: It refused, or did not answer within ANSWER_LIMIT_S, or is gone.
        """
        self._count += 1
        token = str(self._count)
        answer: asyncio.Future[tuple[bool, str]] = asyncio.get_running_loop().create_future()
        self._answers[token] = answer
        line = f"{name} {params}".rstrip()
        try:
            self._send(name, params, token)
            async with asyncio.timeout(ANSWER_LIMIT_S):
                good, data = await answer
        except TimeoutError:
            raise PhoneError(f"{line}: no answer in {ANSWER_LIMIT_S} s") from None
        finally:
            del self._answers[token]
        if not good:
            raise PhoneError(f"{line}: {data.strip()}")
        return data

    def post(self, name: str, params: str = "") -> None:
        """Sends a command and does not wait for its answer; commands are obeyed in order."""
        self._send(name, params, "")

    def _send(self, name: str, params: str, token: str) -> None:
        if self._writer is None or not self.alive:
            raise PhoneError(f"{name}: the phone is gone")
        message = {"command": name, "token": token} | ({"params": params} if params else {})
        body = json.dumps(message).encode()
        self._writer.write(b"%d:%s," % (len(body), body))

    async def _listen(self) -> None:
        """Takes answers and events until the process ends."""
        with suppress(asyncio.IncompleteReadError, OSError):
            while self._reader is not None:
                size = await self._reader.readuntil(b":")
                body = await self._reader.readexactly(int(size[:-1]) + 1)
                await self._take(json.loads(body[:-1].decode(errors="replace")))
        for answer in self._answers.values():
            if not answer.done():
                answer.set_result((False, "the phone is gone"))
        await self._happened(PhoneEvent(time.monotonic(), "PHONE_GONE"))

    async def _take(self, message: dict[str, object]) -> None:
        if message.get("response"):
            answer = self._answers.get(str(message.get("token", "")))
            if answer is not None and not answer.done():
                answer.set_result((bool(message.get("ok")), str(message.get("data", ""))))
        elif message.get("event"):
            await self._happened(
                PhoneEvent(
                    at=time.monotonic(),
                    kind=str(message.get("type", "")),
                    call=str(message.get("id", "")),
                    peer=str(message.get("peeruri", "")),
                    name=str(message.get("peerdisplayname", "")),
                    param=str(message.get("param", "")),
                    incoming=message.get("direction") == "incoming",
                )
            )

    async def _happened(self, event: PhoneEvent) -> None:
        self.events.append(event)
        self._heed(event)
        async with self._changed:
            self._changed.notify_all()

    def claim_recording(self, name: Path) -> None:
        """Gives the file of a call whose sound has just begun its name; without a file, nothing.

        Baresip names files by the second: the next call must not find this one's under that name.
        """
        for said in self.workdir.glob(SAID):
            said.unlink()
        for heard in sorted(self.workdir.glob(HEARD)):
            heard.rename(name)

    async def until(self, holds: Callable[[], bool], deadline_s: float, what: str) -> None:
        """Returns when `holds()` is true, looking again after each event.

        Raises:
            TimeoutError: It was not within `deadline_s` seconds; with what happened instead.
        """
        try:
            async with asyncio.timeout(deadline_s), self._changed:
                await self._changed.wait_for(holds)
        except TimeoutError:
            seen = ", ".join(event.kind for event in self.events[-6:]) or "nothing"
            raise TimeoutError(
                f"{self.workdir.name}: {what}: not within {deadline_s} s; last events: {seen}"
            ) from None
