"""Every mutant still breaks what it says: it fits the code, and the broken code compiles."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants.clone import HOUSE, clone
from tests.mutants.mutant import Mutant, Stale, mutants, read, uncaught

LEAST = 20
"""So many rules are broken at least."""
MUTANTS = (*mutants(), *uncaught())


def named(mutant: Mutant) -> str:
    """For the test's name."""
    return mutant.name


@pytest.mark.parametrize("mutant", MUTANTS, ids=named)
def test_it_fits_the_code(mutant: Mutant) -> None:
    """What it edits is there once, and the code is other code afterwards, not other prose."""
    code = (HOUSE / mutant.file).read_text(encoding="utf-8")
    broken = mutant.applied(code)
    compile(broken, mutant.file, "exec")
    assert ast.dump(ast.parse(broken)) != ast.dump(ast.parse(code))


@pytest.mark.parametrize("mutant", MUTANTS, ids=named)
def test_it_says_which_rule_it_breaks(mutant: Mutant) -> None:
    """The name is words, the rule is a sentence, and the broken file is one that serves callers."""
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", mutant.name)
    assert re.fullmatch(r"[A-Z].*[.)]", mutant.rule)
    assert mutant.file.partition("/")[0] in {"routing", "ivr", "siaga"}


def test_no_two_are_one() -> None:
    """Each breaks something else, and there are enough of them."""
    assert len({mutant.rule for mutant in MUTANTS}) == len(MUTANTS)
    assert len(mutants()) >= LEAST
    assert len({(mutant.file, mutant.old, mutant.new) for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("code", ["", "a = 1\na = 1\n"])
def test_a_stale_one_is_refused(code: str) -> None:
    """Where its piece of code is not there, or twice, nothing is edited."""
    mutant = Mutant("stale", "None.", "routing/floor.py", "a = 1", "a = 2")
    with pytest.raises(Stale, match=r"routing/floor\.py"):
        mutant.applied(code)


def test_unknown_keys_are_refused(tmp_path: Path) -> None:
    """A typing error in a mutant's file does not go unnoticed."""
    file = tmp_path / "odd.toml"
    file.write_text("rule = 'R.'\nfile = 'f'\nold = 'a'\nnew = 'b'\nwhy = 'c'\n")
    with pytest.raises(TypeError, match="why"):
        read(file)


def test_the_copy_is_what_runs() -> None:
    """In a copy, Python takes the copy's modules, the broken one among them; the house is whole."""
    mutant = MUTANTS[0]
    before = (HOUSE / mutant.file).read_bytes()
    module = mutant.file.removesuffix(".py").replace("/", ".")
    script = f"import importlib; print(importlib.import_module({module!r}).__file__)"
    with clone(mutant) as folder:
        out = subprocess.run(  # noqa: S603 - our own interpreter and words
            [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=True
        )
        assert Path(out.stdout.strip()) == folder / mutant.file
        assert (folder / mutant.file).read_bytes() != before
    assert (HOUSE / mutant.file).read_bytes() == before
    assert not folder.exists()
