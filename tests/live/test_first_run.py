"""The first run against a real Asterisk: what is wrong there is said, and calls go on."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.asterisk import AsteriskServer
from siaga import remedy
from tests.live.centre import quick_settings
from tests.live.post import Post, open_post
from tests.siaga.service import CREDENTIAL, LIMIT_S, Site, started

pytestmark = pytest.mark.live

SILENT_S = 20.0
"""A caller who presses nothing rings a human within this; here no prompt takes time."""


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    """A post whose Asterisk has no prompt at all."""
    async with open_post(tmp_path, sounds=None) as post:
        yield post


@pytest.fixture
def site(tmp_path: Path, post: Post) -> Site:
    """Settings that lead to this Asterisk."""
    return site_at(post, tmp_path, "first")


def site_at(post: Post, home: Path, name: str) -> Site:
    """One more daemon's folders, on the same Asterisk."""
    site = Site.make(home / name, quick_settings(home / f"{name}-settings"))
    site.write("siaga", asterisk={"base_url": post.pbx.ari_url}, drain_s=1)
    return site


def credential(pbx: AsteriskServer) -> dict[str, str]:
    """The environment of a daemon that is let in."""
    return {"SIAGA_ARI_USER": pbx.ari_user, "SIAGA_ARI_PASSWORD": pbx.ari_password}


async def beating(pbx: AsteriskServer) -> None:
    """Returns when calls are given to the daemon."""
    async with asyncio.timeout(LIMIT_S):
        while "SIAGA_HB=1" not in await pbx.cli("dialplan show globals"):  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.1)


async def test_without_any_prompt_and_with_all_else_broken_a_silent_caller_reaches_an_operator(
    post: Post, site: Site
) -> None:
    """No prompt, no disk for records and state, no port for the console: the operator rings."""
    phone = await post.seat("medis-1")
    (site.home / "records").write_text("in the way")
    site.state.write_text("in the way")
    site.write("siaga", sounds={"folder": str(site.home / "nowhere")})
    caller = await post.citizen()
    with socket.create_server(("127.0.0.1", site.console_port)):
        async with started(site, credential(post.pbx)) as service:
            for name in (remedy.PROMPTS, remedy.SPOOL, remedy.NOT_KEPT, remedy.CONSOLE):
                await service.told(name)
            await beating(post.pbx)
            await caller.dial("112")
            assert (await phone.offered(SILENT_S)).name == "112 UMUM"
            await phone.established(3.0)
            await caller.hangup()
            await phone.closed(3.0)
            await service.told(remedy.FLOOR)
            site.state.unlink()
            await service.over(remedy.FLOOR)
            (site.home / "records").unlink()
            await service.until(lambda: site.records("ended"))


async def test_each_way_in_which_asterisk_refuses_is_told_apart(post: Post, site: Site) -> None:
    """No ARI, a wrong password, no right to write: each in its line; mended, it serves at once."""
    file = post.pbx.workdir / "etc" / "siaga" / "siaga-ari.conf"
    shipped = file.read_text()
    good = shipped.replace(post.pbx.ari_password, CREDENTIAL["SIAGA_ARI_PASSWORD"])

    async def use(text: str) -> None:
        file.write_text(text)
        await post.pbx.cli("module reload res_ari.so")

    await use(shipped.replace("enabled = yes", "enabled = no"))
    async with started(site) as service:
        assert "(404)" in (await service.told(remedy.ASTERISK_DOWN))["why"]
        await use(shipped)
        entry = await service.told(remedy.ASTERISK_DOWN, 2)
        assert "(401)" in entry["why"]
        assert "SIAGA_ARI_USER and SIAGA_ARI_PASSWORD" in entry["why"]
        assert CREDENTIAL["SIAGA_ARI_PASSWORD"] not in service.text
        await use(good.replace("read_only = no", "read_only = yes"))
        assert "(403)" in (await service.told(remedy.ASTERISK_DOWN, 3))["why"]
        await use(good)
        await service.over(remedy.ASTERISK_DOWN)
        await beating(post.pbx)
    assert len(service.entries(remedy.ASTERISK_DOWN)) == 3


async def test_of_two_daemons_the_first_waits_and_says_so(
    post: Post, site: Site, tmp_path: Path
) -> None:
    """The newer one serves; the older one does not fight, and serves again when it has gone."""
    async with started(site, credential(post.pbx)) as first:
        await first.told("asterisk_up")
        async with started(site_at(post, tmp_path, "second"), credential(post.pbx)) as second:
            entry = await first.told(remedy.STANDBY)
            assert "'siaga'" in entry["why"]
            assert "stop one of the two" in entry["do"]
            await second.told("asterisk_up")
            status, value = await first.asked("/readyz")
            assert (status, value["why"][:7]) == (503, "standby")
            assert len(second.entries(remedy.STANDBY)) == 0
        await first.over(remedy.STANDBY)
        await beating(post.pbx)
    assert len(first.entries(remedy.STANDBY)) == 1
