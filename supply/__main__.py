"""Looks at what the software is made of, part by part; `make audit`.

    python -m supply [--bill FILE]

Exit status: 0 all is well; 1 something is wrong; 3 nothing is wrong as far as is known, and of the
vulnerabilities nothing is known.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from supply import AUDIT, BUILD, DEV, HOUSE, RUN, advisory, licence, lock, wheel
from supply.bill import BillError, bill
from supply.licence import Verdict
from supply.lock import Locked

WELL, WRONG, UNKNOWN = 0, 1, 3
BILL: Final = HOUSE / "dist" / "siaga112.cdx.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Tells each part's outcome; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bill", type=Path, default=BILL, help="where the bill is written")
    given = parser.parse_args(arguments)
    run = [each for each in lock.read(RUN) if each.applies]
    verdicts = licence.judge([each.name for each in run], licence.load())
    is_well = all([_locks(), _licences(verdicts), _bill(run, verdicts, given.bill), _wheel()])
    known = _advisories()
    return WRONG if not is_well or known == WRONG else known


def _locks() -> bool:
    """Whether each requirement is pinned and hashed, and no address is written."""
    faults = []
    for path in (RUN, DEV, BUILD, AUDIT):
        faults += lock.faults(path)
        _say("lock", f"{path.name}: {len(lock.read(path))} requirements")
    return _found("lock", faults, "each is pinned and has its hashes; no address")


def _licences(verdicts: Sequence[Verdict]) -> bool:
    faults = [f"{each.package} {each.fault}" for each in verdicts if each.fault]
    return _found("licence", faults, f"{len(verdicts)} packages, each under one that is allowed")


def _bill(run: Sequence[Locked], verdicts: Sequence[Verdict], file: Path) -> bool:
    licences = {each.package: each.spdx for each in verdicts}
    try:
        text = bill(run, licences)
    except BillError as error:
        return _found("bill", [str(error)], "")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text)
    return _found("bill", [], f"{len(run)} components: {file}")


def _wheel() -> bool:
    with tempfile.TemporaryDirectory(prefix="siaga112-wheel-") as folder:
        try:
            wheels = wheel.build_twice(Path(folder))
        except wheel.WheelError as error:
            return _found("wheel", [str(error)], "")
        digests = [wheel.digest(each) for each in wheels]
        for each, digest in zip(wheels, digests, strict=True):
            _say("wheel", f"sha256:{digest}  {each.name}")
    faults = [] if len(set(digests)) == 1 else ["built twice, it is not the same"]
    return _found("wheel", faults, "built in two different places it is the same to the byte")


def _advisories() -> int:
    wanted = _advised()
    try:
        found = advisory.look_up(wanted, advisory.pip_audit)
    except advisory.NotKnown as error:
        _say("vulnerability", f"NOT KNOWN, whether there are any: {error}")
        return UNKNOWN
    is_well = _found(
        "vulnerability", [str(each) for each in found], f"none is known of {len(wanted)} packages"
    )
    return WELL if is_well else WRONG


def _advised() -> list[Locked]:
    """What the service runs with, and what it is developed and built with, each once."""
    some = (each for path in (RUN, DEV, BUILD) for each in lock.read(path) if each.applies)
    return list({(each.name, each.version): each for each in some}.values())


def _found(part: str, faults: Sequence[str], well: str) -> bool:
    for fault in faults:
        _say(part, f"WRONG: {fault}")
    if not faults:
        _say(part, well)
    return not faults


def _say(part: str, text: str) -> None:
    sys.stdout.write(f"{part:<14} {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
