"""Where the store is, as settings name it: `sqlite:////var/lib/…` or `postgresql://user@host/name`.

A password is never part of it: it comes from the environment or a credentials file.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

SQLITE, POSTGRESQL = "sqlite", "postgresql"
EXAMPLES: Final = (
    "expected one such as sqlite:////var/lib/siaga112/journal.sqlite or "
    "postgresql://siaga112@127.0.0.1/siaga112"
)
PASSWORD: Final = "SIAGA_STORE_PASSWORD"  # noqa: S105 - the name of a variable
DIRECTORY: Final = "CREDENTIALS_DIRECTORY"
"""Set by systemd for units with `LoadCredential=siaga-store:…` (systemd.exec(5))."""
DIRECTORY_FILE: Final = "siaga-store"
FILE_NAME: Final = "journal.sqlite"


class AddressError(Exception):
    """The text names no store; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Address:
    """A store's URL.

    Attributes:
        url: As it is written.
        password: PostgreSQL's, when it wants one; never shown.
    """

    url: str
    password: str | None = field(default=None, repr=False)

    @property
    def file(self) -> Path | None:
        """SQLite's file; None for PostgreSQL."""
        path = self.url.removeprefix(f"{SQLITE}:///")
        return None if path == self.url else Path(path)

    def __str__(self) -> str:
        return self.url


def check(text: str) -> None:
    """Returns when the text names a store.

    Raises:
        AddressError: It names none.
    """
    try:
        url = urlsplit(text)
        port, password = url.port, url.password
    except ValueError:
        raise AddressError(f"this is no URL; {EXAMPLES}") from None
    if password is not None or "password=" in url.query:
        raise AddressError(
            f"no password in settings: it comes from {PASSWORD} or the credentials file "
            f"{DIRECTORY_FILE}"
        )
    if url.scheme == SQLITE:
        if url.netloc or url.query or url.fragment or not url.path.startswith("//"):
            raise AddressError(f"{text!r} names no file from the root; {EXAMPLES}")
    elif url.scheme != POSTGRESQL or len(url.path) <= 1 or url.fragment or port == 0:
        raise AddressError(f"{text!r} names no store; {EXAMPLES}")


def find(url: str | None, spool: Path, environment: Mapping[str, str] = os.environ) -> Address:
    """The store that the settings name, or else a file beside the spool's, with its password."""
    if url is None:
        return Address(f"{SQLITE}:///{spool / FILE_NAME}")
    if urlsplit(url).scheme == SQLITE:
        return Address(url)
    return Address(url, _password(environment))


def _password(environment: Mapping[str, str]) -> str | None:
    """From the environment or systemd's file; None where PostgreSQL asks for none."""
    if PASSWORD in environment:
        return environment[PASSWORD]
    if DIRECTORY in environment:
        with suppress(OSError, UnicodeDecodeError):  # PostgreSQL says what it thinks of none
            path = Path(environment[DIRECTORY]) / DIRECTORY_FILE
            return path.read_text(encoding="utf-8").strip()
    return None
