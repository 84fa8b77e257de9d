"""The whole system on loopback: prompts, Asterisk, the daemon and the operators' phones.

Everything lives in one work folder and ends with the context; nothing else is touched.
"""

import asyncio
import shutil
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from ruamel.yaml import YAML

from routing.operator import SeatId
from sandbox.asterisk import AsteriskServer
from sandbox.behaviour import Answer, Behaviour
from sandbox.cable import Cable
from sandbox.caller import Caller, OutsidePhone
from sandbox.daemon import OWN, DaemonProcess
from sandbox.middleman import Middleman
from sandbox.phone import Softphone
from sandbox.port import free_tcp_port
from sandbox.site import TRUNK_ADDRESS, Site
from sandbox.sound import prompts_folder
from sandbox.toolbox import NotProvisioned, Toolbox, open_toolbox
from siaga.clock import SystemClock
from siaga.pin import Digest
from siaga.problem import SettingsError
from siaga.settings import Settings, load
from siaga.sound import SoundError

CONFIG = Path(__file__).parent.parent / "config"
SOON = timedelta(minutes=10)
"""Operators of a shift that begins within this are registered too."""
CALLER_TONE_HZ = 440.0
FIRST_OPERATOR_TONE_HZ = 600.0
TONE_STEP_HZ = 55.0
"""Each operator's phone sends a tone of its own, so that a recording tells who was heard."""


OUTSIDE_TONE_HZ = 500.0
LEFT_LIMIT_S = 5.0
"""For all to end after both sides have hung up; Asterisk needs some 10 ms."""
LEFT_POLL_S = 0.05
PIN, PIN_COST = "2468", 2
"""Everybody's in the sandbox, where nobody has to be kept from guessing it."""
PICK_UP_S, PICK_UP_STEP_S = 1.0, 0.3
"""Each operator picks up a little later than the one before, as people do."""
FAULTS = (RuntimeError, TimeoutError, OSError, NotProvisioned, SettingsError, SoundError)
"""What may keep the system from starting; each message says what to do."""


