"""The ARI credential comes from the environment or a file, and is shown nowhere."""

from base64 import b64decode
from pathlib import Path

import pytest

from switch.credential import Credential, CredentialError


def test_the_environment_is_first(tmp_path: Path) -> None:
    """Name and password in variables win over a file."""
    file = tmp_path / "f"
    file.write_text("other:word\n")
    found = Credential.from_environment(
        {
            "SIAGA_ARI_USER": "siaga",
            "SIAGA_ARI_PASSWORD": "x:y",
            "SIAGA_ARI_CREDENTIALS_FILE": str(file),
        }
    )
    assert (found.user, found.password) == ("siaga", "x:y")
    assert b64decode(found.header.removeprefix("Basic ")) == b"siaga:x:y"
    assert "x:y" not in repr(found)


def test_a_file_has_one_line(tmp_path: Path) -> None:
    """By its own variable, or in systemd's folder of credentials."""
    file = tmp_path / "siaga-ari"
    file.write_text("siaga:pass:word\n")
    by_variable = Credential.from_environment({"SIAGA_ARI_CREDENTIALS_FILE": str(file)})
    by_systemd = Credential.from_environment({"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert by_variable == by_systemd == Credential("siaga", "pass:word")


@pytest.mark.parametrize("text", ["", "siaga", ":password", "siaga:", "a:b\nc:d", b"\xff:x"])
def test_a_file_of_another_form_is_refused(tmp_path: Path, text: str | bytes) -> None:
    """The message names the file, and what was expected, but not what is in it."""
    file = tmp_path / "f"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(CredentialError, match=str(file)) as caught:
        Credential.from_file(file)
    assert "password'" in str(caught.value) or "cannot be read" in str(caught.value)


def test_it_knows_where_it_came_from(tmp_path: Path) -> None:
    """Whoever has to correct it is led there."""
    file = tmp_path / "siaga-ari"
    file.write_text("siaga:x")
    by_name = {"SIAGA_ARI_USER": "siaga", "SIAGA_ARI_PASSWORD": "x"}
    assert Credential.from_environment(by_name).origin == "SIAGA_ARI_USER and SIAGA_ARI_PASSWORD"
    assert Credential.from_file(file).origin == str(file)


def test_no_credential_says_where_it_was_sought(tmp_path: Path) -> None:
    """An empty environment, and a file that is not there."""
    with pytest.raises(CredentialError, match="SIAGA_ARI_USER"):
        Credential.from_environment({})
    with pytest.raises(CredentialError, match="cannot be read"):
        Credential.from_file(tmp_path / "none")
