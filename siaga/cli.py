"""The command `siaga112`.

Exit statuses: 0 all is well; 1 something is wrong, and was said; 2 the command line is wrong. `run`
has some more (siaga.start.Exit), and 74 says that standard output took no answer.
"""

import json
import os
import shlex
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.text import Text

from siaga import remote
from siaga.audit import app as journal_app
from siaga.callback import called_back_command
from siaga.check import Report, check
from siaga.clock import SystemClock
from siaga.enrolment import pin_command
from siaga.explain.command import explain_command
from siaga.problem import suggestion
from siaga.prompt import Rendered, render
from siaga.purge import purge_command
from siaga.register import calls_command
from siaga.rehearsal.command import rehearse_command
from siaga.remote import RUNTIME, RuntimeOption
from siaga.report.command import report_command
from siaga.roster.command import app as roster_app
from siaga.settings import STEMS
from siaga.siren import alarm_command
from siaga.sound import Programs, SoundError
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
    print_problem,
)

EXIT_NOT_WRITTEN: Final = 74
"""`EX_IOERR` of sysexits.h: what the command found is not known to the reader, so it is not 1."""
DIALPLAN_DAYS: Final = 30
"""As many as the daemon renders (siaga.duty_file.DAYS)."""

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Siaga 112: emergency calls on Asterisk. Every caller reaches a human.",
)


def _show_version(asked: bool) -> None:  # noqa: FBT001 - typer hands the option over like this
    if asked:
        out.print(f"siaga112 {version('siaga112')}")
        raise typer.Exit


@app.callback()
def _command(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """The options of all commands."""


app.add_typer(roster_app, name="roster")
remote.add_to(app)
app.command("rehearse")(rehearse_command)
app.command("explain")(explain_command)
app.command("pin")(pin_command)
app.command("alarm")(alarm_command)
app.command("calls")(calls_command)
app.command("report")(report_command)
app.command("called-back")(called_back_command)
app.command("purge")(purge_command)
app.add_typer(journal_app, name="journal")


@app.command("check")
def check_command(config: ConfigOption = CONFIG, *, as_json: JsonOption = False) -> None:
    """Say all that is wrong with the settings, and what was looked at.

    Each problem comes with file, line and column, on standard error. Nothing is changed and
    Asterisk is not asked. The exit status is 0 when the settings can be used, with or without
    warnings, 1 when they cannot, and 2 when the command line is wrong.
    """
    report = check(config, at=SystemClock().now().wall)
    if as_json:
        print_json(report.as_json())
    else:
        _show(report)
    raise typer.Exit(EXIT_PROBLEM if report.errors else EXIT_OK)


@app.command("prompts")
def prompts_command(
    config: ConfigOption = CONFIG,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Folder of the prompts; else as siaga.yaml says."
        ),
    ] = None,
    recordings: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Human recordings; else as siaga.yaml says."),
    ] = None,
    espeak: Annotated[str, typer.Option(metavar="CMD", help="Starts espeak-ng.")] = "espeak-ng",
    sox: Annotated[str, typer.Option(metavar="CMD", help="Starts sox.")] = "sox",
    *,
    as_json: JsonOption = False,
) -> None:
    """Render the texts of prompts.yaml to sounds.

    The voice is espeak-ng's, the level sox's. A human recording <recordings>/<language>/<name>.wav
    wins over the text. Only what has changed is made again; Asterisk can go on playing meanwhile.
    """
    settings = load_settings(config)
    sounds = settings.daemon.sounds
    target = folder or sounds.folder
    programs = Programs(espeak=shlex.split(espeak), sox=shlex.split(sox))
    with explained(SoundError):
        rendered = render(
            settings.prompts,
            target,
            recordings=recordings or sounds.recordings,
            programs=programs,
            progress=None if as_json else _show_prompt,
        )
    if as_json:
        print_json([_prompt_as_json(prompt) for prompt in rendered])
        return
    new = sum(prompt.is_new for prompt in rendered)
    out.print(f"{target}: {len(rendered)} prompts, {new} of them made now")


