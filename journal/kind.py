"""The schema of records: each name that this software writes, and the facts that come with it.

docs/records.md is this table for people; a test holds the two to each other, and another one holds
the records of real runs to it. What is added here or becomes optional is no new version; what gets
another meaning, or is not written any more, is one (journal.record.VERSION).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Any, Final

from journal.record import Record

TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "text": (str,),
    "whole": (int,),
    "number": (int, float),
    "truth": (bool,),
    "null": (NoneType,),
}
"""The words of a fact's type; `or` joins two."""
OPTIONAL: Final = "?"
"""At the end of a fact's name: it may be left out."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A name of records.

    Attributes:
        of_call: It is about a call; else about the whole centre. None: about either.
        meaning: What has happened.
        facts: By name, type and meaning; the name of one that may be left out ends with `?`.
        decides: `because` has grounds.
    """

    of_call: bool | None
    meaning: str
    facts: Mapping[str, tuple[str, str]]
    decides: bool = False


_SERVICE: Final = ("text", "id of the service")
_PERSON: Final = ("text", "id of the person")
_SEAT: Final = ("text", "id of the seat")
_WAITED: Final = ("number", "seconds from the arrival")
_TALKED: Final = ("number", "seconds that the talk lasted")
_OFFER: Final = {
    "offer": ("text", "id of the offer"),
    "target": ("text", "`person:ID`, `seat:ID` (nobody's own) or `outside:NUMBER@TRUNK`"),
}
_RECONSTRUCTED: Final = ("truth", "it was found out afterwards: the daemon was away")
_EVIDENCE: Final = {
    "trunk": ("text", "the trunk that it came over; empty when it is not known"),
    "did": ("text", "the number that was dialled there"),
    "ani": ("text", "the caller's number, *put aside*; empty when it was withheld"),
}


_SLOWED: Final = {
    "marks": ("whole", "how many marks of the number count"),
    "until": ("text", "when it ends, ISO 8601"),
    "handicap_s": ("number", "seconds of waiting that it costs in the queue"),
}


def _call(meaning: str, *, decides: bool = False, **facts: tuple[str, str]) -> Kind:
    return Kind(True, meaning, facts, decides)


def _centre(meaning: str, *, decides: bool = False, **facts: tuple[str, str]) -> Kind:
    return Kind(False, meaning, facts, decides)


