"""SIPp's scenarios: callers and operators by the dozen, each step with its time in a log.

A marked step writes a line `kind number seconds microseconds seat` (wall clock; a caller has no
seat). Both ends run on one machine, so the lines of callers and operators compare.
"""

from dataclasses import dataclass
from xml.sax.saxutils import escape

SDP = """\
v=0
o=siaga 1 1 IN IP4 [media_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 8 0 101
a=rtpmap:8 PCMA/8000
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16"""
SDP_AUDIO_ONLY = """\
v=0
o=siaga 1 1 IN IP4 [media_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [rtpstream_audio_port] RTP/AVP 8
a=rtpmap:8 PCMA/8000"""
"""No telephone-event: keys can only be heard. Its port is the one of `exec rtp_stream`."""
SDP_FOREIGN = """\
v=0
o=siaga 1 1 IN IP4 [media_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 18
a=rtpmap:18 G729/8000"""
"""A codec that Asterisk has not."""
KEY_S = 0.1
"""How long a key is held. Read() takes it at once while a file plays, others wait for its end."""
REASONS = {480: "Temporarily Unavailable", 486: "Busy Here", 503: "Service Unavailable"}
"""What is said beside a code; 603 and all others say Decline."""
VIA = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]"
FROM = "From: <sip:[field0]@[local_ip]:[local_port]>;tag=[pid]c[call_number]"
CONTACT = "Contact: <sip:[field0]@[local_ip]:[local_port]>"
ECHOED = "[last_Via:]\n[last_From:]\n[last_To:]{tag}\n[last_Call-ID:]\n[last_CSeq:]\n"
CUE = '<recv request="MESSAGE"/>'
"""A step that waits until the test sends a request with the call's id."""
OWN_TAG = ";tag=[pid]o[call_number]"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who calls, as the carrier says it.

    Attributes:
        line: The whole From header; it must have a tag.
        extra: More lines of the INVITE's head, each with its newline.
    """

    line: str = FROM
    extra: str = ""


@dataclass(frozen=True, slots=True)
class Voice:
    """How a caller's audio is agreed on and used.

    Attributes:
        sdp: What the caller offers.
        kind: The type of that, when the offer is a part of it.
        late: The INVITE carries no SDP: Asterisk offers, and the ACK answers with `sdp`.
        key_sound: A file of A-law with a key's tones: the key is heard there instead of told by
            INFO. Takes an `sdp` with the port of `rtp_stream`.
    """

    sdp: str = SDP
    kind: str = "application/sdp"
    late: bool = False
    key_sound: str = ""


ORIGIN, VOICE = Origin(), Voice()


def mark(kind: str, number: str, seat: str = "", *, before: str = "") -> str:
    """The actions that write one line: what happened, in whose call, when, at which seat."""
    return (
        f'<action>{before}<gettimeofday assign_to="s,us"/>'
        f'<log message="{kind} {number} [$s] [$us] {seat}"/></action>'
    )


def _scenario(name: str, *steps: str) -> str:
    """A scenario of these steps; `s` and `us` are marked as used."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n'
        f'<scenario name="{name}">\n' + "\n".join(steps) + '\n<Reference variables="s,us"/>\n'
        "</scenario>\n"
    )


def _send(
    head: str, body: str = "", *, retransmit: bool = False, kind: str = "", after: str = ""
) -> str:
    """A message; with a body also its type and length; `after` is the label to go on at."""
    about = f"Content-Type: {kind}\n" if body else ""
    text = f"{head.strip()}\nMax-Forwards: 70\n{about}Content-Length: [len]\n\n{body}"
    again = ' retrans="500"' if retransmit else ""
    again += f' next="{after}"' if after else ""
    return f"<send{again}><![CDATA[\n{text}\n]]></send>"


def _request(method: str, to: str, cseq: int, origin: Origin, extra: str = "") -> str:
    """The head of a request of the caller within the call."""
    return (
        f"{method} [next_url] SIP/2.0\n{VIA}\n{origin.line}\n{to}\nCall-ID: [call_id]\n"
        f"CSeq: {cseq} {method}\n{CONTACT}\n{extra}"
    )


def _invite(dialled: str, sdp: str, origin: Origin = ORIGIN, kind: str = VOICE.kind) -> list[str]:
    """The caller's INVITE, marked; without SDP it asks for an offer."""
    head = (
        f"INVITE sip:{dialled}@[remote_ip]:[remote_port] SIP/2.0\n{VIA}\n{origin.line}\n"
        f"To: <sip:{dialled}@[remote_ip]:[remote_port]>\nCall-ID: [call_id]\nCSeq: 1 INVITE\n"
        f"{CONTACT}\nAllow: INVITE, ACK, BYE, CANCEL, INFO, UPDATE\n{origin.extra}"
    )
    return [
        f"<nop>{mark('invite', '[field0]')}</nop>",
        _send(head, sdp, retransmit=True, kind=kind),
        '<recv response="100" optional="true"/>',
    ]


