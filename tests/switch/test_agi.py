"""AGI as a protocol: what Asterisk sends is understood, what others send is bounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switch.agi import (
    BYTES,
    COMMAND_BYTES,
    LINE_BYTES,
    LINES,
    Dialogue,
    Event,
    HungUp,
    Malformed,
    Reply,
    Request,
    quoted,
)

ENVIRONMENT = b"""agi_network: yes
agi_network_script: route
agi_request: agi://127.0.0.1:4573/route
agi_channel: PJSIP/siaga-telkom-00000001
agi_callerid: 0725412345
agi_calleridname: O: "K\xc3\xa9"
agi_context: siaga-from-telkom
agi_arg_1: service=medis

"""


def opened() -> Dialogue:
    """A dialogue whose environment has come."""
    dialogue = Dialogue()
    assert len(dialogue.receive(ENVIRONMENT)) == 1
    return dialogue


def replied(data: bytes) -> Reply:
    """What a reply to GET VARIABLE is read as."""
    dialogue = opened()
    dialogue.get_variable("X")
    (reply,) = dialogue.receive(data)
    assert isinstance(reply, Reply)
    return reply


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_an_environment_is_a_request_however_it_is_cut(size: int) -> None:
    """Names without `agi_`, values as they are."""
    dialogue = Dialogue()
    events: list[Event] = []
    for start in range(0, len(ENVIRONMENT), size):
        events += dialogue.receive(ENVIRONMENT[start : start + size])
    (request,) = events
    assert isinstance(request, Request)
    assert request.script == "route"
    assert request.parameters == {"service": "medis"}
    assert request.environment["calleridname"] == 'O: "Ké"'
    assert request.environment["context"] == "siaga-from-telkom"


@pytest.mark.parametrize(
    ("lines", "script", "parameters"),
    [
        (["agi_network_script: route?service=medis"], "route", {"service": "medis"}),
        (["agi_network_script: /route/?service=a%20b&x=&y"], "route", {"service": "a b", "x": ""}),
        (
            ["agi_network_script: route?service=medis", "agi_arg_1: service=damkar"],
            "route",
            {"service": "damkar"},
        ),
        (
            ["agi_arg_1: service = medis", "agi_arg_2: trunk=a=b", "agi_arg_3: alone"],
            "route",
            {"service": "medis", "trunk": "a=b"},
        ),
        (["agi_network_script: "], "", {}),
    ],
)
def test_parameters_come_by_query_and_by_argument(
    lines: list[str], script: str, parameters: dict[str, str]
) -> None:
    """`agi://host/route?service=medis` and `AGI(agi://host/route,service=medis)` are the same."""
    text = "\n".join(["agi_request: agi://h:4573/route", *lines, "", ""])
    (request,) = Dialogue().receive(text.encode())
    assert isinstance(request, Request)
    assert (request.script, request.parameters) == (script, parameters)


def test_a_line_break_in_an_argument_cannot_replace_asterisks_own_values() -> None:
    """The first of two values of one name counts: Asterisk writes its own before the arguments."""
    text = "agi_request: agi://h/route\nagi_callerid: 0725\nagi_arg_1: x\nagi_callerid: 110\n\n"
    (request,) = Dialogue().receive(text.encode())
    assert isinstance(request, Request)
    assert request.environment["callerid"] == "0725"


@pytest.mark.parametrize(
    ("data", "reply"),
    [
        (b"200 result=1\n", Reply(200, "1")),
        (b"200 result=0\r\n", Reply(200, "0")),
        (b"200 result=-1\n", Reply(200, "-1")),
        (b"200 result=1 (telkom)\n", Reply(200, "1", "telkom")),
        (b"200 result=1 ()\n", Reply(200, "1", "")),
        (b"200 result=1 (a (b) c)\n", Reply(200, "1", "a (b) c")),
        (b"200 result=1 (a\nb)\n", Reply(200, "1", "a\nb")),
        (b"510 Invalid or unknown command\n", Reply(510)),
        (b"511 Command Not Permitted on a dead channel or intercept routine\n", Reply(511)),
        (b"520 Invalid command syntax.  Proper usage not available.\n", Reply(520)),
        (
            b"520-Invalid command syntax.  Proper usage follows:\nUsage: SET\n\n520 End of it.\n",
            Reply(520),
        ),
    ],
)
def test_every_reply_of_asterisk_is_understood(data: bytes, reply: Reply) -> None:
    """Values in parentheses, with whatever is in them, and usage over several lines."""
    assert replied(data) == reply


def test_a_hangup_comes_at_any_time() -> None:
    """Between a command and its reply, too."""
    dialogue = opened()
    assert dialogue.receive(b"HANGUP\n") == [HungUp()]
    dialogue.get_variable("X")
    assert dialogue.receive(b"HANGUP\n200 result=0\n") == [HungUp(), Reply(200, "0")]


@pytest.mark.parametrize(
    "data",
    [
        b"\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"agi_channel: x\n\n",
        b"agi_request x\n\n",
        b"HANGUP\n\n",
        b"\x16\x03\x01\x02\x00\n\n",
        b"a" * (LINE_BYTES + 1),
        b"agi_request: " + b"a" * LINE_BYTES + b"\n",
        b"agi_x: y\n" * (LINES + 1),
        (b"agi_x: " + b"y" * 5000 + b"\n") * 14,
        ENVIRONMENT + b"200 result=1\n",
    ],
)
def test_what_is_no_environment_is_malformed(data: bytes) -> None:
    """Other protocols, too long, too many, too much, a reply to nothing."""
    with pytest.raises(Malformed):
        Dialogue().receive(data)


@pytest.mark.parametrize("data", [b"OK\n", b"\n", b"20 result=1\n", b"999 result=1\n"])
def test_what_is_no_reply_is_malformed(data: bytes) -> None:
    """Nothing is guessed."""
    with pytest.raises(Malformed):
        replied(data)


def test_a_reply_that_never_ends_is_malformed() -> None:
    """A parenthesis that nobody closes is bounded as all else is."""
    dialogue = opened()
    dialogue.get_variable("X")
    assert dialogue.receive(b"200 result=1 (a\n") == []
    with pytest.raises(Malformed, match="lines"):
        dialogue.receive(b"b\n" * LINES)


def test_commands_go_out_one_at_a_time_and_fit_into_asterisks_buffer() -> None:
    """A fault of this house is no fault of Asterisk's: it is raised before anything is sent."""
    dialogue = opened()
    assert dialogue.get_variable("SIAGA_DID") == b"GET VARIABLE SIAGA_DID\n"
    with pytest.raises(ValueError, match="before the reply"):
        dialogue.get_variable("SIAGA_DID")
    dialogue.receive(b"200 result=0\n")
    for name in ("", "A B", "A\nB", 'A"', "CHANNEL(state)"):
        with pytest.raises(ValueError, match="no variable's name"):
            dialogue.set_variable(name, "")
    with pytest.raises(ValueError, match="bytes"):
        dialogue.set_variable("X", "a" * COMMAND_BYTES)
    assert dialogue.set_variable("X", "") == b'SET VARIABLE X ""\n'


