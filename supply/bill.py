"""The bill of materials: what an installation of the wheel consists of (CycloneDX 1.6, JSON).

It comes from the lock (versions, hashes) and from what is installed (licences, who needs whom), and
is the same for the same lock and Python to the byte: it has no time, and its number is drawn from
its content. A component's hashes are those of all files that the lock lets be installed for it.
"""

import json
import platform
import tomllib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from supply import HOUSE
from supply.lock import Locked

SPEC: Final = "1.6"
WHEEL: Final = "siaga112"
LICENCE: Final = "Apache-2.0"
SPACE: Final = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
"""The namespace of URLs (RFC 9562, appendix C): a package URL is one."""


class BillError(Exception):
    """There can be no bill: lock and installation do not fit each other."""


def bill(locked: Sequence[Locked], licences: Mapping[str, str]) -> bytes:
    """The bill of the wheel with what it needs.

    Args:
        locked: What applies here.
        licences: By package, SPDX.

    Raises:
        BillError: Something is needed and not locked, or locked and needed by nobody.
    """
    by_name = {each.name: each for each in locked}
    needs = needed()
    if strays := sorted(needs.keys() ^ ({WHEEL} | by_name.keys())):
        raise BillError(f"lock and installation differ in {', '.join(strays)}: make lock, setup")
    for name, each in by_name.items():
        if metadata.version(name) != each.version:
            raise BillError(f"{name} {metadata.version(name)} is installed, not {each.version}")
    own = {
        "type": "application",
        "bom-ref": _url(WHEEL, metadata.version(WHEEL)),
        "name": WHEEL,
        "version": metadata.version(WHEEL),
        "purl": _url(WHEEL, metadata.version(WHEEL)),
        "licenses": [{"expression": LICENCE}],
    }
    refs = {name: _url(name, each.version) for name, each in by_name.items()}
    refs[WHEEL] = str(own["bom-ref"])
    content = {
        "metadata": {
            "component": own,
            "properties": [
                {"name": "siaga112:python", "value": ".".join(platform.python_version_tuple()[:2])},
                {"name": "siaga112:system", "value": platform.system()},
            ],
        },
        "components": [_component(by_name[name], licences[name]) for name in sorted(by_name)],
        "dependencies": [
            {"ref": refs[name], "dependsOn": sorted(refs[each] for each in needs[name])}
            for name in sorted(needs)
        ],
    }
    number = uuid.uuid5(SPACE, json.dumps(content, sort_keys=True))
    head = {
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "serialNumber": f"urn:uuid:{number}",
        "version": 1,
    }
    return json.dumps({**head, **content}, indent=2).encode() + b"\n"


def needed() -> dict[str, set[str]]:
    """By package, the packages that it needs here, from the wheel on.

    Raises:
        BillError: One of them is not installed.
    """
    found: dict[str, set[str]] = {}
    asked: dict[str, set[str]] = {}
    waiting: list[tuple[str, set[str]]] = [(WHEEL, set())]
    while waiting:
        name, extras = waiting.pop()
        if name in found and extras <= asked[name]:
            continue
        asked[name] = asked.get(name, set()) | extras
        needs = list(_needs(name, asked[name]))
        found[name] = {canonicalize_name(each.name) for each in needs}
        waiting += [(canonicalize_name(each.name), each.extras) for each in needs]
    return found


def _needs(name: str, extras: set[str]) -> Iterator[Requirement]:
    for line in _lines(name):
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": each}) for each in ("", *extras)):
            yield requirement


def _lines(name: str) -> list[str]:
    """What a package needs; the wheel's own as it is written, for a checkout needs more."""
    if name == WHEEL:
        project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        return list(project["dependencies"])
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        raise BillError(f"{name} is needed and not installed: make setup") from None


def _component(locked: Locked, licence: str) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": _url(locked.name, locked.version),
        "name": locked.name,
        "version": locked.version,
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in locked.hashes],
        "licenses": [{"expression": licence}],
        "purl": _url(locked.name, locked.version),
    }


def _url(name: str, version: str) -> str:
    """The package URL (purl): by a name and a version, of no address."""
    return f"pkg:pypi/{name}@{version}"
