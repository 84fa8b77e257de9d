"""The phones of the sandbox do on a real line what their methods say."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from sandbox.asterisk import AsteriskServer
from sandbox.audio import tone_present, write_tone
from sandbox.caller import CallClosed, Caller, OutsidePhone
from sandbox.phone import Answer, Behaviour, Decline, Ignore, PhoneError, Softphone
from sandbox.port import free_udp_port
from sandbox.toolbox import Toolbox, open_toolbox

pytestmark = pytest.mark.live

CALLER_HZ = 440
MENU_HZ = 1000
LIMIT_S = 5.0
TALK_S = 1.2
"""Long enough for half a second of tone at each side."""
NUMBER = "081234567890"


@pytest.fixture(scope="module")
def toolbox() -> Toolbox:
    """The programs."""
    return open_toolbox()


@pytest.fixture
async def asterisk(toolbox: Toolbox, tmp_path: Path) -> AsyncIterator[AsteriskServer]:
    """An Asterisk without a daemon: 112 is served by the last resort."""
    sounds = tmp_path / "sounds"
    (sounds / "id").mkdir(parents=True)
    write_tone(sounds / "id" / "cadangan_menu.wav", MENU_HZ, 2.0)
    async with AsteriskServer(toolbox, tmp_path / "pbx", sounds) as server:
        await server.set_global("SIAGA_DUTY_medis", "PJSIP/siaga-medis-1&PJSIP/siaga-medis-2")
        yield server


class Post:
    """Phones at the seats of one Asterisk, and callers of it."""

    def __init__(self, toolbox: Toolbox, asterisk: AsteriskServer, folder: Path) -> None:
        self._toolbox = toolbox
        self._asterisk = asterisk
        self._folder = folder
        self._server = (asterisk.sip_host, asterisk.sip_port)

    def phone(self, seat: str, tone_hz: int, behaviour: Behaviour) -> Softphone:
        """The phone at that seat, not started."""
        user = f"siaga-{seat}"
        return Softphone(
            self._toolbox,
            self._folder / seat,
            server=self._server,
            user=user,
            password=self._asterisk.password_of(user),
            tone_hz=tone_hz,
            behaviour=behaviour,
        )

    def caller(self, name: str = "") -> Caller:
        """A citizen behind the trunk `telkom`, not started."""
        return Caller(
            self._toolbox,
            self._folder / "caller",
            trunk_ip="127.0.0.11",
            server=self._server,
            number=NUMBER,
            name=name,
            tone_hz=CALLER_HZ,
        )


@pytest.fixture
def post(toolbox: Toolbox, asterisk: AsteriskServer, tmp_path: Path) -> Post:
    """The post of that Asterisk."""
    return Post(toolbox, asterisk, tmp_path)


def runs(pid: int) -> bool:
    """Whether there is a process of that id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def choose_medical(caller: Caller) -> None:
    """Dials 112 and presses 1."""
    await caller.dial("112")
    await caller.established(LIMIT_S)
    await caller.press("1")


async def test_caller_and_operator_hear_each_other(post: Post) -> None:
    """Each tone is in what the other side heard, no third one is; the second phone falls silent."""
    async with (
        post.phone("medis-1", 600, Answer(0.5)) as first,
        post.phone("medis-2", 700, Ignore()) as second,
        post.caller() as caller,
    ):
        await first.registered(LIMIT_S)
        await second.registered(LIMIT_S)
        await choose_medical(caller)
        offer = await second.offered(LIMIT_S)
        assert offer.number == NUMBER
        talk = await first.established(LIMIT_S)
        assert talk.talking_at is not None
        assert talk.talking_at - talk.began_at >= 0.5
        await second.closed(LIMIT_S)
        await asyncio.sleep(TALK_S)
        await caller.hangup()
        assert await first.closed(LIMIT_S) == "Connection reset by peer"
        assert tone_present(first.recording(), CALLER_HZ)
        assert tone_present(caller.recording(), 600)
        assert not tone_present(caller.recording(), 700)
        with pytest.raises(PhoneError, match="heard nothing"):
            second.recording()


async def test_a_declined_call_goes_to_the_next_phone(post: Post) -> None:
    """Who declines does not get the call; another phone does."""
    async with (
        post.phone("medis-1", 600, Decline()) as first,
        post.phone("damkar-1", 700, Answer()) as second,
        post.caller() as caller,
    ):
        await first.registered(LIMIT_S)
        await second.registered(LIMIT_S)
        await choose_medical(caller)
        declined = await first.offered(LIMIT_S)
        await second.established(LIMIT_S)
        assert declined.reason == "Connection reset by user"
        assert all(call.talking_at is None for call in first.calls)


async def test_only_a_registered_phone_is_rung(post: Post) -> None:
    """A colleague's call fails while the phone is unregistered, and rings it when it is back."""
    async with (
        post.phone("medis-1", 600, Ignore()) as first,
        post.phone("medis-2", 700, Ignore()) as second,
    ):
        await first.registered(LIMIT_S)
        await second.registered(LIMIT_S)
        await first.unregister()
        await second.dial("6101")
        with pytest.raises(CallClosed):
            await second.established(LIMIT_S)
        assert not first.offers
        await first.register()
        await first.registered(LIMIT_S)
        await second.dial("6101")
        await first.offered(LIMIT_S)
        await second.hangup()
        await first.closed(LIMIT_S)
        assert len(first.offers) == 1


