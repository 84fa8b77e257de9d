"""Who gets into Asterisk, and how far."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.behaviour import Answer
from sandbox.caller import CallClosed, Caller
from sandbox.phone import PhoneError, Softphone
from tests.live.post import CITIZEN, OPERATOR_HZ, Post, make_sounds, open_post

pytestmark = pytest.mark.live


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    """A post that must not get a call."""
    async with open_post(tmp_path, make_sounds(tmp_path / "sounds")) as post:
        yield post


async def refusal(phone: Caller | Softphone, number: str) -> str:
    """How Asterisk refuses a call to that number."""
    await phone.dial(number)
    with pytest.raises(CallClosed) as closed:
        await phone.established(3.0)
    return closed.value.call.reason


@pytest.mark.parametrize("name", [CITIZEN, "siaga-telkom", "siaga-seluler", "siaga-medis-1"])
async def test_nobody_gets_in_without_proof(post: Post, name: str) -> None:
    """A call from no trunk's address is refused, whatever it calls itself."""
    stranger = await post.citizen(address="127.0.0.21", number=name)
    for number in ("112", "6101", CITIZEN):
        assert (await refusal(stranger, number)).startswith("401")
    await post.empty()


async def test_a_wrong_password_does_not_register(post: Post) -> None:
    """A seat needs its own password."""
    phone = Softphone(
        post.pbx.toolbox,
        post.pbx.workdir / "intruder",
        server=(post.pbx.sip_host, post.pbx.sip_port),
        user="siaga-medis-1",
        password=post.pbx.password_of("siaga-medis-2"),
        tone_hz=OPERATOR_HZ,
        behaviour=Answer(),
    )
    async with phone:
        with pytest.raises(PhoneError):
            await phone.registered(5.0)


@pytest.mark.parametrize("number", ["6101", CITIZEN, "1123", "0725112112", "110", "siaga-medis-1"])
async def test_a_trunk_reaches_112_and_nothing_else(post: Post, number: str) -> None:
    """Neither the operators' extensions nor the other trunk can be dialled from a trunk."""
    await post.seat("medis-1")
    caller = await post.citizen()
    assert (await refusal(caller, number)).startswith("404")


@pytest.mark.parametrize("number", ["112", "0725112", "021112", "+62725112", "62725112", "026112"])
async def test_every_way_to_write_112_reaches_the_centre(post: Post, number: str) -> None:
    """Carriers deliver 112 plain, with area code, with country code, or as their own number."""
    caller = await post.citizen()
    await caller.dial(number)
    await caller.established(3.0)
    await caller.hangup()


@pytest.mark.parametrize(
    "number", ["08091234567", "0011234567890", "00628123456789", "01712345678", "999", "s", "h"]
)
async def test_an_operator_cannot_dial_what_costs(post: Post, number: str) -> None:
    """Premium numbers, abroad, carrier selection and the dialplan's own names are refused."""
    medis = await post.seat("medis-1")
    assert (await refusal(medis, number)).startswith("404")


@pytest.mark.parametrize("number", [CITIZEN, "+6281234567890", "0725123456", "119"])
async def test_an_operator_rings_back_by_the_trunk(post: Post, number: str) -> None:
    """Mobile and fixed numbers and the country's emergency numbers go out."""
    medis, citizen = await post.seat("medis-1"), await post.outside(Answer())
    await medis.dial(number)
    await citizen.established(3.0)
    await medis.hangup()


async def test_operators_reach_each_other(post: Post) -> None:
    """A short extension rings the colleague, who sees who calls."""
    medis, damkar = await post.seat("medis-1"), await post.seat("damkar-2", hz=700.0)
    await medis.dial("6202")
    await damkar.established(3.0)
    assert (damkar.offers[0].name, damkar.offers[0].number) == ("Medis 1", "6101")
    await medis.hangup()
