"""SIPp's scenarios: callers and operators by the dozen, each step with its time in a log.

A marked step writes a line `kind number seconds microseconds` (wall clock). Both ends run on one
machine, so the lines of callers and operators compare.
"""

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
KEY_S = 0.1
"""How long a key is held. Read() takes it at once while a file plays, others wait for its end."""
REASONS = {480: "Temporarily Unavailable", 486: "Busy Here", 503: "Service Unavailable"}
"""What is said beside a code; 603 and all others say Decline."""
VIA = "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]"
FROM = "From: <sip:[field0]@[local_ip]:[local_port]>;tag=[pid]c[call_number]"
CONTACT = "Contact: <sip:[field0]@[local_ip]:[local_port]>"
ECHOED = "[last_Via:]\n[last_From:]\n[last_To:]{tag}\n[last_Call-ID:]\n[last_CSeq:]\n"
OWN_TAG = ";tag=[pid]o[call_number]"


def mark(kind: str, number: str) -> str:
    """The actions that write one line: what happened, in whose call, when."""
    return (
        '<action><gettimeofday assign_to="s,us"/>'
        f'<log message="{kind} {number} [$s] [$us]"/></action>'
    )


def _scenario(name: str, *steps: str) -> str:
    """A scenario of these steps; `s` and `us` are marked as used."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n'
        f'<scenario name="{name}">\n' + "\n".join(steps) + '\n<Reference variables="s,us"/>\n'
        "</scenario>\n"
    )


def _send(head: str, body: str = "", *, retransmit: bool = False, kind: str = "") -> str:
    """A message; with a body also its type and length."""
    about = f"Content-Type: {kind}\n" if body else ""
    text = f"{head.strip()}\nMax-Forwards: 70\n{about}Content-Length: [len]\n\n{body}"
    again = ' retrans="500"' if retransmit else ""
    return f"<send{again}><![CDATA[\n{text}\n]]></send>"


def _request(method: str, to: str, cseq: int, extra: str = "") -> str:
    """The head of a request of the caller within the call."""
    return (
        f"{method} [next_url] SIP/2.0\n{VIA}\n{FROM}\n{to}\nCall-ID: [call_id]\n"
        f"CSeq: {cseq} {method}\n{CONTACT}\n{extra}"
    )


def caller(
    dialled: str, *, digit: str = "", press_after_s: float = 0.0, talk_s: float | None = None
) -> str:
    """Callers: INVITE, answer, perhaps a key by SIP INFO, and the end.

    The key goes by INFO because SIPp sends RFC 4733 through a raw socket, which only root may open.
    Marks: `invite`, `ringing`, `answer`, `press` (the key goes down), `end`.

    Args:
        dialled: The number in the request URI.
        digit: The key that is pressed after the answer; empty for none.
        press_after_s: From the answer to the key.
        talk_s: From there to the caller's BYE, if the other side's does not come before; None waits
            for that one.
    """
    invite = (
        f"INVITE sip:{dialled}@[remote_ip]:[remote_port] SIP/2.0\n{VIA}\n{FROM}\n"
        f"To: <sip:{dialled}@[remote_ip]:[remote_port]>\nCall-ID: [call_id]\nCSeq: 1 INVITE\n"
        f"{CONTACT}\nAllow: INVITE, ACK, BYE, CANCEL, INFO, UPDATE\n"
    )
    to = "[last_To:]" if talk_s is not None or digit else ""
    steps = [
        f"<nop>{mark('invite', '[field0]')}</nop>",
        _send(invite, SDP, retransmit=True, kind="application/sdp"),
        '<recv response="100" optional="true"/>',
        f'<recv response="180" optional="true">{mark("ringing", "[field0]")}</recv>',
        '<recv response="183" optional="true"/>',
        f'<recv response="200" rrs="true" rtd="true">{mark("answer", "[field0]")}</recv>',
        _send(_request("ACK", "[last_To:]", 1)),
    ]
    if digit:
        steps += [
            f'<pause milliseconds="{round(press_after_s * 1000)}"/>',
            f"<nop>{mark('press', '[field0]')}</nop>",
            _send(
                _request("INFO", to, 2),
                f"Signal={digit}\nDuration={round(KEY_S * 1000)}\n",
                retransmit=True,
                kind="application/dtmf-relay",
            ),
            '<recv response="200"/>',
        ]
    steps += _ended("[field0]", talk_s, _request("BYE", to, 3))
    return _scenario("caller", *steps)


def _ended(number: str, talk_s: float | None, bye: str) -> list[str]:
    """The steps of an end: the other side's BYE, or the own one when it has not come in time."""
    wait = "" if talk_s is None else f' timeout="{max(1, round(talk_s * 1000))}" ontimeout="bye"'
    theirs = [
        f'<recv request="BYE"{wait}>{mark("end", number)}</recv>',
        _send("SIP/2.0 200 OK\n" + ECHOED.format(tag="")),
    ]
    if talk_s is None:
        return theirs
    return [
        *theirs,
        '<nop next="ended"/>',
        '<label id="bye"/>',
        f"<nop>{mark('end', number)}</nop>",
        _send(bye, retransmit=True),
        '<recv response="200"/>',
        '<label id="ended"/>',
        "<nop/>",
    ]


