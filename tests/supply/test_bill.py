"""The bill of materials has all that an installation consists of, and nothing else."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from supply import HOUSE, RUN, licence, lock
from supply.bill import BillError, bill, needed
from supply.licence import judge
from supply.lock import Locked

PROGRAM = """
import sys
from tests.supply.test_bill import ours, made
sys.stdout.buffer.write(made(ours()))
"""


def ours() -> list[Locked]:
    """What the service runs with here."""
    return [each for each in lock.read(RUN) if each.applies]


def made(locked: list[Locked]) -> bytes:
    """The bill of these."""
    verdicts = judge([each.name for each in ours()], licence.load())
    return bill(locked, {each.package: each.spdx for each in verdicts})


@pytest.fixture(scope="module")
def told() -> Any:
    """Our bill, read."""
    return json.loads(made(ours()))


def test_each_locked_package_is_a_component_with_version_hashes_and_licence(told: Any) -> None:
    """All of them, each once, in the order of their names."""
    assert (told["bomFormat"], told["specVersion"], told["version"]) == ("CycloneDX", "1.6", 1)
    assert [each["name"] for each in told["components"]] == sorted(each.name for each in ours())
    by_name = {each["name"]: each for each in told["components"]}
    for each in ours():
        component = by_name[each.name]
        assert component["version"] == each.version
        assert component["purl"] == f"pkg:pypi/{each.name}@{each.version}"
        assert {one["content"] for one in component["hashes"]} == set(each.hashes)
        assert component["licenses"][0]["expression"]


def test_who_needs_whom_leads_from_the_wheel_to_each_component(told: Any) -> None:
    """No reference leads nowhere; from our own project every component is come to."""
    needs = {each["ref"]: each["dependsOn"] for each in told["dependencies"]}
    refs = {each["bom-ref"] for each in told["components"]}
    own = told["metadata"]["component"]["bom-ref"]
    assert set(needs) == refs | {own}
    reached: set[str] = set()
    waiting = [own]
    while waiting:
        ref = waiting.pop()
        if ref not in reached:
            reached.add(ref)
            waiting += needs[ref]
    assert reached == refs | {own}
    greenlet = next(each for each in refs if "/greenlet@" in each)
    sqlalchemy = next(each for each in refs if "/sqlalchemy@" in each)
    assert greenlet in needs[sqlalchemy], "by the extra that our project asks for"


def test_it_is_the_same_whoever_makes_it() -> None:
    """Another process, time zone and seed; not a word of when, and of no address."""
    first = made(ours())
    for seed, zone in (("1", "UTC"), ("2", "Asia/Jakarta")):
        done = subprocess.run(  # noqa: S603 - this module
            [sys.executable, "-c", PROGRAM],
            cwd=HOUSE,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            check=True,
        )
        assert done.stdout == first
    assert b"://" not in first
    assert b"timestamp" not in first


def test_its_number_is_that_of_its_content() -> None:
    """Another hash is another bill."""
    changed = [replace(ours()[0], hashes=("0" * 64,)), *ours()[1:]]
    numbers = {json.loads(made(each))["serialNumber"] for each in (ours(), changed)}
    assert len(numbers) == 2


def test_a_lock_that_does_not_fit_the_installation_has_no_bill() -> None:
    """Something missing, something too much, another version."""
    first, *others = ours()
    with pytest.raises(BillError, match=first.name):
        made(others)
    with pytest.raises(BillError, match="pytest"):
        made([first, *others, replace(first, name="pytest")])
    with pytest.raises(BillError, match=rf"{first.name} \S+ is installed, not 0"):
        made([replace(first, version="0"), *others])
    assert "pytest" not in needed()
