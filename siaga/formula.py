"""What a spreadsheet would take for a formula; callers' phones and administrators choose texts."""

from typing import Final

BEGINS: Final = (*"=@+-", "\t", "\r", "\n", *"\uff1d\uff20\uff0b\uff0d")
"""The begins of one, the wide forms of East Asia too (OWASP, CSV injection)."""


def harmless(text: str) -> str:
    """A text that no spreadsheet runs; a number in the international form is one."""
    return f"'{text}" if text.startswith(BEGINS) and not text[1:].isdecimal() else text