_INVITED = (
    '<recv request="INVITE" rrs="true"><action>'
    '<ereg regexp="sips?:([^@;&gt;]*)@" search_in="hdr" header="From:" assign_to="whole,from"/>'
    '<ereg regexp=".*" search_in="hdr" header="From:" assign_to="remote"/>'
    '<ereg regexp=".*" search_in="hdr" header="To:" assign_to="local"/>'
    '<ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="cseq"/></action></recv>'
    '<Reference variables="whole,remote,local,cseq"/>'
)


def operator(*, ring_s: float | None = 0.0, code: int = 200, talk_s: float | None = None) -> str:
    """Operators: ring, then answer or decline; a withdrawn offer is given back properly.

    Marks: `offer`, `answer`, `withdrawn`, `end`, each with the number that the display shows.

    Args:
        ring_s: From INVITE to the final response; None rings until the offer is withdrawn.
        code: 200 answers, anything else declines with that code.
        talk_s: From the answer to the operator's BYE, if the other side's does not come before;
            None waits for that one.

    Raises:
        ValueError: The code is no final response.
    """
    if not 200 <= code <= 699:  # noqa: PLR2004 (RFC 3261, 7.2)
        raise ValueError(f"code={code}: expected a final response, 200 to 699")
    number = "[$from]"
    reply = ECHOED.format(tag=OWN_TAG) + "Contact: <sip:[local_ip]:[local_port]>\n"
    steps = [
        _INVITED,
        f"<nop>{mark('offer', number)}</nop>",
        _send(f"SIP/2.0 180 Ringing\n{reply}"),
    ]
    wait = "" if ring_s is None else f' timeout="{max(1, round(ring_s * 1000))}" ontimeout="done"'
    steps += [
        f'<recv request="CANCEL"{wait}>{mark("withdrawn", number)}</recv>',
        _send("SIP/2.0 200 OK\n" + ECHOED.format(tag=OWN_TAG)),
        _send(
            "SIP/2.0 487 Request Terminated\n"
            + ECHOED.format(tag=OWN_TAG).replace("[last_CSeq:]", "CSeq: [$cseq] INVITE"),
            retransmit=True,
        ),
        '<recv request="ACK" next="over"/>',
        '<label id="done"/>',
    ]
    if code == 200:  # noqa: PLR2004 (the answer)
        steps += _answered(reply, number, talk_s)
    else:
        line = f"SIP/2.0 {code} {escape(REASONS.get(code, 'Decline'))}\n{reply}"
        steps += [_send(line, retransmit=True), '<recv request="ACK"/>']
    return _scenario("operator", *steps, '<label id="over"/>', "<nop/>")


def _answered(reply: str, number: str, talk_s: float | None) -> list[str]:
    """The steps from the answer to the end."""
    steps = [
        f"<nop>{mark('answer', number)}</nop>",
        _send(f"SIP/2.0 200 OK\n{reply}", SDP, retransmit=True, kind="application/sdp"),
        '<recv request="ACK"/>',
    ]
    bye = (
        f"BYE [next_url] SIP/2.0\n{VIA}\nFrom: [$local]{OWN_TAG}\nTo: [$remote]\n"
        "Call-ID: [call_id]\nCSeq: 1 BYE\n"
    )
    return steps + _ended(number, talk_s, bye)


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