async def test_a_wrong_password_is_told(
    toolbox: Toolbox, asterisk: AsteriskServer, tmp_path: Path
) -> None:
    """A phone that Asterisk refuses says so instead of waiting."""
    async with Softphone(
        toolbox,
        tmp_path / "phone",
        server=(asterisk.sip_host, asterisk.sip_port),
        user="siaga-medis-1",
        password="wrong",  # noqa: S106 (that is the point)
        tone_hz=600,
        behaviour=Ignore(),
    ) as phone:
        with pytest.raises(PhoneError, match="siaga-medis-1 could not register"):
            await phone.registered(LIMIT_S)


async def test_a_killed_phone_says_nothing(post: Post) -> None:
    """A phone without power leaves its call open at the other side and its process is gone."""
    async with (
        post.phone("medis-1", 600, Answer()) as phone,
        post.caller() as caller,
    ):
        await phone.registered(LIMIT_S)
        await choose_medical(caller)
        await phone.established(LIMIT_S)
        pid = phone.pid
        await phone.kill()
        assert not runs(pid)
        assert await phone.closed(LIMIT_S) == "the phone is gone"
        assert (await caller.established(LIMIT_S)).closed_at is None
        with pytest.raises(PhoneError, match="gone"):
            await phone.dial("6102")


async def test_calls_that_end_at_once_do_no_harm(toolbox: Toolbox, tmp_path: Path) -> None:
    """A phone survives calls that end as they are answered, and the next one is heard."""
    port = free_udp_port("127.0.0.12")
    async with (
        outside(toolbox, tmp_path, port, Answer()) as doctor,
        Caller(
            toolbox,
            tmp_path / "caller",
            trunk_ip="127.0.0.11",
            server=("127.0.0.12", port),
            number=NUMBER,
            tone_hz=CALLER_HZ,
        ) as caller,
    ):
        for _ in range(10):
            await caller.dial(doctor.number)
            await caller.established(LIMIT_S)
            await caller.hangup()
            await doctor.closed(LIMIT_S)
        await caller.dial(doctor.number)
        await caller.established(LIMIT_S)
        await asyncio.sleep(TALK_S)
        await caller.hangup()
        await doctor.closed(LIMIT_S)
        assert doctor.recording().name == "heard-11.wav"
        assert tone_present(doctor.recording(), CALLER_HZ)
        assert tone_present(caller.recording(), 1000)


def outside(toolbox: Toolbox, folder: Path, port: int, behaviour: Behaviour) -> OutsidePhone:
    """A doctor's mobile behind the trunk `seluler`."""
    return OutsidePhone(
        toolbox,
        folder / "doctor",
        trunk_ip="127.0.0.12",
        sip_port=port,
        server=("127.0.0.11", port),
        number="08190000112",
        tone_hz=1000,
        behaviour=behaviour,
    )


async def test_two_phones_talk_without_asterisk(toolbox: Toolbox, tmp_path: Path) -> None:
    """Number, name, keys and tones cross a plain call, each call in a file of its own."""
    port = free_udp_port("127.0.0.12")
    async with (
        outside(toolbox, tmp_path, port, Answer()) as doctor,
        Caller(
            toolbox,
            tmp_path / "caller",
            trunk_ip="127.0.0.11",
            server=("127.0.0.12", port),
            number=NUMBER,
            name="Ibu Siti",
            tone_hz=CALLER_HZ,
        ) as caller,
    ):
        await caller.dial("08190000112")
        talk = await doctor.established(LIMIT_S)
        assert (talk.number, talk.name) == (NUMBER, "Ibu Siti")
        await caller.established(LIMIT_S)
        await caller.press("159")
        await asyncio.sleep(TALK_S)
        await doctor.hangup()
        assert await caller.closed(LIMIT_S) == "Connection reset by peer"
        keys = [event.param for event in doctor.events if event.kind == "CALL_DTMF_START"]
        assert keys == ["1", "5", "9"]
        assert tone_present(caller.recording(), 1000)
        assert tone_present(doctor.recording(), CALLER_HZ)

        doctor.behaviour = Ignore()
        first = caller.recording()
        await caller.dial("08190000112")
        assert caller.calls[-1].heard != first
        await doctor.offered(LIMIT_S)
        assert (await doctor.offered(LIMIT_S)).talking_at is None
        await caller.cancel()
        assert await doctor.closed(LIMIT_S) == "Connection reset by peer"


async def test_a_phone_ends_with_its_context(toolbox: Toolbox, tmp_path: Path) -> None:
    """No process is left when the context is left, even by an exception."""
    doctor = outside(toolbox, tmp_path, free_udp_port("127.0.0.12"), Ignore())
    with suppress(ZeroDivisionError):
        async with doctor:
            assert runs(doctor.pid)
            raise ZeroDivisionError
    assert not runs(doctor.pid)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"tone_hz": 5000}, "tone_hz=5000"), ({"number": "0812>;x"}, "expected digits")],
)
def test_bad_arguments_are_refused(
    toolbox: Toolbox, tmp_path: Path, wrong: dict[str, object], message: str
) -> None:
    """What baresip would misread is refused before it is started."""
    good: dict[str, object] = {"tone_hz": CALLER_HZ, "number": NUMBER}
    with pytest.raises(ValueError, match=message):
        Caller(
            toolbox,
            tmp_path,
            trunk_ip="127.0.0.11",
            server=("127.0.0.1", 5060),
            **{**good, **wrong},  # type: ignore[arg-type]
        )
