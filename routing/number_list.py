"""A list of telephone numbers as administrators write it: whole ones, and whole ranges."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from routing.number import identify, normalise_prefix, shown

ANY: Final = "*"
"""Ends an entry that stands for all numbers which begin so."""


def meant(entry: str, *, country: str, area_code: str) -> str:
    """The number in international form, or its beginning and `*`, that an entry stands for.

    Args:
        entry: `0725412345` is that number, in any spelling; `0725*` are all that begin so.
        country: ISO 3166 code of the country whose national numbers are meant.
        area_code: Of the city, for subscriber numbers.

    Raises:
        ValueError: It is no number, and no beginning of one.
    """
    if entry.endswith(ANY):
        return normalise_prefix(entry.removesuffix(ANY), country) + ANY
    e164 = identify(entry, country=country, area_code=area_code).e164
    if e164 is None:
        expected = "expected one such as 081234567890, or 0725* for all that begin so"
        message = f"{shown(entry)!r} is no whole telephone number; {expected}"
        raise ValueError(message)
    return e164


class NumberList:
    """Numbers, told apart by what they mean and not by how a carrier writes them.

    Args:
        entries: As for `meant`; what cannot be read stands for no number.
        country: ISO 3166 code of the country whose national numbers are meant.
        area_code: Of the city, for subscriber numbers.
    """

    def __init__(self, entries: Iterable[str], *, country: str, area_code: str) -> None:
        every = set[str]()
        for entry in entries:
            with suppress(ValueError):
                every.add(meant(entry, country=country, area_code=area_code))
        prefixes = {entry for entry in every if entry.endswith(ANY)}
        self._whole = every - prefixes
        self._prefixes = tuple(prefix.removesuffix(ANY) for prefix in prefixes)

    def __contains__(self, e164: str) -> bool:
        """Whether a number in international form is listed."""
        return e164 in self._whole or e164.startswith(self._prefixes)
