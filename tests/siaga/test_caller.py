"""What the end of a caller's stay means."""

import pytest

from siaga.caller import may_be_pulled_out
from switch.event import ChannelView, StasisEnd

MADE = "2026-11-24T23:11:04.795+0000"


@pytest.mark.parametrize(
    ("state", "ended", "expected"),
    [
        ("Ring", "2026-11-24T23:11:04.799+0000", False),
        ("Ring", "2026-11-24T23:11:14.796+0000", True),
        ("Up", "2026-11-24T23:11:04.799+0000", True),
        ("Ring", "", True),
        ("Ring", "2026-11-24T23:11:04.799", True),
    ],
)
def test_only_the_fuse_pulls_out_who_was_not_answered(
    state: str, ended: str, *, expected: bool
) -> None:
    """Gone before it can have burnt is given up; what Asterisk's clock does not tell is not."""
    channel = ChannelView("1795.1", state=state, creationtime=MADE)
    assert may_be_pulled_out(StasisEnd(channel, ended)) is expected
