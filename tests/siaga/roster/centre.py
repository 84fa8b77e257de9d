"""A small centre for tests of the roster: two agencies, three people each, three shifts."""

from datetime import date
from pathlib import Path

from siaga.roster.schedule import Dates
from siaga.roster.turn import Post, posts
from siaga.settings import Settings, load
from tests.siaga.folder import laid_over

PEOPLE = {
    "sri": ("Sri Wahyuni", "dinkes"),
    "bayu": ("Bayu Pratama", "dinkes"),
    "ratna": ("Ratna Dewi", "dinkes"),
    "agus": ("Agus Setiawan", "bpbd"),
    "hendra": ("Hendra Gunawan", "bpbd"),
    "yudi": ("Yudi Saputra", "bpbd"),
}
SHIFTS = ("pagi", "siang", "malam")
DECEMBER = Dates(date(2026, 12, 1), date(2026, 12, 31))
ROSTER = """\
# Who works when. Not to be touched by anybody else.

timezone: Asia/Jakarta      # WIB
shifts:
  pagi:  {start: 07:00, end: 14:00}
  siang: {start: "14:00", end: 21:00}
  malam: {start: 21:00, end: 07:00}   # ends on the next day
weekly:
  - {days: [mon, tue, wed, thu, fri, sat, sun], shift: pagi,  people: [sri, agus]}
  - {days: [mon, tue, wed, thu, fri, sat, sun], shift: siang, people: [bayu, hendra]}
  - {days: [mon, tue, wed, thu, fri, sat, sun], shift: malam, people: [ratna, yudi]}
"""
OVERRIDES = """\
overrides:   # exceptions
  - {date: 2026-12-24, kind: leave, person: ratna, shift: malam, note: "0725"}   # family
  - {date: 2026-12-24, kind: extra, person: bayu,  shift: malam}
  # the end of the year
  - date: 2026-12-31
    kind: extra
    person: agus
    shift: malam

# nothing below here
"""


def centre(folder: Path, roster: str = ROSTER) -> Path:
    """A folder with the settings of the centre, and this text as its roster.yaml."""
    laid_over(folder)
    services = (folder / "services.yaml").read_text().replace("[dinkes]", "[dinkes, bpbd]")
    (folder / "services.yaml").write_text(services)
    lines = ["agencies:", "  dinkes: {name: Dinkes}", "  bpbd: {name: BPBD}", "people:"]
    lines += [f"  {id_}: {{name: {name}, agency: {of}}}" for id_, (name, of) in PEOPLE.items()]
    lines += ["seats:", "  pos: {endpoint: siaga-pos}"]
    lines += [f"  kursi-{id_}: {{endpoint: siaga-{id_}, person: {id_}}}" for id_ in PEOPLE]
    (folder / "operators.yaml").write_text("\n".join([*lines, "post: pos", ""]))
    (folder / "roster.yaml").write_text(roster, newline="")
    return folder


def settings_of(folder: Path, roster: str) -> Settings:
    """The settings of a centre's folder, as they would be with this roster."""
    return load(folder, {"roster": roster.encode()})


def works(settings: Settings, days: Dates) -> frozenset[Post]:
    """Who works which shift on these dates."""
    return posts(settings.plan().roster, days)
