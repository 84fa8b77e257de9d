"""The command `siaga112 alarm`: one alarm by hand, to see that it reaches somebody.

systemd runs it, too, when the daemon has failed and cannot tell it itself.
"""

import asyncio
from datetime import UTC
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from console.status import AlarmShown
from siaga import basis
from siaga.basis import NoBasis
from siaga.clock import SystemClock
from siaga.courier import Tiding, Turn, deliver
from siaga.terminal import CONFIG, STATE, STATE_VARIABLE, ConfigOption, fail, first_folder, out

TEST: Final = "test"
NOTHING: Final = "no alarm_command in siaga.yaml: nobody is told"


def alarm_command(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Of the alarm.")] = TEST,
    why: Annotated[
        str, typer.Option("--why", metavar="TEXT", help="What is wrong.")
    ] = "this is a test, nothing is wrong",
    do: Annotated[
        str, typer.Option("--do", metavar="TEXT", help="What to do about it.")
    ] = "nothing",
    config: ConfigOption = CONFIG,
    state: Annotated[
        Path, typer.Option(envvar=STATE_VARIABLE, metavar="DIR", help="The daemon's state folder.")
    ] = STATE,
) -> None:
    """Run the alarm_command of siaga.yaml for one alarm, and say how it went.

    The daemon runs it by itself for each alarm that is raised or over; this is to try it, as often
    as you like. With settings that cannot be used it is that of the last known good ones.

    Exit statuses: 0 the program has run and said yes. 1 it has failed, or there are no settings. 2
    the command line is wrong. 3 the settings name no program.
    """
    try:
        found = basis.find(config, first_folder(state))
    except NoBasis:
        fail(f"no settings in {config} that can be used, and none that are known to be good")
    settings = found.settings.daemon.alarm_command
    if settings is None:
        fail(NOTHING, 3)
    since = SystemClock().now().wall.astimezone(UTC).replace(microsecond=0)
    tiding = Tiding(Turn.RAISED, AlarmShown(what=name, why=why, do=do, since=since))
    ran = asyncio.run(deliver(settings, tiding))
    if ran.said:
        out.print(Text(ran.said))
    if ran.fault is not None:
        fail(f"{settings.run[0]}: {ran.fault}")
    out.print(Text(f"{settings.run[0]}: done"))
