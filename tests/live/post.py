"""The post without its daemon: a real Asterisk, real phones, and hands on ARI."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp

from sandbox.asterisk import AsteriskServer
from sandbox.audio import write_tone
from sandbox.behaviour import Answer, Behaviour
from sandbox.caller import Caller, OutsidePhone
from sandbox.phone import Softphone
from sandbox.site import TRUNK_ADDRESS
from sandbox.toolbox import open_toolbox

CITIZEN = "081234567890"
CITIZEN_HZ = 440.0
OPERATOR_HZ = 600.0
PROMPT_HZ = {
    "cadangan_menu": 1000.0,
    "cadangan_tunggu": 1200.0,
    "maaf": 1400.0,
    "outside_confirm": 1600.0,
}
"""Each prompt is a tone here, so that what was heard can be told apart at once."""
PROMPT_S = 0.6
TALK_S = 3.2
"""A talk that is longer than a slip of the hand: an operator's hang-up within 3 s is none."""
EMPTY_LIMIT_S = 3.0
POLL_S = 0.05


def make_sounds(folder: Path) -> Path:
    """A prompts folder in which every prompt of the last resort is a tone of its own."""
    (folder / "id").mkdir(parents=True)
    for name, hz in PROMPT_HZ.items():
        write_tone(folder / "id" / f"{name}.wav", hz, PROMPT_S)
    return folder


class Post:
    """Asterisk with phones that are added as a test needs them."""

    def __init__(self, pbx: AsteriskServer, folder: Path, stack: AsyncExitStack) -> None:
        self.pbx = pbx
        self._folder = folder
        self._stack = stack
        self._server = (pbx.sip_host, pbx.sip_port)
        self._count = 0

    def _own(self, name: str) -> Path:
        self._count += 1
        return self._folder / f"{name}-{self._count}"

    async def seat(
        self, seat: str, behaviour: Behaviour | None = None, hz: float = OPERATOR_HZ
    ) -> Softphone:
        """A registered phone; it answers at once unless told otherwise."""
        phone = Softphone(
            self.pbx.toolbox,
            self._own(seat),
            server=self._server,
            user=f"siaga-{seat}",
            password=self.pbx.password_of(f"siaga-{seat}"),
            tone_hz=hz,
            behaviour=behaviour or Answer(),
        )
        await self._stack.enter_async_context(phone)
        await phone.registered(5.0)
        return phone

    async def citizen(self, trunk: str = "telkom", address: str = "", number: str = "") -> Caller:
        """A citizen behind a trunk, or at any other address."""
        caller = Caller(
            self.pbx.toolbox,
            self._own("citizen"),
            trunk_ip=address or TRUNK_ADDRESS[trunk],
            server=self._server,
            number=number or CITIZEN,
            tone_hz=CITIZEN_HZ,
        )
        return await self._stack.enter_async_context(caller)

    async def outside(self, behaviour: Behaviour, trunk: str = "seluler") -> OutsidePhone:
        """The number outside, behind a trunk."""
        phone = OutsidePhone(
            self.pbx.toolbox,
            self._own("outside"),
            trunk_ip=TRUNK_ADDRESS[trunk],
            sip_port=self.pbx.trunk_port,
            server=self._server,
            number=self.pbx.site.outside_number,
            tone_hz=OPERATOR_HZ,
            behaviour=behaviour,
        )
        return await self._stack.enter_async_context(phone)

    async def beat(self, age_s: int = 0) -> None:
        """Writes a heartbeat, as the daemon would have so many seconds ago."""
        await self.pbx.set_global("SIAGA_HB", str(int(time.time()) - age_s))

    async def on_duty(self, service: str, *seats: str) -> None:
        """Writes who is on duty, as the daemon would."""
        value = "&".join(f"PJSIP/siaga-{seat}" for seat in seats)
        await self.pbx.set_global(f"SIAGA_DUTY_{service}", value)

    async def empty(self) -> None:
        """Returns when Asterisk has no channel.

        Raises:
            AssertionError: One is left after EMPTY_LIMIT_S.
        """
        shown = ""
        with suppress(TimeoutError):
            async with asyncio.timeout(EMPTY_LIMIT_S):
                while True:
                    shown = await self.pbx.cli("core show channels concise")
                    if not shown.strip():
                        return
                    await asyncio.sleep(POLL_S)
        raise AssertionError(f"channels are left:\n{shown}")


