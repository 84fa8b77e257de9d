"""What a daemon starts on: the settings of a folder, or else the last known good ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from siaga.known_good import Copy, KnownGood
from siaga.problem import Problem, SettingsError
from siaga.settings import Settings, load


@dataclass(frozen=True, slots=True)
class Basis:
    """What a daemon starts on.

    Attributes:
        config: The folder of the settings.
        settings: Those to be used.
        known_good: Keeps what is accepted.
        copy: Where `settings` come from, when those in the folder cannot be used.
        problems: What is wrong with those in the folder.
        damaged: Copies that were passed over.
    """

    config: Path
    settings: Settings
    known_good: KnownGood
    copy: Copy | None = None
    problems: Sequence[Problem] = ()
    damaged: Sequence[str] = ()


def find(config: Path, state: Path) -> Basis:
    """The settings of a folder, or else the last known good ones.

    Raises:
        SettingsError: There are neither; with what is wrong in the folder.
    """
    known_good = KnownGood(state)
    try:
        return Basis(config, load(config), known_good)
    except SettingsError as error:
        copy, damaged = known_good.newest()
        if copy is None:
            raise
        return Basis(config, copy.settings, known_good, copy, error.problems, damaged)
