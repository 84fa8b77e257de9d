"""Free ports on loopback, drawn at random so that two runs side by side seldom ask for the same."""

import random
import socket
from contextlib import ExitStack

LOWEST, HIGHEST = 20_000, 32_000
"""Below Linux's ephemeral range (32768 and up), above well-known services."""
TRIES = 200


def free_tcp_port(host: str = "127.0.0.1") -> int:
    """A TCP port that nobody listens on now."""
    return _free(host, socket.SOCK_STREAM, 1)


def free_udp_port(host: str = "127.0.0.1") -> int:
    """A UDP port that nobody is bound to now."""
    return _free(host, socket.SOCK_DGRAM, 1)


def free_udp_block(count: int, host: str = "127.0.0.1") -> int:
    """The first of `count` consecutive free UDP ports; even, as RTP wants it."""
    return _free(host, socket.SOCK_DGRAM, count)


def _free(host: str, kind: socket.SocketKind, count: int) -> int:
    draw = random.SystemRandom()
    for _ in range(TRIES):
        first = draw.randrange(LOWEST, HIGHEST - count, 2)
        if all_free(host, kind, range(first, first + count)):
            return first
    raise OSError(f"no {count} free ports in a row between {LOWEST} and {HIGHEST} on {host}")


def all_free(host: str, kind: socket.SocketKind, ports: range) -> bool:
    """Whether all of these ports can be bound at this moment."""
    with ExitStack() as held:
        for port in ports:
            probe = held.enter_context(socket.socket(socket.AF_INET, kind))
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True