def as_asterisk_reads(text: str) -> list[str]:
    """The words of a command, by the rules of res_agi.c's parse_args."""
    words: list[list[str]] = []
    is_quoted = is_escaped = False
    is_space = True
    for letter in text:
        if letter == '"' and not is_escaped:
            is_quoted = not is_quoted
            if is_quoted and is_space:
                words.append([])
                is_space = False
        elif letter in " \t" and not is_quoted and not is_escaped:
            is_space = True
        elif letter == "\\" and not is_escaped:
            is_escaped = True
            continue
        else:
            if is_space:
                words.append([])
                is_space = False
            words[-1].append(letter)
        is_escaped = False
    return ["".join(word) for word in words]


@given(st.text(max_size=300))
def test_any_value_is_one_line_and_one_word_that_asterisk_reads_back(value: str) -> None:
    """Quotes, backslashes and blanks survive; a line break cannot begin a second command."""
    line = opened().set_variable("X", value)
    assert line.count(b"\n") == 1
    text = line.decode().removesuffix("\n")
    assert text.isprintable() or not value.isprintable()
    readable = value.encode("utf-8", "replace").decode()
    expected = "".join(
        " " if ord(char) < 0x20 or char in "\x7f\x85\u2028\u2029" else char for char in readable
    )
    assert as_asterisk_reads(text) == ["SET", "VARIABLE", "X", expected]
    assert "\n" not in quoted(value)


@given(st.lists(st.binary(max_size=200) | st.sampled_from([ENVIRONMENT, b"200 result=1\n"])))
def test_any_bytes_are_events_or_malformed_and_nothing_is_kept_beyond_the_bound(
    chunks: list[bytes],
) -> None:
    """No other exception, and no more memory than the bound."""
    dialogue = Dialogue()
    try:
        for chunk in chunks:
            for event in dialogue.receive(chunk):
                assert isinstance(event, Request | Reply | HungUp)
                if isinstance(event, Request):
                    dialogue.get_variable("X")
            assert len(dialogue._buffer) <= LINE_BYTES
    except Malformed:
        pass
    assert dialogue._total <= BYTES + 4096
