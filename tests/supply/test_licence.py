"""A package under a licence that nobody has looked at is found out."""

from pathlib import Path

import pytest

from supply import RUN, licence, lock
from supply.licence import Read, Rules, is_allowed, judge

ALLOWED = {"MIT": "", "BSD-3-Clause": "", "GPL-2.0-only WITH Classpath-exception-2.0": ""}


def packages() -> list[str]:
    """What the service runs with here."""
    return [each.name for each in lock.read(RUN) if each.applies]


def test_each_package_of_ours_is_under_a_licence_that_is_allowed() -> None:
    """By its installed metadata, or as somebody has read it; and no reading is of another one."""
    verdicts = judge(packages(), licence.load())
    assert [each for each in verdicts if each.fault] == []
    assert len(verdicts) == len(packages())


def test_each_licence_of_the_list_is_somebodys_and_has_a_reason() -> None:
    """What nobody needs is not allowed beforehand."""
    rules = licence.load()
    assert all(rules.allowed.values())
    assert all(each.why for each in rules.read.values())
    used = " ".join(each.spdx for each in judge(packages(), rules))
    assert [id_ for id_ in rules.allowed if id_ not in used] == []


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("MIT", True),
        ("AGPL-3.0-only", False),
        ("MIT AND AGPL-3.0-only", False),
        ("AGPL-3.0-only OR MIT", True),
        ("MIT AND (AGPL-3.0-only OR BSD-3-Clause)", True),
        ("(MIT OR AGPL-3.0-only) AND AGPL-3.0-only", False),
        ("AGPL-3.0-only AND MIT OR BSD-3-Clause", True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", True),
        ("GPL-2.0-only", False),
        ("MIT WITH Classpath-exception-2.0", False),
    ],
)
def test_an_expression_is_allowed_if_all_of_and_and_one_of_or_are(
    expression: str, *, expected: bool
) -> None:
    """AND binds closer (SPDX 3, annex on licence expressions)."""
    assert is_allowed(expression, ALLOWED) is expected


@pytest.mark.parametrize("text", ["", "MIT AND", "(MIT", "MIT)", "MIT MIT", "OR MIT", "MIT, BSD"])
def test_what_is_no_expression_is_no_licence(text: str) -> None:
    """It is not read as far as it goes."""
    with pytest.raises(ValueError, match="no SPDX expression"):
        is_allowed(text, ALLOWED)


@pytest.mark.parametrize(
    ("about", "read", "fault"),
    [
        ("License-Expression: MIT", None, ""),
        ("License-Expression: AGPL-3.0-only", None, "AGPL-3.0-only is not allowed here"),
        ("License-Expression: MIT and so on", None, "no SPDX expression"),
        ("License: As we like", None, "says 'As we like': read its licence"),
        ("Name: nothing", None, "says '': read its licence"),
        ("License: As we like", Read("As we like", "MIT", "read"), ""),
        ("License: As we like", Read("As we like", "AGPL-3.0-only", "read"), "is not allowed"),
        ("License: Otherwise", Read("As we like", "MIT", "read"), "and said 'As we like'"),
        ("License-Expression: MIT", Read("As we like", "MIT", "read"), "take it out"),
        ("Classifier: License :: OSI Approved :: MIT License", None, "says 'MIT License'"),
    ],
)
def test_words_are_not_guessed_at(
    about: str, read: Read | None, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody has to have read the licence, and what they read has to be there still."""
    folder = tmp_path / "sample_package-1.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nVersion: 1\n{about}\n")
    monkeypatch.syspath_prepend(tmp_path)
    rules = Rules(ALLOWED, {} if read is None else {"sample-package": read})
    (verdict,) = judge(["sample-package"], rules)
    assert fault in verdict.fault
    assert bool(verdict.fault) is bool(fault)


def test_what_is_not_there_is_not_passed_over() -> None:
    """A package that is not installed, and a reading of one that is not needed any more."""
    rules = Rules(ALLOWED, {"gone": Read("", "MIT", "read")})
    absent, stale = judge(["no-such-package"], rules)
    assert "is not installed" in absent.fault
    assert (stale.package, "take it out" in stale.fault) == ("gone", True)
