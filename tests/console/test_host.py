"""The console answers to its own names, and to no page's that had its name point here."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.host import Hosts

HOSTS = Hosts("pos.lan", ["Pantau.Metro.example"])


@pytest.mark.parametrize(
    "header",
    [
        None,
        *("127.0.0.1", "127.0.0.1:8112", "[::1]:8112", "[fe80::1%eth0]", "10.1.2.3"),
        *(
            "localhost",
            "LOCALHOST:80",
            "localhost.",
            "pos.lan:8112",
            "pantau.metro.example",
            socket.gethostname(),
        ),
    ],
)
def test_addresses_and_own_names_are_known(header: str | None) -> None:
    """With a port or without, in any case; a program of before HTTP/1.1 says none."""
    assert HOSTS.knows(header)


@pytest.mark.parametrize(
    "header",
    [
        *("", "::1", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8112"),
        *("pos.lan@evil.example", "[evil.example]", "[::1", "127.1", "0x7f000001", "2130706433"),
        *("localhost:", "localhost:x", "localhost:8112, evil.example", "127.0.0.1\x00"),
    ],
)
def test_all_others_are_not(header: str) -> None:
    """Whatever begins or ends like one of them."""
    assert not HOSTS.knows(header)


@given(st.text())
def test_whatever_is_said_it_is_yes_or_no(header: str) -> None:
    """Never a fault."""
    assert HOSTS.knows(header) in {True, False}
