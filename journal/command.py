"""Commands that come over MQTT: what of them is let through to the daemon, and what is refused.

The topic says who wants it (`PREFIX/command/WHO/COMMAND`): the broker's access list lets each user
write to topics with their own name only, which no field of a payload could prove.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from journal.broker import Broker
from journal.message import ANSWER, COMMAND
from journal.post import Command, Refusal

BYTES: Final = 2_048
"""Of a payload; a pause with its reason has some 300."""
WHO_CHARS: Final = 64
TOPIC_CHARS: Final = 256
"""Of where the answer goes."""
MALFORMED, TOO_LARGE, UNKNOWN, NOT_ALLOWED, NO_ANSWER_THERE = (
    "malformed",
    "too_large",
    "unknown_command",
    "not_allowed",
    "bad_response_topic",
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that came.

    Attributes:
        topic: Where.
        payload: What.
        answer_to: Where the answer is wanted; None: nowhere.
        correlation: What the answer is to carry.
    """

    topic: str
    payload: bytes
    answer_to: str | None = None
    correlation: bytes | None = None


class Pause(msgspec.Struct, forbid_unknown_fields=True):
    """An operator gets no calls.

    Attributes:
        person: The operator's id, as in operators.yaml.
        for_s: Seconds after which it ends by itself; without it: with the turn of duty.
        reason: Why, for people; one line.
        force: The agency's last one is meant, too.
    """

    person: str
    for_s: float | None = None
    reason: str = ""
    force: bool = False


class Ready(msgspec.Struct, forbid_unknown_fields=True):
    """An operator gets calls again.

    Attributes:
        person: The operator's id, as in operators.yaml.
        reason: Why, for people; one line.
    """

    person: str
    reason: str = ""


class Reload(msgspec.Struct, forbid_unknown_fields=True):
    """The settings are read again. An empty payload says the same.

    Attributes:
        reason: Why, for people.
    """

    reason: str = ""


FORMS: Final[Mapping[str, type[msgspec.Struct]]] = {
    "pause": Pause,
    "ready": Ready,
    "reload": Reload,
}
"""What a command's payload is."""
_READERS: Final = {name: msgspec.json.Decoder(form) for name, form in FORMS.items()}


def read(letter: Letter, broker: Broker, id_: int) -> Command | Refusal:
    """What a message wants, or why it is refused.

    Args:
        letter: The message.
        broker: Says which commands are obeyed.
        id_: The command's.
    """
    words = letter.topic.removeprefix(f"{broker.prefix}/{COMMAND}")
    by, _, command = words.partition("/")
    by, command = by[:WHO_CHARS], command[:WHO_CHARS]

    def refused(error: str, why: str) -> Refusal:
        return Refusal(command=command, by=by, error=error, why=why)

    if letter.answer_to is not None and not _may_be_answered(letter.answer_to, broker, by):
        expected = f"{broker.prefix}/{ANSWER}{by}/… without + and #"
        return refused(NO_ANSWER_THERE, f"an answer goes to {expected}")
    if command not in FORMS:
        return refused(UNKNOWN, f"no command {command!r}; known: {', '.join(FORMS)}")
    if command not in broker.commands:
        return refused(NOT_ALLOWED, f"{command} is not allowed here (mqtt.commands in siaga.yaml)")
    if len(letter.payload) > BYTES:
        return refused(TOO_LARGE, f"a command has at most {BYTES} bytes")
    try:
        wish = _READERS[command].decode(letter.payload or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return refused(MALFORMED, f"this is no {command}: {error}")
    return Command(id=id_, command=command, by=by, **msgspec.structs.asdict(wish))


def _may_be_answered(topic: str, broker: Broker, by: str) -> bool:
    """Only at a place of whoever asks: nobody has us write to a state or to another's answers."""
    begin = f"{broker.prefix}/{ANSWER}{by}"
    is_there = topic == begin or topic.startswith(f"{begin}/")
    return is_there and len(topic) <= TOPIC_CHARS and not {"+", "#", "\0"} & set(topic)
