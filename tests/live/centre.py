"""The whole centre for a test: quick settings, and what a talk has to prove."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from ruamel.yaml import YAML

from journal.record import Record
from journal.spool import read
from sandbox.audio import tone_present
from sandbox.caller import Caller
from sandbox.handset import Handset
from sandbox.mark import Mark
from sandbox.sipp import SippCallers, SippOperators
from sandbox.site import TRUNK_ADDRESS
from sandbox.system import CONFIG, System
from siaga import remedy

RING_S = 3
"""A phone rings this long in tests; the shipped settings say 15 s."""
FIRST_TOLD_S, TOLD_EVERY_S = 10.0, 15.0
"""A waiting caller is told something after this, and so often, in tests of that."""
TALK_S = 1.6
"""Long enough to find a tone in a recording."""
ON_DUTY = ("sri", "agus", "dian", "nurul")
"""The people of seats medis-1, damkar-1, dishub-1 and satpol-1, on duty round the clock."""
REACHABLE_LIMIT_S = 8.0
"""For a new phone to be asked by Asterisk, every 3 s, and to answer."""
LAST_RESORT = "112 CADANGAN"
"""What an operator's phone shows when it is the dialplan that rings."""
NEIGHBOUR, OUTSIDE = "0725000112", "0725000113"
"""The neighbour's centre, and the last step of the overflow chain."""
PESAWARAN = (
    '{"type": "Polygon", "coordinates":'
    " [[[105.0, -5.5], [105.2, -5.5], [105.2, -5.3], [105.0, -5.3], [105.0, -5.5]]]}"
)
"""A boundary far from the city's."""
DISMISSED = "0721112"
"""What callers of a neighbour dial on trunk telkom whom the settings hang up on."""
MOBILE, METRO, GUNUNG_SUGIH, BANDAR_LAMPUNG, SUKADANA, GEDONG_TATAAN = (
    "081234567890",
    "0725412345",
    "0725512345",
    "0721481234",
    "0725612345",
    "0721712345",
)
"""Numbers of callers from anywhere, from inside, and from four neighbours of other policies."""


def quick_settings(folder: Path, people: Sequence[str] = ON_DUTY, *, ring_s: int = RING_S) -> Path:
    """Kota Metro's settings with short ring times, and the same people on duty at any hour.

    Without people nobody is on duty for days.
    """
    shutil.copytree(CONFIG, folder)
    yaml = YAML()
    roster = yaml.load(folder / "roster.yaml")
    roster["shifts"] = {"penuh": {"start": "00:00", "end": "00:00"}}
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    if not people:  # a roster of nobody at all is refused
        people, days = ON_DUTY, [days[(time.localtime().tm_wday + 3) % len(days)]]
    roster["weekly"] = [{"days": days, "shift": "penuh", "people": list(people)}]
    roster["overrides"] = []
    for rule in ("teams", "rotations", "holidays"):
        roster.pop(rule, None)
    yaml.dump(roster, folder / "roster.yaml")
    services = yaml.load(folder / "services.yaml")
    services["menu"]["first_digit_s"] = 1
    for group in services["hunt_groups"].values():
        group["ring_time_s"], group["busy_wait_s"] = ring_s, 1
    for chain in services["overflow"].values():
        for step in chain:
            step["ring_time_s"] = ring_s
    yaml.dump(services, folder / "services.yaml")
    zones = yaml.load(folder / "zones.yaml")
    zones["trunks"]["telkom"]["dids"][DISMISSED] = {"zone": "outside", "neighbour": "pesawaran"}
    zones["prefixes"].append({"prefix": "07217", "zone": "outside", "neighbour": "pesawaran"})
    zones["neighbours"]["pesawaran"] = {
        "name": "Kabupaten Pesawaran",
        "policy": "announce",
        "hang_up": True,
        "boundary": "pesawaran.geojson",
    }
    (folder / "pesawaran.geojson").write_text(PESAWARAN)
    zones["neighbours"]["lampung-tengah"]["ring_time_s"] = ring_s
    yaml.dump(zones, folder / "zones.yaml")
    return folder


def telling(settings: Path) -> Path:
    """Has waiting callers told all there is, as often as the settings may say."""
    yaml = YAML()
    services = yaml.load(settings / "services.yaml")
    services["announcements"] = {
        "first_after_s": FIRST_TOLD_S,
        "position_every_s": TOLD_EVERY_S,
        "apology_every_s": 4 * TOLD_EVERY_S,
        "turned": True,
    }
    yaml.dump(services, settings / "services.yaml")
    return settings


def amend_neighbour(settings: Path, neighbour: str, **values: object) -> None:
    """Writes other values for a neighbour into settings that nobody has read yet."""
    yaml = YAML()
    zones = yaml.load(settings / "zones.yaml")
    zones["neighbours"][neighbour].update(values)
    yaml.dump(zones, settings / "zones.yaml")


def lay_over(settings: Path, siaga: Mapping[str, Mapping[str, object] | str]) -> None:
    """Lays these values over `siaga.yaml` of settings that nobody has read yet."""
    yaml = YAML()
    values = yaml.load(settings / "siaga.yaml")
    for key, value in siaga.items():
        values[key] = value if isinstance(value, str) else {**values.get(key, {}), **value}
    yaml.dump(values, settings / "siaga.yaml")


