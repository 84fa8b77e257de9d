"""The commands that ask a running daemon: `siaga112 reload` and `siaga112 status`."""

from enum import IntEnum
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from rich.text import Text

from console import inquiry, screen
from console.inquiry import NoReply, NotAllowed, NotAnswered, NotRunning
from console.outcome import Accepted, Failed, Outcome, Refused
from siaga.terminal import JsonOption, err, fail, first_folder, out, print_json, print_problem

RUNTIME: Final = Path("/run/siaga112")
RUNTIME_VARIABLE: Final = "RUNTIME_DIRECTORY"
"""Set by systemd for units with `RuntimeDirectory=` (systemd.exec(5))."""

RuntimeOption = Annotated[
    Path,
    typer.Option(
        "--runtime",
        envvar=RUNTIME_VARIABLE,
        metavar="DIR",
        help="Folder of the daemon's control socket.",
    ),
]


class Exit(IntEnum):
    """What a command that asks the daemon ends with; `--help` names them too."""

    YES = 0
    NO = 1
    NOT_RUNNING = 4
    NOT_ALLOWED = 5
    NO_REPLY = 6


def add_to(app: typer.Typer) -> None:
    """Makes the two commands known."""
    app.command("reload")(reload_command)
    app.command("status")(status_command)


def reload_command(runtime: RuntimeOption = RUNTIME, *, as_json: JsonOption = False) -> None:
    """Have the daemon read its settings again; say what came of it.

    All of the set is used from this moment on, or nothing of it: calls go on either way. What is
    wrong comes with file, line and column.

    Exit statuses: 0 accepted, with or without warnings. 1 refused: the daemon goes on with the
    settings that it has. 2 the command line is wrong. 4 no daemon is running. 5 this user may not
    ask it. 6 it has not answered, and may still do it.
    """
    try:
        outcome = inquiry.reload(first_folder(runtime))
    except NotAnswered as error:
        not_answered(error, as_json=as_json)
    if as_json:
        print_json(outcome)
    else:
        _tell(outcome)
    raise typer.Exit(Exit.YES if isinstance(outcome, Accepted) else Exit.NO)


def status_command(
    runtime: RuntimeOption = RUNTIME,
    *,
    numbers: Annotated[
        bool, typer.Option("--numbers", help="Show callers' numbers in full.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say whether the daemon serves, why not, and what needs a hand.

    The connection to Asterisk, the settings in use, calls, who waits, who is on duty at which
    phone, alarms with what to do, records that are not written yet. docs/status.md describes the
    JSON.

    Exit statuses: 0 new calls are served by this daemon. 1 they are not, and it says why. 2 the
    command line is wrong. 4 no daemon is running. 5 this user may not ask it. 6 it has not
    answered.
    """
    try:
        status = inquiry.status(first_folder(runtime), numbers=numbers)
    except NotAnswered as error:
        not_answered(error, as_json=as_json)
    if as_json:
        print_json(status)
    else:
        for line in screen.lines(status):
            out.print(line)
    raise typer.Exit(Exit.YES if status.ready else Exit.NO)


def _tell(outcome: Outcome) -> None:
    match outcome:
        case Accepted():
            for warning in outcome.warnings:
                print_problem(warning.text)
            changed = ", ".join(outcome.changed) or "nothing has changed in it"
            out.print(Text(f"{outcome.folder}: accepted and in use: {changed}"))
            for name, place in outcome.restart_needed.items():
                err.print(Text(f"{name} ({place}) waits for a restart", style="yellow"))
            if not outcome.kept:
                line = "not kept as last known good: siaga112 status says why"
                err.print(Text(line, style="yellow"))
        case Refused():
            for problem in outcome.problems:
                print_problem(problem.text)
            since = f"{outcome.in_use_since.astimezone():%Y-%m-%d %H:%M:%S %z}"
            fail(
                f"the settings in {outcome.folder} are refused, and nothing has changed: those "
                f"accepted {since} stay in use"
            )
        case Failed():
            fail(f"the reload failed, see the daemon's log: {outcome.why}")


def not_answered(error: NotAnswered, *, as_json: bool) -> NoReturn:
    """Says why no daemon has answered, and exits with a status that tells the cases apart."""
    match error:
        case NotRunning():
            status = Exit.NOT_RUNNING
        case NotAllowed():
            status = Exit.NOT_ALLOWED
        case NoReply():
            status = Exit.NO_REPLY
        case _:
            raise error
    if as_json:
        print_json({"error": {"kind": error.kind, "why": str(error), "do": error.do}})
        raise typer.Exit(status)
    fail(f"{error}; {error.do}", status)