def _press(digit: str, sound: str, origin: Origin, cseq: int) -> list[str]:
    """A key: by SIP INFO, or with `sound` in the audio."""
    if sound:
        key = [f'<nop><action><exec rtp_stream="{sound},1,8"/></action></nop>']
    else:
        body = f"Signal={digit}\nDuration={round(KEY_S * 1000)}\n"
        head = _request("INFO", "To:[$to]", cseq, origin)
        info = _send(head, body, retransmit=True, kind="application/dtmf-relay")
        key = [info, '<recv response="200"/>']
    return [f"<nop>{mark('press', '[field0]')}</nop>", *key]


def caller(
    dialled: str,
    *,
    digit: str = "",
    press_after_s: float = 0.0,
    again_s: float = 0.0,
    talk_s: float | None = None,
    cued: bool = False,
    voice: Voice = VOICE,
    origin: Origin = ORIGIN,
) -> str:
    """Callers: INVITE, answer, perhaps a key by SIP INFO, and the end.

    The key goes by INFO because SIPp sends RFC 4733 through a raw socket, which only root may open.
    Marks: `invite`, `ringing`, `answer`, `press` (the key goes down), `end`.

    Args:
        dialled: The number in the request URI.
        digit: The key that is pressed after the answer, or several; empty for none.
        press_after_s: From the answer to the key.
        again_s: From one key to the next.
        talk_s: From there to the caller's BYE, if the other side's does not come before; None waits
            for that one.
        cued: The caller's BYE waits for `SippCallers.cue` instead.
        voice: The audio's side of it.
        origin: Who the caller is.
    """
    ack = _request("ACK", "[last_To:]", 1, origin)
    partner = '<ereg regexp=".*" search_in="hdr" header="To:" assign_to="to"/>'
    answered = mark("answer", "[field0]", before=partner)
    steps = [
        *_invite(dialled, "" if voice.late else voice.sdp, origin, voice.kind),
        f'<recv response="180" optional="true">{mark("ringing", "[field0]")}</recv>',
        '<recv response="183" optional="true"/>',
        f'<recv response="200" rrs="true" rtd="true">{answered}</recv>',
        _send(ack, voice.sdp if voice.late else "", kind="application/sdp"),
    ]
    for number, key in enumerate(digit):
        pause_s = again_s if number else press_after_s
        steps.append(f'<pause milliseconds="{round(pause_s * 1000)}"/>')
        steps += _press(key, voice.key_sound, origin, 2 + number)
    bye, end = _request("BYE", "To:[$to]", 2 + len(digit), origin), mark("end", "[field0]")
    steps += [CUE, *_own_end(bye, end)] if cued else _end(talk_s, bye, end)
    return _scenario("caller", *steps, '<Reference variables="to"/>')


def refused_caller(dialled: str, *, code: int, sdp: str) -> str:
    """Callers whose offer cannot be taken: INVITE, the refusal with that code, ACK.

    Marks: `invite`, `refused`.
    """
    ack = (
        f"ACK sip:{dialled}@[remote_ip]:[remote_port] SIP/2.0\n[last_Via:]\n{FROM}\n[last_To:]\n"
        "Call-ID: [call_id]\nCSeq: 1 ACK\n"
    )
    return _scenario(
        "refused",
        *_invite(dialled, sdp),
        f'<recv response="{code}">{mark("refused", "[field0]")}</recv>',
        _send(ack),
    )


def _end(talk_s: float | None, bye: str, end: str) -> list[str]:
    """The steps of an end: the other side's BYE, or the own one when it has not come in time."""
    wait = "" if talk_s is None else f' timeout="{max(1, round(talk_s * 1000))}" ontimeout="bye"'
    theirs = [
        f'<recv request="BYE"{wait}>{end}</recv>',
        _send("SIP/2.0 200 OK\n" + ECHOED.format(tag="")),
    ]
    if talk_s is None:
        return theirs
    last = ['<label id="ended"/>', "<nop/>"]
    return [*theirs, '<nop next="ended"/>', '<label id="bye"/>', *_own_end(bye, end), *last]


def _own_end(bye: str, end: str) -> list[str]:
    """The steps of an own BYE."""
    return [f"<nop>{end}</nop>", _send(bye, retransmit=True), '<recv response="200"/>']


_INVITED = (
    '<recv request="INVITE" rrs="true"><action>'
    '<ereg regexp="sips?:([^@;&gt;]*)@" search_in="hdr" header="From:" assign_to="whole,from"/>'
    '<ereg regexp="INVITE sips?:([^@]*)@" search_in="msg" assign_to="line,seat"/>'
    '<ereg regexp=".*" search_in="hdr" header="From:" assign_to="remote"/>'
    '<ereg regexp=".*" search_in="hdr" header="To:" assign_to="local"/>'
    '<ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="cseq"/></action></recv>'
    '<Reference variables="whole,line,seat,remote,local,cseq"/>'
)


