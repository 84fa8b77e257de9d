"""The ARI layer on a real Asterisk."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandbox.asterisk import AsteriskServer
from sandbox.toolbox import open_toolbox
from switch.client import Standby, Switch, Up
from switch.credential import Credential
from switch.error import Gone, Refused
from switch.event import ChannelUserevent
from tests.switch.wire import Ear

pytestmark = pytest.mark.live


@pytest.fixture
async def pbx(tmp_path: Path) -> AsyncIterator[AsteriskServer]:
    """An Asterisk with nobody in it."""
    async with AsteriskServer(open_toolbox(), tmp_path / "pbx") as pbx:
        yield pbx


@asynccontextmanager
async def connected(
    pbx: AsteriskServer,
    ear: Ear,
    password: str = "",
    *,
    free: Callable[[], bool] = lambda: False,
) -> AsyncIterator[Switch]:
    """A running switch on it, which takes a lost application again when it is free."""

    async def is_free() -> bool:
        return free()

    switch = Switch(
        base_url=pbx.ari_url,
        credential=Credential(pbx.ari_user, password or pbx.ari_password),
        app="siaga",
        on_event=ear.take,
        on_link=ear.links.put_nowait,
        draw=lambda: 0.0,
        is_free=is_free,
    )
    task = asyncio.create_task(switch.run())
    try:
        yield switch
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await switch.close()


async def test_globals_lists_and_events_go_there_and_back(pbx: AsteriskServer) -> None:
    """Version, endpoints, a global of any characters, and a user event with its variables."""
    ear = Ear()
    async with connected(pbx, ear) as switch:
        up = await ear.link(Up)
        assert isinstance(up, Up)
        assert int(up.version.split(".")[0]) >= 20
        assert "siaga-medis-1" in {endpoint.resource for endpoint in await switch.endpoints()}
        assert await switch.get_global("SIAGA_TRY") == ""
        await switch.set_global("SIAGA_TRY", "PJSIP/a&PJSIP/b")
        assert await switch.get_global("SIAGA_TRY") == "PJSIP/a&PJSIP/b"
        await switch.user_event("beat", {"sent": "1.5"})
        event = await ear.event()
        assert isinstance(event, ChannelUserevent)
        assert event.userevent["sent"] == "1.5"
        assert await switch.channels() == []
        assert await switch.bridges() == []


async def test_refusals_have_asterisks_reason(pbx: AsteriskServer) -> None:
    """No such channel; an endpoint without contact; a bridge that is not there."""
    ear = Ear()
    async with connected(pbx, ear) as switch:
        await ear.link(Up)
        with pytest.raises(Gone, match="Channel not found"):
            await switch.channel("none").answer()
        with pytest.raises(Refused, match="500"):
            await switch.channel("leg").create("PJSIP/siaga-medis-1")
        assert not await switch.channel("none").hangup()
        assert not await switch.bridge("none").destroy()


async def test_a_wrong_password_is_told(pbx: AsteriskServer) -> None:
    """Down with 401, again and again, and the password in no word of it."""
    ear = Ear()
    async with connected(pbx, ear, "not this") as switch:
        async with asyncio.timeout(3.0):
            down = await ear.links.get()
        assert "401" in str(down)
        assert "not this" not in str(down)
        assert switch.connects == 0


async def test_the_second_takes_the_application_and_the_first_takes_it_back(
    pbx: AsteriskServer,
) -> None:
    """Standby while the other lives, then events again."""
    first, second = Ear(), Ear()
    gone = asyncio.Event()
    async with connected(pbx, first, free=gone.is_set) as one:
        await first.link(Up)
        async with connected(pbx, second):
            await second.link(Up)
            await first.link(Standby)
        gone.set()
        await first.link(Up)
        await one.user_event("mine", {})
        assert isinstance(await first.event(), ChannelUserevent)
