"""What comes over wires: from Asterisk, from carriers through it, from the broker, from sockets."""

import asyncio
import base64
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec
from hypothesis import strategies as st

from console.control import ControlServer, Unfit
from console.message import ANSWER_BYTES, REQUEST_BYTES, Answer, Request
from console.peer import Peer
from ivr.call import CallFlow
from ivr.dialogue import MenuDialogue
from journal.command import FORMS, Letter, read
from journal.post import Command, Refusal, line, to_daemon
from journal.record import Record
from journal.record import decode as decode_record
from journal.record import encode as encode_record
from routing import location
from routing.moment import Instant, Moment
from routing.note import CallId, Note
from routing.plan import Plan
from routing.zone import Evidence
from siaga import adviser, memory
from siaga.arrival import arrival_note, evidence_of, first_step, kept_before
from siaga.instruction import Invalid, instruction_of
from siaga.settings import Settings, load
from switch.agi import BYTES, Dialogue, Malformed
from switch.agi import Request as Question
from switch.asterisk import Asterisk
from switch.error import SwitchError
from switch.event import StasisEnd, StasisStart, Unknown, decode
from tests.fuzz import seed
from tests.fuzz.mutation import document, noise, text, utf8
from tests.fuzz.target import Target
from tests.journal.post import broker_at
from tests.siaga.folder import KOTA_METRO
from tests.switch.test_agi import ENVIRONMENT

AT: Final = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
MOMENT: Final = Moment(Instant(0.0), AT)
REQUESTS: Final = (
    {"siaga112": 1, "ask": "echo", "numbers": True},
    {"siaga112": 1, "ask": "pause", "person": "sri", "for_s": 900.0, "reason": "makan"},
    {"siaga112": 1, "ask": "purge", "days": 30, "dry_run": True, "by": "root", "force": False},
)
COMMANDS: Final[tuple[dict[str, Any], ...]] = (
    {"person": "sri", "for_s": 900, "reason": "rapat", "force": True},
    {"person": "sri", "reason": ""},
    {},
)
BROKER: Final = broker_at(1883, commands=("pause", "ready", "reload"))
TOPICS: Final = (
    "siaga112/command/dinkes/pause",
    "siaga112/command/x/ready",
    "siaga112/command/y/reload",
)
CONVERSATIONS: Final = (
    ENVIRONMENT,
    ENVIRONMENT + b"200 result=1 (112)\n200 result=1\n511 result=-1\nHANGUP\n",
    ENVIRONMENT.replace(b"\n", b"\r\n") + b"520-Invalid\nUsage\n520 End of proper usage.\n",
)


@cache
def kota_metro() -> Settings:
    """The shipped settings."""
    return load(KOTA_METRO)


@cache
def flow() -> CallFlow:
    """A call's rules, by the shipped settings."""
    settings = kota_metro()
    default = settings.catalogue.default_service
    return CallFlow(CallId("c"), MenuDialogue(settings.menu, default), default)


@cache
def plan() -> Plan:
    """The same, compiled."""
    return kota_metro().plan()


def event(data: bytes) -> None:
    """An event, and all that is made of a call that comes in by it, down to the record."""
    found = decode(data)
    if isinstance(found, Unknown):
        return
    if isinstance(found, StasisEnd):
        age_s = found.age_s()
        assert age_s is None or isinstance(age_s, float)
    if isinstance(found, StasisStart):
        kept_before(found, kota_metro().menu)
        begin = first_step(found, plan(), kota_metro().menu, lambda _number: None)
        _, commands = begin(flow(), MOMENT)
        notes = [arrival_note(found), *(each for each in commands if isinstance(each, Note))]
        for place, note in enumerate(notes):
            _recorded(place, note)


def _recorded(place: int, note: Note) -> None:
    """A note can be written down and read again, in one line."""
    written = encode_record(
        Record(id=f"w-{place}", at=AT, what=note.what, call=note.call, detail=dict(note.detail))
    )
    assert written.count(b"\n") == 1
    assert decode_record(written) is not None


def evidence(told: tuple[str, str, str, str]) -> None:
    """What a carrier says of a caller is judged, whatever it is; an odd place is no place."""
    place, access, number, trunk = told
    location.read(place)
    verdict = plan().zones.judge(Evidence(trunk, "112", number, place, access))
    assert verdict.finding.value
    encoded = [base64.b64encode(each.encode(errors="replace")).decode() for each in told[:2]]
    raw = msgspec.json.encode(
        {
            "type": "StasisStart",
            "args": ["new", *encoded],
            "channel": {"id": "c", "caller": {"number": number.encode(errors="replace").decode()}},
        }
    )
    found = decode(raw)
    assert isinstance(found, StasisStart)
    evidence_of(found)


