"""Asterisk's files are what the templates and the site's values say, or are not made at all."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siaga import dialplan
from siaga.dialplan import MissingValue, UnsafeValue, UnusedValue
from siaga.settings import load

CONFIG = Path(__file__).parents[2] / "config"
AT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one template of three lines."""
    (tmp_path / "siaga-a.conf").write_text("; @NOT_THIS@\nbind = @HOST@:@PORT@\nport = @PORT@\n")
    return tmp_path


def test_every_placeholder_is_replaced(folder: Path) -> None:
    """Each one, also twice in a file; comment lines stay as they are."""
    texts = dialplan.render({"HOST": "127.0.0.1", "PORT": "5060"}, folder)
    assert texts == {"siaga-a.conf": "; @NOT_THIS@\nbind = 127.0.0.1:5060\nport = 5060\n"}


def test_a_value_is_not_looked_into_for_placeholders(folder: Path) -> None:
    """A password may look like a placeholder."""
    assert (
        "bind = @PORT@:1\n"
        in dialplan.render({"HOST": "@PORT@", "PORT": "1"}, folder)["siaga-a.conf"]
    )


def test_missing_values_are_told_all_at_once_with_file_and_line(folder: Path) -> None:
    """One look at the message is enough to fill in the rest."""
    with pytest.raises(MissingValue) as error:
        dialplan.render({}, folder)
    assert str(error.value).splitlines() == [
        "siaga-a.conf:2: HOST has no value",
        "siaga-a.conf:2: PORT has no value",
    ]


def test_a_value_that_nothing_asks_for_is_an_error(folder: Path) -> None:
    """It is most likely a misspelt name."""
    with pytest.raises(UnusedValue, match=r"@PROT@; did you mean PORT\?"):
        dialplan.render({"HOST": "a", "PORT": "1", "PROT": "2"}, folder)


@pytest.mark.parametrize(
    "value", ["", " a", "a ", "a\nb", "a\rb", "a\0b", "a;b", "[a", "a]", "${a}", "a\\b"]
)
def test_a_value_that_means_something_to_asterisk_is_refused(folder: Path, value: str) -> None:
    """No value can end a line, begin a section or a comment, or be evaluated."""
    with pytest.raises(UnsafeValue, match=r"^siaga-a\.conf:2: the value of HOST "):
        dialplan.render({"HOST": value, "PORT": "1"}, folder)


@given(st.text())
def test_a_rendered_file_has_as_many_lines_as_its_template(value: str) -> None:
    """Whatever the values are: they are refused, or stay within their lines."""
    values = dict.fromkeys(dialplan.placeholders(), value)
    try:
        texts = dialplan.render(values)
    except UnsafeValue:
        return
    for name, text in texts.items():
        template = (dialplan.TEMPLATES / name).read_text()
        assert len(text.splitlines()) == len(template.splitlines())


def test_no_template_holds_a_password() -> None:
    """Secrets are filled in at the site."""
    for path in dialplan.TEMPLATES.glob("*.conf"):
        for line in path.read_text().splitlines():
            assert not re.match(r"\s*password\s*=(?!\s*@[A-Z0-9_]+@$)", line), (
                f"{path.name}: {line}"
            )


def test_every_object_is_prefixed() -> None:
    """A section is Siaga's own, or adds to one of Asterisk's that is there already."""
    for path in dialplan.TEMPLATES.glob("*.conf"):
        for line in path.read_text().splitlines():
            if line.startswith("["):
                assert re.match(r"\[siaga[\w-]*\]|\[\w+\]\(\+\)$", line), f"{path.name}: {line}"


