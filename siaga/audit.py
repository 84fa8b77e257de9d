"""The commands `siaga112 journal …`: whether the records are what was written."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.text import Text

from journal import anchor
from siaga.archive import consult
from siaga.terminal import (
    CONFIG,
    EXIT_OK,
    EXIT_PROBLEM,
    STATE,
    STATE_VARIABLE,
    ConfigOption,
    JsonOption,
    err,
    explained,
    first_folder,
    load_settings,
    out,
    print_json,
)

if TYPE_CHECKING:
    from journal.archive import Archive
    from journal.proof import Proof

SHOWN: Final = 100
"""Findings that are told one by one; --json has all."""

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Look after the records of the calls.",
)


@app.callback()
def _command() -> None:
    """Look after the records of the calls."""


@app.command("verify")
def verify_command(
    config: ConfigOption = CONFIG,
    state: Annotated[
        Path,
        typer.Option(
            envvar=STATE_VARIABLE, metavar="DIR", help="Folder of the daemon's file of anchors."
        ),
    ] = STATE,
    anchors: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Another file of anchors, such as one kept elsewhere."),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Prove that no record of the store was changed, removed, put in or moved.

    Each writer's records are one chain; personal facts are proved by what the chain has of them;
    what was purged is counted and is no fault. The anchors are heads of chains that were noted
    outside of the store: without them an end that was cut off well is not seen.

    Exit statuses: 0 all is as it was written. 1 it is not, and each record is named; or the journal
    cannot be read. 2 the command line is wrong.
    """
    file = anchors or first_folder(state) / anchor.FILE_NAME

    async def ask(archive: "Archive") -> "Proof":
        from journal.proof import prove  # noqa: PLC0415 - loads the database's libraries

        return await prove(archive, file)

    with explained(OSError):
        proof = consult(load_settings(config), ask)
    if as_json:
        print_json(_as_json(proof))
    else:
        for finding in proof.findings[:SHOWN]:
            err.print(Text(str(finding), style="red"))
        for line in _lines(proof, file):
            out.print(Text(line))
    raise typer.Exit(EXIT_PROBLEM if proof.findings else EXIT_OK)


def _lines(proof: "Proof", file: Path) -> Iterator[str]:
    verdict = f"{len(proof.findings)} faults" if proof.findings else "all is as it was written"
    yield f"store {proof.store}, {proof.records} records of {proof.writers} writers: {verdict}"
    purged = ", ".join(f"{count} {name}" for name, count in sorted(proof.purged.items()))
    yield f"  personal  {proof.facts} proved; purged: {purged or 'none'}"
    told = f"{proof.anchors} in {file}" if proof.anchors else f"none in {file}: an end that was cut"
    yield f"  anchors   {told}{'' if proof.anchors else ' off would not be seen'}"


def _as_json(proof: "Proof") -> dict[str, object]:
    return {
        "holds": not proof.findings,
        "store": proof.store,
        "records": proof.records,
        "writers": proof.writers,
        "personal": proof.facts,
        "purged": dict(proof.purged),
        "anchors": proof.anchors,
        "findings": [
            {
                "record": each.record,
                "flaw": each.flaw.name.lower(),
                "fact": each.fact or None,
                "text": str(each),
            }
            for each in proof.findings
        ],
    }