KINDS: Final[Mapping[str, Kind]] = {
    "arrived": Kind(
        True,
        "the caller has come in, or back from the dialplan",
        {
            **_EVIDENCE,
            "how": ("text", "`new`; else why the dialplan gave the caller back"),
            "location?": ("text", "the location that came with the call, *put aside*"),
            "access?": ("text", "its access networks, *put aside*"),
            "reconstructed?": _RECONSTRUCTED,
        },
    ),
    "zone": _call(
        "the verdict on the origin",
        decides=True,
        verdict=("text", "`inside`, `outside` or `unknown`"),
        neighbour=("text or null", "id of the neighbour whose area it is"),
    ),
    "answered": _call("the line is open: the caller hears prompts. Not yet a human"),
    "resumed": _call("the same of a caller who is back from the dialplan", service=_SERVICE),
    "adopted": _call(
        "a daemon that has started goes on with the call",
        stage=("text", "`menu`, `waiting` or `talking`"),
        service=("text or null", "id of the service, if one was chosen"),
        target=("text or null", "who is talked to"),
    ),
    "prompt": _call(
        "the menu speaks",
        prompts=("text", "names of the prompts, joined with +"),
        language=("text", "the language"),
    ),
    "digit": Kind(
        True,
        "the caller has pressed a key",
        {
            "digit": ("text", "the key"),
            "ignored?": ("truth", "it means nothing at this moment"),
        },
    ),
    "chosen": _call(
        "the service is clear, by a key or without one", decides=True, service=_SERVICE
    ),
    "queued": Kind(
        True,
        "the caller waits for a human",
        {
            "service": _SERVICE,
            "waiting": ("whole", "how many wait now, this caller included"),
            "credit_s?": ("whole", "seconds that an earlier, abandoned call had waited"),
        },
    ),
    "announced": _call(
        "a waiting caller hears something", prompts=("text", "names of the prompts, joined with +")
    ),
    "offered": Kind(True, "a phone is rung for the caller", _OFFER, decides=True),
    "ringing": Kind(True, "it rings", _OFFER),
    "asked_to_confirm": Kind(True, "who has answered outside is asked to press 1", _OFFER),
    "operator_answered": Kind(True, "who was rung picks up, or has pressed 1", _OFFER),
    "offer_failed": Kind(
        True, "it came to nothing", {**_OFFER, "outcome": ("text", "why, for people")}
    ),
    "withdrawn": Kind(True, "it was taken back, mostly as another one answered", _OFFER),
    "bridged": Kind(
        True,
        "the caller and a human hear each other: the answer",
        {**_OFFER, "reconstructed?": _RECONSTRUCTED},
    ),
    "recording_begun": Kind(
        True, "the talk is recorded from now on", {"offer": ("text", "id of the offer")}
    ),
    "recording_kept": Kind(
        True,
        "the recording of a talk is in its place",
        {
            "offer": ("text", "id of the offer whose leg has talked"),
            "recording": ("text", "the file, below the folder of recordings, *put aside*"),
            "began": ("text", "when it began, ISO 8601"),
            "bytes": ("whole", "the file's length"),
            "seconds": ("number", "how long it is to be listened to"),
            "sha256": ("text", "of the file, in hexadecimal digits"),
            "whole": ("truth", "it was seen from its begin to the end of the talk"),
            "why?": ("text", "why it may not be the whole talk, for people"),
            "found?": ("truth", "it was left by a crash, a stop or a full disk, and found later"),
        },
    ),
    "recording_not_made": Kind(
        True,
        "the talk is not recorded; it goes on untouched",
        {"offer": ("text", "id of the offer"), "why": ("text", "why, for people")},
    ),
    "operator_lost": Kind(
        True,
        "the talk broke off on the operator's side; the caller is first in the queue again",
        {
            "talked_s": _TALKED,
            "why": ("text", "why, for people"),
            "reconstructed?": _RECONSTRUCTED,
        },
    ),
    "hurried": _call(
        "the caller has waited so long that all who can be are rung at once",
        waited_s=("number", "the limit of the settings, in seconds"),
    ),
    "nobody_to_ring": _call(
        "nobody of the whole chain can be rung now",
        pause_s=("number", "seconds to the next try"),
    ),
    "ended": Kind(
        True,
        "the call is over after a talk",
        {
            "by": ("text", "who hung up: `caller`, `operator`, or `unseen`"),
            "talked_s?": _TALKED,
            "reconstructed?": _RECONSTRUCTED,
        },
    ),
    "abandoned": Kind(
        True,
        "the caller hung up before a human answered",
        {
            "where": ("text", "where the caller was, for people"),
            "waited_s": _WAITED,
            "why": ("text", "Asterisk's cause, for people"),
            "reconstructed?": _RECONSTRUCTED,
        },
    ),
    "dismissed": _call(
        "the caller was told that another centre is theirs, and hung up on",
        decides=True,
        waited_s=_WAITED,
    ),
    "last_resort": Kind(
        True,
        "the plain dialplan has served the caller, without the daemon",
        {
            "service": ("text", "id of the service; empty when none was chosen"),
            "reconstructed": ("truth", "always true: it is found out afterwards"),
        },
    ),
    "pulled_out": Kind(
        True,
        "Asterisk took the caller to the last resort",
        {
            "where": ("text", "where the caller was, for people"),
            "waited_s?": _WAITED,
            "talked_s?": _TALKED,
        },
    ),
    "handed_back": _call("the daemon gave the caller to the last resort", why=("text", "why")),
    "let_go": _call("another daemon has the call, or this one ends; the caller goes on"),
    "call_failed": _call(
        "a fault of this software; `handed_back` follows", error=("text", "for its authors")
    ),
    "slowed": Kind(
        True,
        "the caller is asked whether it is an emergency, since calls from the number were pranks",
        _SLOWED,
        decides=True,
    ),
    "number_slowed": Kind(
        True, "the mark of this call slows its number down, or for longer", _SLOWED, decides=True
    ),
    "number_freed": _call(
        "the mark of this call ends that", mark=("text", "`genuine`, `information`, …")
    ),
    "advised": Kind(
        None,
        "a dialplan has asked over FastAGI whom to ring",
        {
            "asked": ("text", "the service that it named"),
            "service": _SERVICE,
            "verdict": ("text", "of the zone, as in `zone`"),
            "neighbour": ("text or null", "as in `zone`"),
            "step": ("whole", "of the chain"),
            "dial": ("text", "what it is to dial"),
            **_EVIDENCE,
        },
        decides=True,
    ),
    "marked": Kind(
        True,
        "an operator has said what the call was",
        {
            "person": _PERSON,
            "mark": ("text", "`genuine`, `information`, `prank` or `ghost`"),
            "before?": ("text", "the mark that it replaces"),
        },
    ),
    "called_back": _call(
        "somebody of the post has rung an abandoned caller, and says so",
        by=("text", "id or name of the person"),
    ),
    "paused": Kind(
        False,
        "an operator gets no calls",
        {
            "person": _PERSON,
            "automatic": ("truth", "after unanswered offers, not asked for"),
            "missed": ("whole", "how many of those in a row"),
            "for_s?": ("number", "seconds after which it ends by itself"),
            "reason?": ("text", "what was said of it"),
        },
    ),
    "not_paused": _centre(
        "an operator would be paused, and is the agency's last one",
        person=_PERSON,
        missed=("whole", "unanswered offers in a row"),
        last=("truth", "always true"),
    ),
    "ready": _centre("an operator gets calls again", person=_PERSON, why=("text", "why")),
    "signed_on": _centre("a person sits at a seat", person=_PERSON, seat=_SEAT),
    "sign_on_refused": _centre("a person may not sit there", person=_PERSON, seat=_SEAT),
    "signed_off": Kind(
        False,
        "a person does not sit there any more",
        {"person": _PERSON, "for?": ("text", "id of the person who has taken the seat")},
    ),
    "instructed": Kind(
        False,
        "somebody elsewhere than at a phone has had an operator paused or ready, or has tried to",
        {
            "wanted": ("text", "`pause` or `ready`"),
            "person": ("text", "id of the operator, as it was given"),
            "by": ("text", "whose word it was: a user of this machine, a client of the broker"),
            "via": ("text", "the way that it came: `socket` or `mqtt`"),
            "uid?": ("whole", "the user's number on this machine"),
            "reason?": ("text", "what was said of it"),
            "for_s?": ("number", "seconds after which a pause is to end by itself"),
            "outcome": ("text", "what has come of it, for people"),
            "last?": ("truth", "the pause of the agency's last one"),
        },
        decides=True,
    ),
    "commanded": _centre(
        "a client of the broker has asked for a reload, or for what it does not get",
        command=("text", "`reload`, or what the topic says"),
        by=("text", "who, as the topic says"),
        outcome=("text", "`taken`; else why not: `malformed`, `not_allowed`, …"),
        why=("text", "what was said of it, or what is wrong, for people"),
    ),
    "feature": Kind(
        False,
        "somebody has dialled a feature code",
        {
            "code": ("text", "which one"),
            "seat": ("text or null", "id of the seat that it came from"),
            "person": ("text or null", "id of the person, if it is known"),
            "outcome": ("text", "what has come of it, for people"),
            "last?": ("truth", "the pause of the agency's last one"),
        },
        decides=True,
    ),
    "feature_failed": _centre(
        "a fault of this software in a feature code",
        code=("text", "which one"),
        error=("text", "for its authors"),
    ),
    "asterisk_up": _centre("the event stream is open", version=("text", "Asterisk's")),
    "asterisk_down": _centre("it is not", why=("text", "why")),
    "purged": Kind(
        False,
        "personal facts that are older than they may be kept are removed",
        {
            "by": ("text", "who has wanted it: `retention`, or the user of the command"),
            "recordings": ("whole", "how many recordings"),
            "numbers": ("whole", "how many numbers"),
            "locations": ("whole", "how many locations and access networks"),
            "recordings_before": ("text or null", "which: older than this, ISO 8601; null: none"),
            "numbers_before": ("text or null", "the same of numbers"),
            "locations_before": ("text or null", "the same of locations"),
            "fault?": ("text", "why there may be more of them; it is tried again"),
        },
    ),
    "standby": _centre("another daemon has the calls"),
    "alarm": _centre(
        "an administrator has to put something right",
        alarm=("text", "its name; systemd/README.md lists them"),
        why=("text", "what is wrong"),
        do=("text", "what to do"),
    ),
    "alarm_over": _centre("it is right again", alarm=("text", "its name")),
    "settings_reloaded": _centre(
        "other settings are in use",
        set=("text", "the name of the set"),
        warnings=("whole", "how many there were"),
    ),
    "settings_refused": _centre(
        "they cannot be used, nothing has changed",
        errors=("whole", "how many there are"),
        problems=("text", "the first ones"),
    ),
    "reload_failed": _centre("a fault of this software", error=("text", "for its authors")),
    "daemon_started": _centre("the daemon runs", set=("text", "the name of its settings")),
    "daemon_stopped": _centre("it was told to stop, and has"),
}


def faults(record: Record) -> Iterator[str]:
    """What of a record is not as the schema has it."""
    kind = KINDS.get(record.what)
    if kind is None:
        yield f"{record.what}: no such kind"
        return
    if kind.of_call is not None and kind.of_call is not (record.call is not None):
        yield f"{record.what}: {'no call' if kind.of_call else 'a call'}"
    facts = {name.removesuffix(OPTIONAL): type_ for name, (type_, _) in kind.facts.items()}
    for name in record.detail.keys() - facts.keys():
        yield f"{record.what}: {name} is not described"
    for name in kind.facts.keys() - record.detail.keys():
        if not name.endswith(OPTIONAL):
            yield f"{record.what}: {name} is missing"
    for name, value in record.detail.items():
        if name in facts and not _is(value, facts[name]):
            yield f"{record.what}: {name} is {value!r}, no {facts[name]}"
    if record.because and not kind.decides:
        yield f"{record.what}: has grounds"


def _is(value: Any, type_: str) -> bool:
    allowed = [each for word in type_.split(" or ") for each in TYPES[word]]
    return type(value) in allowed