_OVER = ('<label id="over"/>', "<nop/>")


def operator(
    *,
    ring_s: float | None = 0.0,
    code: int = 200,
    talk_s: float | None = None,
    refer_to: str = "",
    too_late: bool = False,
) -> str:
    """Operators: ring, then answer or decline; a withdrawn offer is given back properly.

    Marks: `offer`, `answer`, `withdrawn`, `end`, each with the number that the display shows and
    the seat; `refused`, when a transfer was.

    Args:
        ring_s: From INVITE to the final response; None rings until the offer is withdrawn.
        code: 200 answers, anything else declines with that code.
        talk_s: From the answer to the operator's BYE, if the other side's does not come before;
            None waits for that one.
        refer_to: Where the operator's phone tries to transfer the call to, once it talks.
        too_late: The operator picks up as the offer is withdrawn: the 200 crosses the CANCEL.

    Raises:
        ValueError: The code is no final response.
    """
    if not 200 <= code <= 699:  # noqa: PLR2004 (RFC 3261, 7.2)
        raise ValueError(f"code={code}: expected a final response, 200 to 699")
    reply = ECHOED.format(tag=OWN_TAG) + "Contact: <sip:[local_ip]:[local_port]>\n"
    own = reply.replace("[last_CSeq:]", "CSeq: [$cseq] INVITE")
    steps = [
        _INVITED,
        f"<nop>{_at_seat('offer')}</nop>",
        _send(f"SIP/2.0 180 Ringing\n{reply}"),
    ]
    patience = (
        "" if ring_s is None else f' timeout="{max(1, round(ring_s * 1000))}" ontimeout="done"'
    )
    steps += [
        f'<recv request="CANCEL"{"" if too_late else patience}>{_at_seat("withdrawn")}</recv>',
        _send("SIP/2.0 200 OK\n" + ECHOED.format(tag=OWN_TAG)),
    ]
    if too_late:
        return _scenario("operator", *steps, *_answered(own, talk_s), *_OVER)
    steps += [
        _send(f"SIP/2.0 487 Request Terminated\n{own}", retransmit=True),
        '<recv request="ACK" next="over"/>',
        '<label id="done"/>',
    ]
    if code == 200:  # noqa: PLR2004 (the answer)
        steps += _answered(reply, talk_s, refer_to)
    else:
        line = f"SIP/2.0 {code} {escape(REASONS.get(code, 'Decline'))}\n{reply}"
        steps += [_send(line, retransmit=True), '<recv request="ACK"/>']
    return _scenario("operator", *steps, *_OVER)


def _at_seat(kind: str) -> str:
    """The mark of an operator."""
    return mark(kind, "[$from]", "[$seat]")


def _own_request(method: str, cseq: int, extra: str = "") -> str:
    """The head of a request of the operator within the call."""
    return (
        f"{method} [next_url] SIP/2.0\n{VIA}\nFrom: [$local]{OWN_TAG}\nTo: [$remote]\n"
        f"Call-ID: [call_id]\nCSeq: {cseq} {method}\n"
        f"Contact: <sip:[local_ip]:[local_port]>\n{extra}"
    )


def _answered(reply: str, talk_s: float | None, refer_to: str = "") -> list[str]:
    """The steps from the answer to the end."""
    steps = [
        f"<nop>{_at_seat('answer')}</nop>",
        _send(f"SIP/2.0 200 OK\n{reply}", SDP, retransmit=True, kind="application/sdp"),
        '<recv request="ACK"/>',
    ]
    if refer_to:
        refer = _own_request("REFER", 1, f"Refer-To: <sip:{refer_to}@[remote_ip]:[remote_port]>\n")
        steps += [
            _send(refer, retransmit=True),
            f'<recv response="603">{_at_seat("refused")}</recv>',
        ]
    return steps + _end(talk_s, _own_request("BYE", 2), _at_seat("end"))


def registration(expires_s: int) -> str:
    """Registers each user of the injected lines `user;[authentication …]` at this address."""

    def register(cseq: int, proof: str) -> str:
        return (
            "REGISTER sip:[remote_ip]:[remote_port] SIP/2.0\n"
            f"{VIA}\n{FROM}\nTo: <sip:[field0]@[remote_ip]:[remote_port]>\nCall-ID: [call_id]\n"
            f"CSeq: {cseq} REGISTER\n{CONTACT}\nExpires: {expires_s}\n{proof}"
        )

    return _scenario(
        "registration",
        f"<nop>{mark('register', '[field0]')}</nop>",
        _send(register(1, ""), retransmit=True),
        '<recv response="401" auth="true"/>',
        _send(register(2, "[field1]\n"), retransmit=True),
        '<recv response="200"/>',
    )
