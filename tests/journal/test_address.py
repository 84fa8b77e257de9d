"""A store is named by a URL without a password."""

from pathlib import Path

import pytest

from journal.address import Address, AddressError, check, find

SPOOL = Path("/var/lib/siaga112/spool")


@pytest.mark.parametrize(
    "text",
    [
        "sqlite:////var/lib/siaga112/journal.sqlite",
        "postgresql://siaga112@127.0.0.1/siaga112",
        "postgresql://db.example:5433/siaga112?ssl=require",
        "postgresql:///siaga112?host=/run/postgresql",
    ],
)
def test_a_store_can_be_named(text: str) -> None:
    """A file from the root, or a database of a server."""
    check(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("journal.sqlite", "names no store"),
        ("sqlite:///journal.sqlite", "names no file from the root"),
        ("sqlite:////a.sqlite?mode=ro", "names no file from the root"),
        ("sqlite://host/a", "names no file from the root"),
        ("mysql://host/name", "names no store"),
        ("postgresql://host", "names no store"),
        ("postgresql://host:99999/name", "is no URL"),
        ("postgresql://user:word@host/name", "no password in settings"),
        ("postgresql://host/name?password=word", "no password in settings"),
    ],
)
def test_what_names_none_is_told(text: str, told: str) -> None:
    """With what was expected; a password is never repeated."""
    with pytest.raises(AddressError, match=told) as caught:
        check(text)
    assert "word@" not in str(caught.value)


def test_without_a_name_it_is_a_file_of_the_spools_folder() -> None:
    """The one folder that is sure to be writable."""
    assert find(None, SPOOL, {}).file == SPOOL / "journal.sqlite"


def test_the_password_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    """The environment wins; without both PostgreSQL may still let the user in."""
    url = "postgresql://siaga112@127.0.0.1/siaga112"
    (tmp_path / "siaga-store").write_text("from the file\n")
    given = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert find(url, SPOOL, given) == Address(url, "from the file")
    assert find(url, SPOOL, {**given, "SIAGA_STORE_PASSWORD": "own"}) == Address(url, "own")
    assert find(url, SPOOL, {"CREDENTIALS_DIRECTORY": "/nowhere"}).password is None
    assert "own" not in repr(Address(url, "own"))
