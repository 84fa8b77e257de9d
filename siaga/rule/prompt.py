"""The rules of `prompts.yaml`."""

import re
from collections.abc import Collection
from typing import Final

from ivr.menu import Menu
from ivr.prompt import Prompt
from routing.service import Catalogue
from routing.zone import Zones
from siaga.problem import SettingsPath, alike, suggestion
from siaga.rule.finding import ID, Findings
from siaga.speech import SELDOM, Prompts, needed_texts

LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*")
VOICE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+_/-]*")
SPEED_WPM: Final = (80, 450)
PITCH: Final = (0, 99)
"""The ranges of espeak-ng's options -s and -p."""
TONE_HZ: Final = (50.0, 3400.0)
"""What a telephone line carries."""
TONE_S: Final = (0.0, 60.0)


def check(prompts: Prompts, findings: Findings) -> None:
    """Adds what is wrong with voices, texts and tones by themselves."""
    for language, voice in prompts.voices.items():
        path: SettingsPath = ("prompts", "voices", language)
        if not LANGUAGE.fullmatch(language):
            message = f"{language!r} is no language; expected a tag such as id or en"
            findings.error(path, message, of_key=True)
        if not VOICE.fullmatch(voice.voice):
            message = f"{voice.voice!r} cannot be a voice of espeak-ng; expected one such as en-gb"
            findings.error((*path, "voice"), message)
        findings.within((*path, "speed_wpm"), voice.speed_wpm, SPEED_WPM)
        findings.within((*path, "pitch"), voice.pitch, PITCH)
    for name, texts in prompts.texts.items():
        path = ("prompts", "texts", name)
        if not ID.fullmatch(name):
            message = f"{name!r} cannot be a prompt's name; expected small letters, digits, - and _"
            findings.error(path, message, of_key=True)
        for language, text in texts.items():
            if not any(letter.isalnum() for letter in text):
                findings.error((*path, language), "there is nothing to say in this text")
            if language not in prompts.voices:
                meant = suggestion(language, prompts.voices, "voices")
                findings.error(
                    (*path, language), f"no voice speaks {language!r}{meant}", of_key=True
                )
    for name, tone in prompts.tones.items():
        path = ("prompts", "tones", name)
        findings.within((*path, "frequency_hz"), tone.frequency_hz, TONE_HZ)
        findings.within((*path, "on_s"), tone.on_s, (0.1, TONE_S[1]))
        findings.within((*path, "off_s"), tone.off_s, TONE_S)
        findings.within((*path, "length_s"), tone.length_s, (1.0, TONE_S[1]))


def check_complete(
    prompts: Prompts, menu: Menu, catalogue: Catalogue, zones: Zones | None, findings: Findings
) -> None:
    """Adds prompts that are needed and not there, and needless ones."""
    neighbours = () if zones is None else zones.neighbours.values()
    hang_up = any(neighbour.hang_up for neighbour in neighbours)
    needed = needed_texts(catalogue, hang_up=hang_up)
    misspelt = _check_needless(prompts, needed, findings)
    for index, language in enumerate(menu.languages):
        if language not in prompts.voices:
            meant = suggestion(language, prompts.voices, "voices")
            message = f"language {language!r} has no voice in prompts.yaml{meant}"
            findings.error(("services", "menu", "languages", index), message)
            continue
        for name in needed:
            if name not in misspelt and language not in prompts.texts.get(name, {}):
                path: SettingsPath = ("prompts", "texts", name)
                message = f"prompt {name!r} has no text in language {language!r}"
                findings.error(path, message, of_key=True)
    if Prompt.RINGBACK not in prompts.tones:
        findings.error(
            ("prompts", "tones"), f"tone {str(Prompt.RINGBACK)!r} is missing", of_key=True
        )


def _check_needless(prompts: Prompts, needed: Collection[str], findings: Findings) -> set[str]:
    """Adds prompts that nothing plays.

    Returns:
        The missing ones that some of them were probably meant to be.
    """
    misspelt: set[str] = set()
    missing = [name for name in needed if name not in prompts.texts]
    for name in prompts.texts:
        if name in (*needed, *SELDOM):
            continue
        path: SettingsPath = ("prompts", "texts", name)
        meant = alike(name, missing)
        if meant is None:
            findings.warning(path, f"nothing plays prompt {name!r}", of_key=True)
        else:
            message = f"nothing plays prompt {name!r}; did you mean {meant!r}, which is missing?"
            findings.error(path, message, of_key=True)
            misspelt.add(meant)
    return misspelt
