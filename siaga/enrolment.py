"""The command `siaga112 pin`: gives an operator the PIN to sign on with, or takes it away."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from routing.operator import PersonId
from siaga.pin import DEFAULT, FILE, PIN, Digest, PinError, Pins
from siaga.problem import suggestion
from siaga.terminal import CONFIG, ConfigOption, explained, fail, load_settings, out


def pin_command(
    person: Annotated[str, typer.Argument(help="Of operators.yaml, such as sri.")],
    config: ConfigOption = CONFIG,
    file: Annotated[
        Path, typer.Option(envvar=FILE, metavar="FILE", help="The file of all PINs.")
    ] = DEFAULT,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Take the PIN away.")] = False,
) -> None:
    """Give an operator a PIN, to sign on with at a shared seat (*11).

    It is asked for twice and not shown; without a terminal it is one line of standard input. What
    is written is a salted digest, in a file that is none of the settings. It counts at once.
    """
    people = load_settings(config).operators.people
    who = PersonId(person)
    if who not in people and not remove:
        fail(f"there is no person {person!r}{suggestion(person, people, 'people')}")
    digest = None if remove else Digest.of(_asked())
    with explained(PinError, OSError):
        Pins(file).keep(who, digest)
    number = people[who].number if who in people else None
    if remove:
        out.print(f"{file}: {person} has no PIN any more")
    elif number is None:
        out.print(f"{file}: {person} has a PIN; without a number in operators.yaml it is of no use")
    else:
        out.print(f"{file}: {person} signs on with number {number} and this PIN")


def _asked() -> str:
    """A PIN, from who knows it."""
    if sys.stdin.isatty():
        pin: str = typer.prompt("PIN", hide_input=True, confirmation_prompt="The same again")
    else:
        pin = sys.stdin.readline().strip()
    if not PIN.fullmatch(pin):
        fail("this is no PIN; expected 4 to 8 digits")
    return pin
