"""Whether vulnerabilities are known, are not, or nothing is known: three answers, never mixed."""

import json
from pathlib import Path
from typing import Any

import pytest

from supply import __main__ as audit
from supply import advisory
from supply.advisory import Advisory, NotKnown, look_up
from supply.lock import Locked

A, B = (Locked(name, "1.0", ("0" * 64,), "", 1) for name in ("a", "b"))
ELSEWHERE = Locked("c", "1.0", ("0" * 64,), "sys_platform == 'win32'", 1)
HARMFUL = {"name": "a", "version": "1.0", "vulns": [{"id": "X-1", "fix_versions": ["1.1"]}]}
HARMLESS = {"name": "a", "version": "1.0", "vulns": []}
OTHER = {"name": "b", "version": "1.0", "vulns": []}
PASSED_OVER = {"name": "b", "skip_reason": "Dependency not found and could not be audited: b (1.0)"}


class Told:
    """Stands for pip-audit: says what it is given, of what it is asked.

    Attributes:
        asked: The requirements of each question.
    """

    def __init__(self, *dependencies: dict[str, Any]) -> None:
        self.asked: list[list[str]] = []
        self._dependencies = dependencies

    def __call__(self, file: Path) -> str:  # noqa: D102 - as pip_audit
        lines = file.read_text().split()
        self.asked.append(lines)
        names = {line.split("==")[0] for line in lines}
        found = [each for each in self._dependencies if each["name"] in names]
        return json.dumps({"dependencies": found, "fixes": []})


def test_what_is_known_is_told_with_the_version_that_mends_it() -> None:
    """One is asked for first; what does not apply here is not asked for."""
    told = Told(HARMFUL, OTHER)
    (found,) = look_up([A, B, ELSEWHERE], told)
    assert found == Advisory("a", "1.0", "X-1", ("1.1",))
    assert str(found) == "a 1.0: X-1, mended in 1.1"
    assert told.asked == [["a==1.0"], ["a==1.0", "b==1.0"]]


def test_nothing_is_known_of_packages_that_all_have_been_looked_for() -> None:
    """Only then is the answer that there is none."""
    assert look_up([A, B], Told(HARMLESS, OTHER)) == []


@pytest.mark.parametrize(
    ("dependencies", "why"),
    [
        ((HARMLESS, PASSED_OVER), "could not be audited: b"),
        ((HARMLESS,), "nothing is said of b"),
        ((HARMFUL, PASSED_OVER), "could not be audited: b"),
    ],
)
def test_one_package_that_is_passed_over_is_no_all_clear(
    dependencies: tuple[dict[str, Any], ...], why: str
) -> None:
    """pip-audit itself ends with 0 then, and says that no vulnerabilities are known."""
    with pytest.raises(NotKnown, match=why):
        look_up([A, B], Told(*dependencies))


def test_where_nothing_can_be_known_only_one_package_is_asked_for() -> None:
    """The others would have the same answer."""
    told = Told({"name": "a", "skip_reason": "not found"})
    with pytest.raises(NotKnown, match="not found"):
        look_up([A, B], told)
    assert told.asked == [["a==1.0"]]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"dependencies": 7}', '{"dependencies": [{}]}'])
def test_what_is_not_understood_is_not_known(text: str) -> None:
    """Another version of pip-audit may say it otherwise."""
    with pytest.raises(NotKnown):
        look_up([A], lambda _file: text)


@pytest.mark.parametrize(
    ("dependencies", "is_well", "expected"),
    [
        ((HARMLESS, OTHER), True, audit.WELL),
        ((HARMFUL, OTHER), True, audit.WRONG),
        ((HARMLESS, PASSED_OVER), True, audit.UNKNOWN),
        ((HARMLESS, PASSED_OVER), False, audit.WRONG),
    ],
)
def test_each_answer_has_an_exit_status_of_its_own(
    dependencies: tuple[dict[str, Any], ...],
    expected: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    is_well: bool,
) -> None:
    """What is wrong elsewhere is worse than what is not known; the latter is said aloud."""
    monkeypatch.setattr(advisory, "pip_audit", Told(*dependencies))
    monkeypatch.setattr(audit, "_wheel", lambda: is_well)
    monkeypatch.setattr(audit, "_advised", lambda: [A, B])
    assert audit.main(["--bill", str(tmp_path / "bill.json")]) == expected
    said = capsys.readouterr().out
    assert ("NOT KNOWN" in said) is (PASSED_OVER in dependencies)
    assert ("none is known" in said) is (dependencies == (HARMLESS, OTHER))
