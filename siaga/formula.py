"""What a spreadsheet would take for a formula; callers' phones and administrators choose texts."""

from typing import Final

BEGINS: Final = ("=", "@", "+", "-", "\t", "\r")
"""The begins of one (OWASP, CSV injection)."""


def harmless(text: str) -> str:
    """A text that no spreadsheet runs; a number in the international form is one."""
    return f"'{text}" if text.startswith(BEGINS) and not text[1:].isdecimal() else text
