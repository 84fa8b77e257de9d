"""The prompts of the sandbox, rendered by the toolbox's programs and kept between runs."""

import asyncio
import os
from pathlib import Path

from sandbox.toolbox import Toolbox
from siaga.prompt import render
from siaga.settings import load
from siaga.sound import Programs

FOLDER = Path(__file__).parent.parent / ".sounds"
"""Of this checkout; only what has changed is rendered again."""


async def prompts_folder(toolbox: Toolbox, config: Path) -> Path:
    """The folder with `id/` and `en/`, up to date with the settings.

    Raises:
        SettingsError: The settings cannot be used.
        SoundError: A program is missing or fails.
    """
    programs = Programs(
        espeak=tuple(toolbox.argv("espeak-ng")),
        sox=tuple(toolbox.argv("sox")),
        env={**os.environ, **toolbox.env("espeak-ng"), **toolbox.env("sox")},
    )
    prompts = load(config).prompts
    await asyncio.to_thread(render, prompts, FOLDER, programs=programs)
    return FOLDER
