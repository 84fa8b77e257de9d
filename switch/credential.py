"""The name and password for ARI, from the environment or a file; never from settings or a URL."""

import os
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

USER, PASSWORD = "SIAGA_ARI_USER", "SIAGA_ARI_PASSWORD"
FILE = "SIAGA_ARI_CREDENTIALS_FILE"
DIRECTORY = "CREDENTIALS_DIRECTORY"
"""Set by systemd for units with `LoadCredential=siaga-ari:…` (systemd.exec)."""
DIRECTORY_FILE = "siaga-ari"


class CredentialError(Exception):
    """No usable credential; the message says where it was looked for."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A user of Asterisk's `ari.conf`; the password is never shown.

    Attributes:
        user: The name.
        password: The word.
        origin: Where they came from, for whoever has to correct them.
    """

    user: str
    password: str = field(repr=False)
    origin: str = field(default="this process", compare=False)

    @property
    def header(self) -> str:
        """The value of the Authorization header (RFC 7617)."""
        pair = f"{self.user}:{self.password}".encode()
        return f"Basic {b64encode(pair).decode()}"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """The credential of this process.

        Raises:
            CredentialError: None is given, or the file cannot be read or is not `user:password`.
        """
        if USER in environment and PASSWORD in environment:
            return cls(environment[USER], environment[PASSWORD], f"{USER} and {PASSWORD}")
        if FILE in environment:
            return cls.from_file(Path(environment[FILE]))
        if DIRECTORY in environment:
            return cls.from_file(Path(environment[DIRECTORY]) / DIRECTORY_FILE)
        raise CredentialError(
            f"no ARI credential: set {USER} and {PASSWORD}, or {FILE} to a file with one line "
            "'user:password', or give systemd's unit LoadCredential=siaga-ari:PATH"
        )

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """The credential in a file of one line, `user:password`.

        Raises:
            CredentialError: It cannot be read, or is not of that form.
        """
        try:
            line = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise CredentialError(
                f"{path}: cannot be read: {reason}; expected one line 'user:password', readable "
                "for this process"
            ) from error
        user, colon, password = line.partition(":")
        if not (user and colon and password) or "\n" in line:
            raise CredentialError(f"{path}: expected one line 'user:password'")
        return cls(user, password, str(path))