@app.command("run")
def run_command(
    config: ConfigOption = CONFIG,
    state: Annotated[
        Path,
        typer.Option(
            envvar=STATE_VARIABLE,
            metavar="DIR",
            help="Folder of what outlives the daemon: settings known to be good, the floor, marks.",
        ),
    ] = STATE,
    runtime: RuntimeOption = RUNTIME,
) -> None:
    """Run the daemon until SIGTERM or Ctrl-C.

    The name and password for Asterisk come from SIAGA_ARI_USER and SIAGA_ARI_PASSWORD, or from a
    credentials file.

    SIGHUP, or `siaga112 reload`, reads the settings again: all of them are used, or none of them
    and the log says why. A start with settings that cannot be used runs on those that were accepted
    last.

    Exit statuses: 0 stopped as it was told to. 1 the settings cannot be used, and none are known
    to be good. 2 the command line is wrong; a restart does not help. 3 no user and password for
    Asterisk. 70 a fault of the program. An Asterisk that is away, a port in use, a full disk or
    missing prompts never end the daemon: it says what to do, and goes on.
    """
    # The daemon's libraries take a third of a second to load, and no other command needs them.
    from siaga.start import run  # noqa: PLC0415

    raise typer.Exit(run(config, first_folder(state), first_folder(runtime)))


@app.command("dialplan")
def dialplan_command(
    config: ConfigOption = CONFIG,
    folder: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="DIR", help="Folder beside Asterisk's files; else it is printed."
        ),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="So many days ahead.")] = DIALPLAN_DAYS,
) -> None:
    """Render who is on duty, for the last resort.

    Asterisk's dialplan (siaga-duty.conf) rings them when the daemon is away. The daemon keeps the
    file current itself where siaga.yaml names its folder (asterisk.dialplan); this is for a look at
    it, and for an Asterisk on another machine. Load it there with: dialplan reload.
    """
    from siaga import dialplan  # noqa: PLC0415 - these two load the daemon's libraries
    from siaga.duty_file import duty_text  # noqa: PLC0415

    plan = load_settings(config).plan()
    with explained(dialplan.DialplanError):
        text = duty_text(plan, SystemClock().now().wall, days)
    if folder is None:
        typer.echo(text, nl=False)
        return
    with explained(OSError):
        dialplan.write({dialplan.DUTY_FILE: text}, folder, dialplan.DUTY_MODE)
    services = len(plan.catalogue.services)
    out.print(f"{folder / dialplan.DUTY_FILE}: {services} services, {days} days")


@app.command("schema")
def schema_command(
    file: Annotated[
        str | None,
        typer.Argument(metavar="[FILE]", help="Such as zones.yaml; else, with --out, all files."),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder that gets <file>.schema.json."),
    ] = None,
) -> None:
    """Write the JSON Schema of the settings, for editors.

    An editor that knows it completes keys, shows what they mean and marks what is misspelt. VS Code
    (with the YAML extension) and others find it by a line in each file:

    # yaml-language-server: $schema=schema/zones.schema.json

    The schema knows keys and kinds of values; references and ranges are what `check` is for.
    """
    from siaga import json_schema  # noqa: PLC0415 - no other command needs it

    stem = None if file is None else Path(file).name.removesuffix(".yaml")
    if stem is not None and stem not in STEMS:
        raise typer.BadParameter(f"there is no such file{suggestion(stem, STEMS, 'files')}")
    if stem is not None and folder is None:
        print_json(json_schema.of_file(stem))
        return
    if folder is None:
        raise typer.BadParameter("expected a file, or --out DIR for all of them")
    with explained(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        for each in STEMS if stem is None else (stem,):
            path = folder / f"{each}{json_schema.SUFFIX}"
            text = json.dumps(json_schema.of_file(each), indent=2, ensure_ascii=False)
            path.write_text(f"{text}\n", encoding="utf-8")
            out.print(Text(f"{each}.yaml:  # yaml-language-server: $schema={path}"))


def main() -> None:
    """Runs the command line of this process; an output that takes nothing more is no traceback."""
    try:
        app(prog_name="siaga112")
    except OSError as error:
        if error.filename is not None:  # a file's fault, not that of a stream
            raise
        err.print(Text(f"siaga112: the answer could not be written: {error.strerror}", style="red"))
        os._exit(EXIT_NOT_WRITTEN)  # the usual exit would try to write it once more


def _show(report: Report) -> None:
    lines = list(report.lines())
    for line in lines[: len(report.problems)]:
        print_problem(line)
    for line in lines[len(report.problems) :]:
        out.print(Text(line))


def _show_prompt(prompt: Rendered) -> None:
    if prompt.is_new:
        file = f"{prompt.language}/{prompt.name}"
        out.print(Text(f"{file:<24} {prompt.seconds:5.1f} s  from a {prompt.origin}"))


def _prompt_as_json(prompt: Rendered) -> dict[str, object]:
    return {
        "language": prompt.language,
        "name": prompt.name,
        "origin": str(prompt.origin),
        "seconds": round(prompt.seconds, 2),
        "new": prompt.is_new,
    }


if __name__ == "__main__":
    main()
