"""What the commands share: the folder of the settings, the two streams, and how a fault is told.

Answers go to standard output, problems to standard error. Colours are for terminals only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final, NoReturn

import msgspec
import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from siaga.problem import SettingsError
from siaga.settings import Settings, load

CONFIG: Final = Path("/etc/siaga112")
CONFIG_VARIABLE: Final = "SIAGA_CONFIG"
STATE: Final = Path("/var/lib/siaga112")
STATE_VARIABLE: Final = "STATE_DIRECTORY"
"""Set by systemd for units with `StateDirectory=` (systemd.exec)."""
CONFIG_HELP: Final = "Folder of the settings: siaga.yaml, zones.yaml, services.yaml, …"
EXIT_OK, EXIT_PROBLEM, EXIT_USAGE = 0, 1, 2

out = Console(soft_wrap=True, highlight=False)
err = Console(stderr=True, soft_wrap=True, highlight=False)

ConfigOption = Annotated[
    Path, typer.Option("--config", envvar=CONFIG_VARIABLE, metavar="DIR", help=CONFIG_HELP)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write one JSON value, for machines.")]


def load_settings(config: Path) -> Settings:
    """The settings of a folder; when they cannot be used, says all that is wrong and exits."""
    try:
        return load(config)
    except SettingsError as error:
        for problem in error.problems:
            print_problem(str(problem))
        fail(f"the settings in {config} cannot be used")


def print_problem(line: str) -> None:
    """A line of standard error: yellow for a warning, red for an error."""
    style = "yellow" if ": warning: " in line else "red"
    err.print(Text(line, style=style))


def print_json(value: object) -> None:
    """One JSON value on standard output, for machines."""
    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def new_table(title: str, *headings: str) -> Table:
    """An empty table with a title; the first column is text, the others are numbers."""
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        show_edge=False,
    )
    table.add_column(headings[0], overflow="fold")
    for heading in headings[1:]:
        table.add_column(heading, justify="right")
    return table


def print_table(table: Table) -> None:
    """A table of a longer answer, on standard output."""
    out.print()
    out.print(table, soft_wrap=False)


@contextmanager
def explained(*faults: type[Exception]) -> Iterator[None]:
    """Turns a fault into a line of text and an exit status."""
    try:
        yield
    except faults as error:
        fail(_told(error))


def _told(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None and error.strerror is not None:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def fail(message: str, status: int = EXIT_PROBLEM) -> NoReturn:
    """Says why the command gives up, and exits."""
    err.print(Text(f"siaga112: {message}", style="red"))
    raise typer.Exit(status)


def first_folder(value: Path) -> Path:
    """The first of several folders that systemd has joined with colons (systemd.exec(5))."""
    return Path(str(value).partition(":")[0])
