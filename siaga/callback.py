"""The command `siaga112 called-back`: an abandoned caller was rung, and nobody need do it again."""

from typing import Annotated, Final

import typer
from rich.text import Text

from console import inquiry
from console.inquiry import NotAnswered
from journal.story import Outcome, tell
from siaga.archive import records_of
from siaga.remote import RUNTIME, RuntimeOption, not_answered
from siaga.terminal import (
    CONFIG,
    EXIT_USAGE,
    ConfigOption,
    fail,
    first_folder,
    load_settings,
    out,
)

NAME_CHARS: Final = 100
"""Of who has rung; a person's name has fewer."""


def called_back_command(
    call: Annotated[str, typer.Argument(metavar="CALL", help="The abandoned call.")],
    by: Annotated[str, typer.Option(metavar="ID", help="Who has rung the caller.")],
    config: ConfigOption = CONFIG,
    runtime: RuntimeOption = RUNTIME,
) -> None:
    """Have the daemon record that an abandoned caller was rung.

    siaga112 calls --abandoned lists who is to be rung, with the ids of the calls.

    Exit statuses: 0 recorded. 1 the journal has no such abandoned call, or cannot be read. 2 the
    command line is wrong. 4 no daemon is running. 5 this user may not ask it. 6 it has not
    answered.
    """
    if not by.strip() or len(by) > NAME_CHARS or not by.isprintable():
        fail("expected the id or the name of a person", EXIT_USAGE)
    story = tell(call, records_of(load_settings(config), call))
    if story is None or story.outcome is not Outcome.ABANDONED:
        what = "no call" if story is None else "no abandoned call"
        fail(f"the journal has {what} {call!r}; siaga112 calls --abandoned lists them")
    try:
        inquiry.called_back(first_folder(runtime), call, by)
    except NotAnswered as error:
        not_answered(error, as_json=False)
    out.print(Text(f"{call}: called back by {by}"))
