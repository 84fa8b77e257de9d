"""The command `siaga112 purge`: what is older than it may be kept is removed now."""

import re
from typing import Annotated, Final

import typer
from rich.text import Text

from console import inquiry
from console.inquiry import NotAnswered
from console.removal import Removal
from siaga.callback import NAME_CHARS
from siaga.remote import RUNTIME, Exit, RuntimeOption, not_answered
from siaga.site import LEAST_DAYS
from siaga.terminal import EXIT_USAGE, JsonOption, fail, first_folder, out, print_json

DAYS: Final = re.compile(r"([1-9][0-9]{0,4})d?")


def _days(written: str) -> int:
    days = DAYS.fullmatch(written)
    if days is None or int(days[1]) < LEAST_DAYS:
        message = f"expected {LEAST_DAYS} days or more, such as 365d, found {written!r}"
        raise typer.BadParameter(message)
    return int(days[1])


def purge_command(
    *,
    older_than: Annotated[
        int | None,
        typer.Option(
            parser=_days,
            metavar="DAYS",
            help="Of every kind, whatever the settings say; such as 365d.",
        ),
    ] = None,
    by: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who wants it; else who runs this.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be removed; change nothing.")
    ] = False,
    runtime: RuntimeOption = RUNTIME,
    as_json: JsonOption = False,
) -> None:
    """Have the daemon remove recordings, numbers and locations that are too old.

    The daemon does it each night by itself, as retention in siaga.yaml says. Records stay, and
    siaga112 journal verify still proves them; what is removed is gone for good. That it was
    removed, by whom and how much is recorded.

    Exit statuses: 0 done. 1 not all of it could be, and it says why. 2 the command line is wrong. 4
    no daemon is running. 5 this user may not ask it. 6 it has not answered, and may still do it.
    """
    if by is not None and (not by.strip() or len(by) > NAME_CHARS or not by.isprintable()):
        fail("expected the id or the name of a person", EXIT_USAGE)
    try:
        removal = inquiry.purge(first_folder(runtime), by, older_than, dry_run=dry_run)
    except NotAnswered as error:
        not_answered(error, as_json=as_json)
    if as_json:
        print_json(removal)
    else:
        _tell(removal)
    raise typer.Exit(Exit.YES if removal.fault is None else Exit.NO)


def _tell(removal: Removal) -> None:
    done = "would be removed" if removal.dry_run else "removed"
    for kind in ("recordings", "numbers", "locations"):
        before = getattr(removal, f"{kind}_before")
        if before is None:
            out.print(Text(f"{kind}: kept for ever (siaga.yaml, retention)"))
        else:
            count = getattr(removal, kind)
            out.print(Text(f"{kind}: {count} {done}, older than {before.astimezone():%d %b %Y}"))
    if removal.fault is not None:
        fail(f"not all of it: {removal.fault}")
