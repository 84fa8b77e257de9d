"""The commands that ask a running daemon: `siaga112 reload`, `status`, `pause` and `ready`."""

from enum import IntEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Final, NoReturn

import typer
from rich.text import Text

from console import inquiry, screen
from console.duration import written
from console.inquiry import NoReply, NotAllowed, NotAnswered, NotRunning
from console.outcome import Accepted, Failed, Outcome, Refused
from routing.instruction import Instruction, Wanted
from siaga.instruction import Invalid, instruction_of
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
    """Makes the commands known."""
    app.command("reload")(reload_command)
    app.command("status")(status_command)
    app.command("pause")(pause_command)
    app.command("ready")(ready_command)


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
    watch: Annotated[
        bool, typer.Option("--watch", help="Show it as it changes, until Ctrl-C.")
    ] = False,
    every: Annotated[
        float,
        typer.Option(min=0.2, max=3600.0, metavar="SECONDS", help="Between two looks."),
    ] = 1.0,
    as_json: JsonOption = False,
) -> None:
    """Say whether the daemon serves, why not, and what needs a hand.

    The connection to Asterisk, the settings in use, calls, who waits, who is on duty at which
    phone, alarms with what to do, records that are not written yet. docs/status.md describes the
    JSON.

    With --watch it is shown as it changes, also over a restart of the daemon, and Ctrl-C ends it
    (exit status 0); with --json as well, each look is one line.

    Exit statuses: 0 new calls are served by this daemon. 1 they are not, and it says why. 2 the
    command line is wrong. 4 no daemon is running. 5 this user may not ask it. 6 it has not
    answered.
    """
    if watch:
        from siaga import view  # noqa: PLC0415 - one look does without the terminal's libraries

        ask = partial(inquiry.status, first_folder(runtime), numbers=numbers)
        try:
            view.watch(ask, every, as_json=as_json)
        except NotAnswered as error:
            not_answered(error, as_json=as_json)
        raise typer.Exit(Exit.YES)
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


OperatorArgument = Annotated[
    str, typer.Argument(metavar="OPERATOR", help="An id of operators.yaml, such as sri.")
]
ReasonOption = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; it is shown and recorded.")
]


def pause_command(
    operator: OperatorArgument,
    runtime: RuntimeOption = RUNTIME,
    *,
    reason: ReasonOption = "",
    for_: Annotated[
        str | None,
        typer.Option(
            "--for",
            metavar="TIME",
            help="Ends by itself after 15m, 1h30m or 90s; else with the turn of duty.",
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also the last one of the agency.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Have no calls offered to an operator, as by *13 at their phone.

    A talk or a phone that rings goes on. The last one of an agency who is on duty and there is
    paused only with --force: callers for the agency overflow then. It is recorded with your user's
    name.

    Exit statuses: 0 the operator is paused, or was. 1 not: nobody is known by that id, not on duty,
    the agency's last one, or this daemon does not serve; it says which. 2 the command line is
    wrong. 4 no daemon is running. 5 this user may not ask it. 6 it has not answered.
    """
    for_s = None if for_ is None else written(for_)
    if for_ is not None and for_s is None:
        raise typer.BadParameter(f"{for_!r} is no time; expected such as 15m, 1h30m or 90s")
    wish = _valid("pause", operator, for_s=for_s, reason=reason, force=force)
    _instruct(first_folder(runtime), wish, as_json=as_json)


def ready_command(
    operator: OperatorArgument,
    runtime: RuntimeOption = RUNTIME,
    *,
    reason: ReasonOption = "",
    as_json: JsonOption = False,
) -> None:
    """Have calls offered to an operator again, as by *14 at their phone.

    It ends a pause, whoever asked for it, and the wrap-up. It is recorded with your user's name.

    Exit statuses: 0 the operator is ready, or was. 1 not: nobody is known by that id, not on duty,
    or this daemon does not serve; it says which. 2 the command line is wrong. 4 no daemon is
    running. 5 this user may not ask it. 6 it has not answered.
    """
    wish = _valid("ready", operator, reason=reason)
    _instruct(first_folder(runtime), wish, as_json=as_json)


def _valid(wanted: str, operator: str, **more: object) -> Instruction:
    """What the daemon would take; else the command line is wrong."""
    try:
        return instruction_of(wanted, operator, **more)
    except Invalid as error:
        raise typer.BadParameter(str(error)) from error


def _instruct(runtime: Path, wish: Instruction, *, as_json: bool) -> NoReturn:
    """Has it done, says what has come of it, and exits."""
    try:
        answered = inquiry.instruct(
            runtime,
            wish.wanted.value,
            wish.person,
            for_s=wish.for_s,
            reason=wish.reason,
            force=wish.force,
        )
    except NotAnswered as error:
        not_answered(error, as_json=as_json)
    if as_json:
        print_json(answered)
    elif not answered.holds:
        fail(answered.text)
    else:
        is_costly = answered.last and wish.wanted is Wanted.PAUSE
        out.print(Text(answered.text, style="yellow" if is_costly else ""))
    raise typer.Exit(Exit.YES if answered.holds else Exit.NO)


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
