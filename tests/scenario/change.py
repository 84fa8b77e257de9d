"""Sets of settings that can be told apart by everything that is done by them, and broken ones.

Set `n` puts other people on duty than every other set, gives the keys to other services, shows
another label on the operators' phones, and ends in another number outside.
"""

import os
import random
import shutil
from pathlib import Path

from siaga.settings import Settings
from tests.siaga.folder import GOOD

SETS = 4
PEOPLE = 3
"""On duty by each set."""
SERVICES = ("api", "banjir", "cedera", "derek")
BREAKS = (
    *("missing", "empty", "cut off", "garbage", "pipe", "folder"),
    *("unknown key", "unknown name", "twice", "unclosed", "not text"),
)
"""What can be wrong with a set."""
_FILE = {"cut off": "services.yaml", "unknown name": "roster.yaml"}
"""Where only this file can be wrong in that way."""


def person(number: int) -> str:
    """The id of somebody; sits at the seat of the same number."""
    return f"orang-{number}"


def endpoint(number: int) -> str:
    """The phone of that person."""
    return f"siaga-{number}"


def on_duty(number: int) -> tuple[str, ...]:
    """Who is on duty by set `number`, and by no other."""
    return tuple(person(number * PEOPLE + place) for place in range(PEOPLE))


def outside(number: int) -> str:
    """The last number of set `number`'s chain."""
    return f"08120000000{number}"


def keys(number: int) -> dict[str, str]:
    """Where each key leads by set `number`."""
    count = len(SERVICES)
    return {str(key + 1): SERVICES[(key + number) % count] for key in range(count)}


def default(number: int) -> str:
    """Where silence leads by set `number`."""
    return SERVICES[number % len(SERVICES)]


def targets(number: int) -> set[str]:
    """Whom set `number` can ring."""
    people = {f"person:{name}" for name in on_duty(number)}
    return people | {f"outside:{outside(number)}@telkom"}


def write(folder: Path, number: int) -> Path:
    """Set `number` in a folder, made if it is not there."""
    folder.mkdir(exist_ok=True)
    for file in ("siaga.yaml", "zones.yaml"):
        shutil.copy(GOOD / file, folder)
    everybody = range(SETS * PEOPLE)
    lines = {
        "operators": [
            "agencies: {pusat: {name: Pusat}}",
            "people:",
            *(f"  {person(n)}: {{name: Orang {n}, agency: pusat}}" for n in everybody),
            "seats:",
            *(f"  s-{n}: {{endpoint: {endpoint(n)}, person: {person(n)}}}" for n in everybody),
            "  pos: {endpoint: siaga-pos}",
            "post: pos",
        ],
        "roster": [
            "timezone: Asia/Jakarta",
            "shifts: {penuh: {start: 00:00, end: 00:00}}",
            "weekly:",
            "  - days: [mon, tue, wed, thu, fri, sat, sun]",
            "    shift: penuh",
            f"    people: [{', '.join(on_duty(number))}]",
        ],
        "services": [
            "menu:",
            "  languages: [id]",
            "  first_digit_s: 5",
            "  repeats: 2",
            "  keys:",
            *(f"    {key}: {service}" for key, service in keys(number).items()),
            f"default_service: {default(number)}",
            "services:",
            *(
                f"  {service}: {{name: {{id: {service}}}, label: SET {number}, record: false, "
                "group: semua, overflow: biasa}"
                for service in SERVICES
            ),
            "hunt_groups: {semua: {agencies: [pusat], ring_time_s: 3, busy_wait_s: 1}}",
            "overflow:",
            "  biasa:",
            "    - {to: other_agencies, ring_time_s: 2}",
            f"    - {{to: outside, number: {outside(number)}, trunk: telkom, ring_time_s: 2}}",
        ],
    }
    for stem, text in lines.items():
        (folder / f"{stem}.yaml").write_text("\n".join(text) + "\n")
    prompts = (GOOD / "prompts.yaml").read_text()
    spoken = "".join(f"  connecting_{service}: {{id: Sebentar.}}\n" for service in SERVICES)
    (folder / "prompts.yaml").write_text(
        prompts.replace("  connecting_medis: {id: Tekan 1.}\n", spoken)
    )
    return folder


def set_of(settings: Settings) -> int:
    """Which set these settings are; each of its parts says the same.

    Raises:
        ValueError: They are made of more than one set.
    """
    catalogue = settings.catalogue
    said = {int(service.label.removeprefix("SET ")) for service in catalogue.services.values()}
    said |= {n for n in range(SETS) if dict(settings.menu.keys) == keys(n)}
    said |= {n for n in range(SETS) if settings.roster.weekly[0].people == on_duty(n)}
    if len(said) != 1:
        raise ValueError(f"parts of the sets {sorted(said)}")
    return said.pop()


def break_it(folder: Path, kind: str, draw: random.Random) -> str:
    """Something in a good set is wrong now; the name of the file."""
    path = folder / _FILE.get(kind, draw.choice(sorted(file.name for file in folder.iterdir())))
    text = path.read_text()
    path.unlink()
    match kind:
        case "missing":
            pass
        case "empty":
            path.touch()
        case "cut off":
            path.write_text(text[: draw.randrange(text.index("overflow:\n"))])
        case "garbage":
            path.write_bytes(draw.randbytes(200))
        case "pipe":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "unknown key":
            path.write_text(f"{text}sudah: makan\n")
        case "unknown name":
            path.write_text(text.replace("[orang-", "[orangs-"))
        case "twice":
            path.write_text(f"{text}\n{text}")
        case "unclosed":
            path.write_text(f"{text}catatan: [1, 2\n")
        case _:
            path.write_bytes(text.encode("utf-16"))
    return path.name