def test_the_last_resort_knows_the_shipped_settings() -> None:
    """Seats, trunks and menu keys of `config/` are those of the dialplan."""
    settings = load(CONFIG)
    texts = {path.name: path.read_text() for path in dialplan.TEMPLATES.glob("*.conf")}
    phones, dial = texts["siaga-pjsip.conf"], texts["siaga-extensions.conf"]
    for seat in settings.operators.seats.values():
        assert f"[{seat.endpoint}](siaga-seat)" in phones
        assert f"PJSIP/{seat.endpoint}" in dial
    for name, trunk in settings.zones.trunks.items():
        assert f"[{trunk.endpoint}](siaga-trunk)" in phones
        assert f"[siaga-from-{name}]" in dial
    for key, service in settings.menu.keys.items():
        assert f'"${{SIAGA_KEY}}" = "{key}"]?Set(SIAGA_SERVICE={service})' in dial
    assert f"Set(SIAGA_SERVICE={settings.catalogue.default_service})" in dial


def test_duty_rows_are_a_context_per_service() -> None:
    """Each row returns who is on duty before its end; after the last nobody is known to be."""
    rows = {"medis": [(100, ["siaga-medis-1", "siaga-medis-2"]), (200, [])], "umum": []}
    text = dialplan.render_duty(rows, AT)
    assert [line for line in text.splitlines() if not line.startswith(";")] == [
        "",
        "[globals]",
        f"SIAGA_ROWS={dialplan.duty_stamp(text)}",
        "",
        "[siaga-duty-medis]",
        "exten => s,1,Set(LOCAL(now)=${EPOCH})",
        " same => n,ExecIf($[${now} < 100]?Return(PJSIP/siaga-medis-1&PJSIP/siaga-medis-2))",
        " same => n,ExecIf($[${now} < 200]?Return())",
        " same => n,Return()",
        "",
        "[siaga-duty-umum]",
        "exten => s,1,Set(LOCAL(now)=${EPOCH})",
        " same => n,Return()",
    ]
    assert "2026-11-24 07:00 +0000" in text


def test_the_stamp_tells_rows_apart_and_not_the_time_of_writing() -> None:
    """By it the daemon knows whether Asterisk has read these rows."""
    rows = {"medis": [(100, ["siaga-medis-1"])]}
    stamp = dialplan.duty_stamp(dialplan.render_duty(rows, AT))
    assert stamp == dialplan.duty_stamp(dialplan.render_duty(rows, AT + timedelta(days=1)))
    assert stamp != dialplan.duty_stamp(dialplan.render_duty({"medis": [(100, [])]}, AT))
    assert re.fullmatch(r"[0-9a-f]{16}", stamp)
    assert dialplan.duty_stamp("; of an older version\n[siaga-duty-medis]\n") == ""


@pytest.mark.parametrize("name", ["", "a b", "a)", "a&b", "a,b", "a\nb", "${a}", "[a]", "PJSIP/a"])
def test_strange_names_do_not_get_into_the_rows(name: str) -> None:
    """Neither as endpoint nor as service."""
    with pytest.raises(UnsafeValue):
        dialplan.render_duty({"medis": [(100, [name])]}, AT)
    with pytest.raises(UnsafeValue):
        dialplan.render_duty({name: []}, AT)


@pytest.mark.parametrize("ends", [(2, 1), (1, 1)])
def test_rows_out_of_order_are_refused(ends: tuple[int, int]) -> None:
    """An earlier end after a later one would never be reached."""
    with pytest.raises(ValueError, match="medis are not in ascending order"):
        dialplan.render_duty({"medis": [(end, []) for end in ends]}, AT)


def test_files_are_replaced_whole_and_keep_their_mode(tmp_path: Path) -> None:
    """A new file is not for everybody; an old one keeps its mode; nothing else is left behind."""
    (tmp_path / "old.conf").write_text("old")
    (tmp_path / "old.conf").chmod(0o600)
    dialplan.write({"old.conf": "new\n", "new.conf": "first\n"}, tmp_path)
    found = {
        path.name: (path.read_text(), path.stat().st_mode & 0o777) for path in tmp_path.iterdir()
    }
    assert found == {"old.conf": ("new\n", 0o600), "new.conf": ("first\n", 0o640)}


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    """Text that cannot be encoded stands for a full disk: the old file stays, no part is left."""
    (tmp_path / "a.conf").write_text("old")
    with pytest.raises(UnicodeEncodeError):
        dialplan.write({"a.conf": "new \udcff"}, tmp_path)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.conf", "old")]