@asynccontextmanager
async def open_post(folder: Path, sounds: Path | None) -> AsyncIterator[Post]:
    """A post that must be empty at its end."""
    async with AsyncExitStack() as stack:
        pbx = AsteriskServer(open_toolbox(), folder / "pbx", sounds)
        await stack.enter_async_context(pbx)
        post = Post(pbx, folder, stack)
        yield post
        await post.empty()


class Hands:
    """An application on ARI that does only what a test tells it: a daemon that lives or not."""

    def __init__(
        self, post: Post, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse
    ) -> None:
        self._url = f"{post.pbx.ari_url}/ari"
        self._session = session
        self._socket = socket

    async def started(self, deadline_s: float = 5.0) -> tuple[str, list[str]]:
        """The channel and the arguments of the next StasisStart."""
        event = await self.event("StasisStart", deadline_s)
        return event["channel"]["id"], event["args"]

    async def event(self, kind: str, deadline_s: float = 5.0) -> Any:
        """The next event of that kind; others before it are dropped.

        Raises:
            TimeoutError: None came in time.
        """
        async with asyncio.timeout(deadline_s):
            while True:
                event = await self._socket.receive_json()
                if event["type"] == kind:
                    return event

    async def do(self, method: str, path: str, **query: str) -> None:
        """A request that must succeed."""
        async with self._session.request(method, f"{self._url}/{path}", params=query) as reply:
            assert reply.status < 300, await reply.text()

    async def set(self, channel: str, variable: str, value: str) -> None:
        """Sets a channel's variable."""
        await self.do("POST", f"channels/{channel}/variable", variable=variable, value=value)

    async def answer(self, caller: Caller) -> str:
        """Lets the citizen dial 112, takes the call out of `Stasis(siaga,new)` and answers it."""
        dialling = asyncio.create_task(caller.dial("112"))
        channel, args = await self.started()
        assert args == ["new"]
        await self.do("POST", f"channels/{channel}/answer")
        await dialling
        await caller.established(3.0)
        return channel

    async def ring(self, seat: str, leg: str, caller: str) -> None:
        """Rings a seat for a caller, as the daemon does."""
        await self.do(
            "POST",
            "channels/create",
            endpoint=f"PJSIP/siaga-{seat}",
            app="siaga",
            appArgs="leg,1",
            channelId=leg,
            originator=caller,
        )
        await self.event("StasisStart")
        await self.set(caller, "SIAGA_LEGS", leg)
        await self.do("POST", f"channels/{leg}/dial")

    async def join(self, caller: str, leg: str) -> None:
        """Bridges caller and leg, as the daemon does, fuse and handler included."""
        await self.do("POST", "bridges/both", type="mixing")
        for channel in (caller, leg):
            await self.do("POST", "bridges/both/addChannel", channel=channel)
        handler = f"siaga-leg-gone,s,1({caller})"
        await self.set(leg, "CHANNEL(hangup_handler_push)", handler)
        await self.set(caller, "TIMEOUT(absolute)", "0")


@asynccontextmanager
async def open_hands(post: Post) -> AsyncIterator[Hands]:
    """The application `siaga`, connected."""
    pair = f"{post.pbx.ari_user}:{post.pbx.ari_password}".encode()
    headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    url = f"{post.pbx.ari_url}/ari/events?app=siaga"
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.ws_connect(url) as socket,
    ):
        yield Hands(post, session, socket)