async def dial_112(system: System, key: str = "", number: str = MOBILE) -> Caller:
    """A caller who has been answered, and has pressed the key if there is one."""
    caller = await system.caller(number)
    await caller.dial("112")
    await caller.established(5.0)
    if key:
        await caller.press(key)
    return caller


async def assert_talk(caller: Handset, operator: Handset, tones: tuple[float, float]) -> None:
    """Both hear each other for a while; then the caller hangs up and both are free."""
    await asyncio.sleep(TALK_S)
    await caller.hangup()
    await operator.closed(3.0)
    await caller.closed(3.0)
    caller_hz, operator_hz = tones
    assert tone_present(operator.recording(), caller_hz), "the operator did not hear the caller"
    assert tone_present(caller.recording(), operator_hz), "the caller did not hear the operator"


def records(system: System, what: str = "") -> list[Record]:
    """The records of that name so far, oldest first; without a name all of them."""
    return [record for record in read(system.spool) if what in ("", record.what)]


async def recorded(system: System, what: str, count: int = 1, limit_s: float = 5.0) -> Record:
    """The `count`-th record of that name, once it is in the spool."""
    async with asyncio.timeout(limit_s):
        while len(found := records(system, what)) < count:  # noqa: ASYNC110 - another process writes
            await asyncio.sleep(0.02)
    return found[count - 1]


async def alarmed(system: System, alarm: str, *, over: bool = False, limit_s: float = 5.0) -> None:
    """Returns when that alarm has been recorded, or its end."""
    what = "alarm_over" if over else "alarm"
    async with asyncio.timeout(limit_s):
        while not any(  # noqa: ASYNC110 - another process writes
            record.detail["alarm"] == alarm for record in records(system, what)
        ):
            await asyncio.sleep(0.02)


async def alarms(system: System) -> list[str]:
    """Those that stand, but for those of phones: a test switches on only what it needs."""
    of_phones = {remedy.UNREACHED, remedy.POST}
    standing = (alarm["what"] for alarm in (await system.daemon.status())["alarms"])
    return [what for what in standing if what not in of_phones]


async def outside_rung(system: System) -> None:
    """Returns when the overflow chain has come to its last step, which nobody answers here."""
    async with asyncio.timeout(8.0):
        while not any(  # noqa: ASYNC110 - another process writes
            str(record.detail["target"]).startswith("outside:")
            for record in records(system, "offered")
        ):
            await asyncio.sleep(0.02)


def sipp_callers(
    system: System,
    lines: Sequence[str],
    text: str,
    *,
    trunk: str = "seluler",
    rate_per_s: float | None = None,
    echo: bool = False,
    folder: str = "sipp-callers",
) -> SippCallers:
    """SIPp's callers behind a trunk of this centre, not started; each side by side has a folder."""
    return SippCallers(
        system.toolbox,
        system.workdir / folder,
        trunk_ip=TRUNK_ADDRESS[trunk],
        server=(system.pbx.sip_host, system.pbx.sip_port),
        lines=lines,
        text=text,
        rate_per_s=rate_per_s,
        echo=echo,
    )


@asynccontextmanager
async def sipp_operators(
    system: System, seats: Sequence[str], text: str, *, echo: bool = False
) -> AsyncIterator[SippOperators]:
    """SIPp's operators at seats of this centre, once Asterisk can reach all of them."""
    endpoints = [f"siaga-{seat}" for seat in seats]
    operators = SippOperators(
        system.toolbox,
        system.workdir / "sipp-operators",
        server=(system.pbx.sip_host, system.pbx.sip_port),
        passwords={endpoint: system.pbx.password_of(endpoint) for endpoint in endpoints},
        text=text,
        echo=echo,
    )
    async with operators:
        async with asyncio.timeout(REACHABLE_LIMIT_S):
            for endpoint in endpoints:
                await reachable(system, endpoint)
        yield operators


@asynccontextmanager
async def sipp_centre(system: System, text: str) -> AsyncIterator[SippOperators]:
    """SIPp's neighbour: whatever is dialled by trunk telkom."""
    centre = SippOperators(
        system.toolbox,
        system.workdir / "sipp-centre",
        server=(system.pbx.sip_host, system.pbx.sip_port),
        passwords={},
        text=text,
        address=TRUNK_ADDRESS["telkom"],
        port=system.pbx.trunk_port,
    )
    async with centre:
        yield centre


async def reachable(system: System, endpoint: str) -> None:
    """Returns when Asterisk knows the phone to be there.

    SIPp registers in one process and listens in the next: an OPTIONS between them is lost.
    """
    while "Avail" not in await system.pbx.cli(f"pjsip show aor {endpoint}"):  # noqa: ASYNC110 - another process knows
        await asyncio.sleep(0.02)


async def marked(operators: SippOperators, kind: str, count: int = 1, limit_s: float = 5.0) -> Mark:
    """The `count`-th mark of that kind, once SIPp's operators have come to it."""
    async with asyncio.timeout(limit_s):
        while len(found := [m for m in operators.marks if m.kind == kind]) < count:  # noqa: ASYNC110 - another process writes
            await asyncio.sleep(0.02)
    return found[count - 1]