class System:
    """Asterisk, daemon and phones, started and stopped together.

    Args:
        workdir: An empty folder that everything is kept in; the caller of this class removes it.
        config: The settings; a copy with this machine's ports is what the daemon gets.
        site: Asterisk's ports and numbers, if not drawn here.
        sounds: The folder of prompts, if not that of the settings; an empty one is silence.
        by_cable: The daemon reaches Asterisk by a `cable` that can be cut.
        by_middleman: The daemon reaches Asterisk by a `middleman` who can refuse, delay and invent.
        serve: Whether the daemon is started; if not, callers are somebody else's.
        stepped: Asterisk and daemon read a clock that `step_clock` puts forward and back.
        program: The daemon's, if not its own entry (daemon.BREAKABLE, daemon.loaded).
    """

    def __init__(  # noqa: PLR0913 - what a test may need to be there
        self,
        workdir: Path,
        config: Path = CONFIG,
        site: Site | None = None,
        sounds: Path | None = None,
        *,
        by_cable: bool = False,
        by_middleman: bool = False,
        serve: bool = True,
        stepped: bool = False,
        program: Sequence[str] = OWN,
    ) -> None:
        self.workdir = workdir
        self.toolbox: Toolbox = open_toolbox()
        self.phones: dict[SeatId, Softphone] = {}
        self._source = config
        self._by_cable = by_cable
        self._by_middleman = by_middleman
        self._serve = serve
        self._program = program
        self._clock = workdir / "clock" if stepped else None
        self._site = site
        self._sounds = sounds
        self._stack = AsyncExitStack()
        self._callers = 0
        self._seats = 0

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self.step_clock(0)
            self.sounds = self._sounds or await prompts_folder(self.toolbox, self._source)
            self.pbx = await stack.enter_async_context(
                AsteriskServer(
                    self.toolbox, self.workdir / "pbx", self.sounds, self._site, self._clock
                )
            )
            self.cable = await stack.enter_async_context(Cable(self.pbx.site.http_port))
            self.middleman = Middleman(self.pbx.site.http_port)
            if self._by_middleman:
                await stack.enter_async_context(self.middleman)
            self.console_port = free_tcp_port()
            self.config = self._own_config("config", self.console_port)
            self.settings: Settings = load(self.config)
            self.daemon = DaemonProcess(
                self.config,
                self.pbx,
                self.workdir / "daemon.log",
                self.console_port,
                self._clock,
                program=self._program,
            )
            self._give_pins()
            if self._serve:
                await stack.enter_async_context(self.daemon)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    @property
    def spool(self) -> Path:
        """The folder of the daemon's records."""
        return self.workdir / "spool"

    @property
    def talks(self) -> Path:
        """The folder of recordings, where the settings want any."""
        return self.workdir / "talks"

    def _give_pins(self) -> None:
        """Everybody may sign on."""
        digest = Digest.of(PIN, PIN_COST).text
        people = self.settings.operators.people
        self.daemon.pins.write_text("".join(f"{person}:{digest}\n" for person in people))

    def step_clock(self, seconds: int) -> None:
        """Puts the clock of a stepped system to so many seconds after the machine's, at once."""
        self._set_clock(f"{seconds:+d}")

    def stop_clock(self, at: datetime) -> None:
        """Lets Asterisk's clock of a stepped system stand still at an instant.

        What waits for the wall clock waits for ever, so this is for moments. The daemon cannot read
        such a clock: it has to be away.
        """
        self._set_clock(f"{at.astimezone():%Y-%m-%d %H:%M:%S}")

    def _set_clock(self, text: str) -> None:
        if self._clock is not None:
            new = self._clock.with_suffix(".new")
            new.write_text(text)
            new.replace(self._clock)

    async def second_daemon(self) -> DaemonProcess:
        """Another daemon on the same Asterisk, with a console of its own and the same spool."""
        port = free_tcp_port()
        config = self._own_config("config-2", port)
        daemon = DaemonProcess(config, self.pbx, self.workdir / "daemon-2.log", port)
        return await self._stack.enter_async_context(daemon)

    def _own_config(self, folder: str, console_port: int) -> Path:
        """The settings with this sandbox's address, ports and folder filled in."""
        own = self.workdir / folder
        shutil.copytree(self._source, own)
        yaml = YAML()
        path = own / "siaga.yaml"
        values = yaml.load(path)
        values["asterisk"]["base_url"] = self._way_to_asterisk
        values["asterisk"]["dialplan"] = str(self.pbx.duty_folder)
        values["asterisk"]["event_log"] = str(self.pbx.event_log)
        values["drain_s"] = 2
        values["console"]["port"] = console_port
        values["journal"]["spool"] = str(self.spool)
        values["sounds"]["folder"] = str(self.sounds)
        if "recording" in values:
            folders = {"folder": str(self.talks), "spool": str(self.pbx.recordings)}
            values["recording"].update(folders)
        yaml.dump(values, path)
        return own

    @property
    def _way_to_asterisk(self) -> str:
        if self._by_middleman:
            return self.middleman.url
        return self.cable.url if self._by_cable else self.pbx.ari_url

    def seats_on_duty(self) -> tuple[SeatId, ...]:
        """The seats of who is on duty now or soon, then the coordinator's and the post's phone."""
        now = SystemClock().now().wall
        roster, operators = self.settings.plan().roster, self.settings.operators
        people = [duty.person for at in (now, now + SOON) for duty in roster.on_duty(at)]
        seats = [seat for person in dict.fromkeys(people) for seat in operators.seats_of(person)]
        always = [SeatId("koordinator"), operators.post]
        return tuple(dict.fromkeys([*seats, *always]))

    async def register(self, seat: str, behaviour: Behaviour | None = None) -> Softphone:
        """A phone at that seat, registered; it answers after a second unless told otherwise."""
        endpoint = self.settings.operators.seats[SeatId(seat)].endpoint
        number, self._seats = self._seats, self._seats + 1
        phone = Softphone(
            self.toolbox,
            self.workdir / f"phone-{seat}",
            server=(self.pbx.sip_host, self.pbx.sip_port),
            user=endpoint,
            password=self.pbx.password_of(endpoint),
            tone_hz=FIRST_OPERATOR_TONE_HZ + TONE_STEP_HZ * number,
            behaviour=behaviour or Answer(PICK_UP_S + PICK_UP_STEP_S * number),
        )
        await self._stack.enter_async_context(phone)
        await phone.registered(10.0)
        self.phones[SeatId(seat)] = phone
        return phone

    async def outside(
        self, number: str, behaviour: Behaviour, trunk: str = "telkom"
    ) -> OutsidePhone:
        """A phone behind a trunk, such as the neighbour's centre."""
        phone = OutsidePhone(
            self.toolbox,
            self.workdir / f"outside-{number}",
            trunk_ip=TRUNK_ADDRESS[trunk],
            sip_port=self.pbx.trunk_port,
            server=(self.pbx.sip_host, self.pbx.sip_port),
            number=number,
            tone_hz=OUTSIDE_TONE_HZ,
            behaviour=behaviour,
        )
        return await self._stack.enter_async_context(phone)

    async def left(self) -> str:
        """What is in progress in Asterisk or the daemon; empty when nothing is."""
        channels = (await self.pbx.cli("core show channels concise")).strip()
        bridges = (await self.pbx.cli("bridge show all")).splitlines()[1:]
        return "\n".join([*filter(None, [channels]), *bridges, *await self._in_daemon()])

    async def _in_daemon(self) -> list[str]:
        if not self.daemon.is_running:
            return []
        status = await self.daemon.status()
        return [f"task {name}" for name in status["tasks"]] + [
            f"call {call}" for call in status["calls"]
        ]

    async def empty(self) -> None:
        """Returns when nothing is in progress any more; a frozen daemon goes on for it.

        Raises:
            RuntimeError: Something still is, after LEFT_LIMIT_S.
        """
        if self.daemon.is_running:
            self.daemon.thaw()
        for _ in range(round(LEFT_LIMIT_S / LEFT_POLL_S)):
            left = await self.left()
            if not left:
                return
            await asyncio.sleep(LEFT_POLL_S)
        raise RuntimeError(f"left over:\n{left}")

    async def caller(self, number: str, trunk: str = "seluler") -> Caller:
        """A citizen's phone behind a carrier's trunk."""
        self._callers += 1
        caller = Caller(
            self.toolbox,
            self.workdir / f"caller-{self._callers}",
            trunk_ip=TRUNK_ADDRESS[trunk],
            server=(self.pbx.sip_host, self.pbx.sip_port),
            number=number,
            tone_hz=CALLER_TONE_HZ,
        )
        await self._stack.enter_async_context(caller)
        return caller