class _Answering:
    """An Asterisk that says the same to everything."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    async def request(
        self,
        _method: str,
        _path: str,
        *,
        query: Mapping[str, str] | None = None,  # noqa: ARG002 - as whoever carries requests
        body: object = None,  # noqa: ARG002 - the same
    ) -> bytes:
        """The answer."""
        return self._answer


def reply(data: bytes) -> None:
    """Whatever has Asterisk's port: lists, version and globals, or an error of the switch."""

    async def asked() -> None:
        pbx = Asterisk(_Answering(data), "siaga")
        for ask in (pbx.channels, pbx.bridges, pbx.endpoints, pbx.version):
            with suppress(SwitchError):
                await ask()
        assert isinstance(await pbx.get_global("SIAGA_HB"), str)

    asyncio.run(asked())


def conversation(chunks: list[bytes]) -> None:
    """AGI: events or Malformed, within the bounds; a question is understood or not."""
    dialogue = Dialogue()
    for chunk in chunks:
        for each in dialogue.receive(chunk):
            if isinstance(each, Question):
                adviser.evidence_of(each, {})
                dialogue.get_variable("SIAGA_TRUNK")
    assert dialogue._total <= BYTES + sum(map(len, chunks[-1:]))


def command(said: tuple[str, bytes, str | None]) -> None:
    """MQTT: a command of a known name or a refusal, and each goes on to the daemon as a line."""
    topic, payload, answer_to = said
    found = read(Letter(topic, payload, answer_to), BROKER, 7)
    assert isinstance(found, Refusal) or found.command in FORMS
    written = line(found)
    assert written.count(b"\n") == 1
    assert to_daemon.decode(written) == found
    if isinstance(found, Command) and found.command != "reload":
        instruction_of(
            found.command, found.person, for_s=found.for_s, reason=found.reason, force=found.force
        )


async def _asked(request: Request, _peer: Peer) -> Any:
    if request.ask == "pause":
        try:
            return str(instruction_of("pause", request.person, for_s=request.for_s))
        except Invalid as error:
            raise Unfit(str(error)) from error
    return request


def control(data: bytes) -> None:
    """The control socket answers with one line that a command can read, whatever it was sent."""

    async def answered() -> bytes:
        server = ControlServer(
            Path("/nonexistent"), dict.fromkeys(("echo", "pause"), _asked), on_bound=lambda _: None
        )
        reader = asyncio.StreamReader(limit=REQUEST_BYTES)
        reader.feed_data(data)
        reader.feed_eof()
        return await server._answer(reader, Peer(1, 0, 0))

    told = asyncio.run(answered())
    assert told.count(b"\n") == 1
    assert len(told) <= ANSWER_BYTES
    answer = msgspec.json.decode(told, type=Answer)
    assert answer.error is None or "failed" not in answer.error.kind


def kept_call(data: bytes) -> None:
    """What a caller's channel carries: a value that can be carried on, or nothing."""
    found = memory.read(data.decode(errors="replace"), memory.KeptCall)
    if found is not None:
        assert memory.read(memory.text_of(found), memory.KeptCall) == found
    memory.rung_of(data.decode(errors="replace"))


def kept_offer(data: bytes) -> None:
    """The same of an operator's leg."""
    found = memory.read(data.decode(errors="replace"), memory.KeptOffer)
    if found is not None:
        assert memory.read(memory.text_of(found), memory.KeptOffer) == found
        found.restored()


TARGETS: Final = (
    Target("ari-event", document(seed.events()), event),
    Target(
        "evidence",
        st.tuples(
            *map(text, (seed.LOCATIONS, seed.ACCESS, seed.NUMBERS, ("telkom", "seluler", "pos")))
        ),
        evidence,
    ),
    Target(
        "ari-reply",
        document((*map(list, seed.views()), {"system": {"version": "22"}}, {"value": "1"})),
        reply,
        (SwitchError,),
        share=0.5,
    ),
    Target("agi", st.lists(noise(CONVERSATIONS), max_size=4), conversation, (Malformed,)),
    Target(
        "mqtt-command",
        st.tuples(utf8(TOPICS), document(COMMANDS), st.none() | utf8(("siaga112/answer/dinkes",))),
        command,
        (Invalid,),
    ),
    Target("control", document(REQUESTS).map(lambda data: data + b"\n"), control, share=0.5),
    Target("memory-call", document(seed.variables(memory.STATE)), kept_call),
    Target("memory-offer", document(seed.variables(memory.OFFER)), kept_offer),
)
