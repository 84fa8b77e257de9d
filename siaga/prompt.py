"""The prompts' files: what Asterisk plays is made from texts, recordings and tones, and kept fresh.

Each prompt is two files, `<language>/<name>.wav` (8 kHz) and `<name>.wav16` (16 kHz), as Asterisk's
`format_wav` names them. Only what has changed is made again.
"""

import fcntl
import hashlib
import json
import os
import wave
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeAlias

from routing.operator import Language
from siaga import sound
from siaga.file import replace
from siaga.sound import Programs, SoundError
from siaga.speech import Prompts, Tone, Voice

MANIFEST: Final = ".siaga112.json"
"""In the folder of prompts: what each file was made from, as a digest."""
MANIFEST_MODE: Final = 0o644
"""Nothing in it is a secret, and another user may ask which prompts are there."""
RECIPE: Final = 1
"""Goes up when the same text would be made into another sound."""
SUFFIXES: Final = {".wav": sound.NARROW_HZ, ".wav16": sound.RATE_HZ}


class Origin(StrEnum):
    """What a prompt was made from."""

    TEXT = "text"
    RECORDING = "recording"
    TONE = "tone"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A prompt that can be played.

    Attributes:
        language: Its folder.
        name: Its file's name without the suffix.
        origin: What it was made from.
        seconds: How long it is.
        is_new: It was made now; it was there already otherwise.
    """

    language: Language
    name: str
    origin: Origin
    seconds: float
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Spoken:
    text: str
    voice: Voice


_Source: TypeAlias = _Spoken | Path | Tone


def render(
    prompts: Prompts,
    out: Path,
    *,
    recordings: Path | None = None,
    programs: Programs | None = None,
    progress: Callable[[Rendered], None] | None = None,
) -> tuple[Rendered, ...]:
    """Makes every prompt that is new or has changed, and removes those that are no more.

    Other files in the folder are left alone. What is being played is never cut: files are replaced
    as a whole. It blocks; two at once in one folder wait for each other.

    Args:
        prompts: The texts, voices and tones.
        out: The folder that gets a folder for each language; made if it is missing.
        recordings: Human recordings, `<language>/<name>.wav`; each wins over the text.
        programs: How espeak-ng and sox are started.
        progress: Called with each prompt when it is ready, in the order of the settings.

    Raises:
        SoundError: A program is missing, a text or recording cannot be made into a sound, or the
            folder cannot be written. What was made before is kept.
    """
    programs = programs or Programs()
    sources = dict(_sources(prompts, recordings))
    try:
        with _locked(out):
            return _render(sources, out, programs, progress)
    except OSError as error:
        raise SoundError(f"{error.filename or out}: {error.strerror}") from error


def seconds_of(out: Path, language: str, name: str) -> float | None:
    """How long a rendered prompt is; None when it is not there or is no WAV file."""
    try:
        with wave.open(str(out / language / f"{name}.wav"), "rb") as file:
            return file.getnframes() / file.getframerate()
    except (OSError, EOFError, wave.Error):
        return None


def missing(prompts: Prompts, out: Path) -> tuple[str, ...]:
    """The prompts that Asterisk does not find in a folder, as `language/name`.

    Any kind of file counts, as in Asterisk. A language of which nothing is there is one entry; of
    a folder that this process may not look into nothing can be said.
    """
    found: list[str] = []
    for language in prompts.voices:
        names = {name for name, texts in prompts.texts.items() if language in texts}
        wanted = names | set(prompts.tones)
        try:
            there = {path.stem for path in (out / language).iterdir()}
        except PermissionError:
            # Asterisk is another user, and may see more.
            continue
        except OSError:
            there = set()
        absent = sorted(wanted - there)
        if len(absent) == len(wanted):
            found.append(f"{language}/ (all {len(wanted)} prompts)")
        else:
            found += [f"{language}/{name}" for name in absent]
    return tuple(found)


def _sources(
    prompts: Prompts, recordings: Path | None
) -> Iterator[tuple[tuple[Language, str], _Source]]:
    for language, voice in prompts.voices.items():
        spoken = {
            name: _Spoken(texts[language], voice)
            for name, texts in prompts.texts.items()
            if language in texts
        }
        for name, source in (spoken | dict(prompts.tones)).items():
            recording = None if recordings is None else recordings / language / f"{name}.wav"
            has_one = recording is not None and recording.is_file()
            yield (language, name), recording if recording is not None and has_one else source


def _render(
    sources: Mapping[tuple[Language, str], _Source],
    out: Path,
    programs: Programs,
    progress: Callable[[Rendered], None] | None,
) -> tuple[Rendered, ...]:
    versions = programs.versions()
    known = _manifest(out)
    digests = {_stem(key): _digest(source, versions) for key, source in sources.items()}
    fresh = {stem for stem in digests if known.get(stem) == digests[stem] and _is_there(out, stem)}
    # What is made now is forgotten first: were it to fail halfway, it would be made again.
    known = {stem: known[stem] for stem in known if stem in fresh or stem not in digests}
    _write_manifest(out, known)
    ready: list[Rendered] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = {
            key: pool.submit(_make, source, out / _stem(key), programs)
            for key, source in sources.items()
            if _stem(key) not in fresh
        }
        try:
            for key, source in sources.items():
                if key in jobs:
                    jobs[key].result()
                    known[_stem(key)] = digests[_stem(key)]
                seconds = seconds_of(out, *key) or 0.0
                ready.append(Rendered(*key, _origin(source), seconds, key in jobs))
                if progress is not None:
                    progress(ready[-1])
        except SoundError as error:
            raise SoundError(f"prompt {_stem(key)}: {error}") from error
        finally:
            pool.shutdown(cancel_futures=True)
            _write_manifest(out, known)
    _remove_stale(out, known.keys() - digests.keys())
    _write_manifest(out, digests)
    return tuple(ready)


def _stem(key: tuple[Language, str]) -> str:
    """A prompt's files below the folder, without their suffix."""
    return "/".join(key)


def _is_there(out: Path, stem: str) -> bool:
    return all((out / f"{stem}{suffix}").is_file() for suffix in SUFFIXES)


def _make(source: _Source, stem: Path, programs: Programs) -> None:
    stem.parent.mkdir(exist_ok=True)
    match source:
        case _Spoken(text, voice):
            samples, level = sound.speak(programs, text, voice), sound.RMS_DBFS
        case Tone():
            samples, level = sound.ring(programs, source), sound.TONE_DBFS
        case _:
            samples, level = sound.convert(programs, source), sound.RMS_DBFS
    for suffix, rate_hz in SUFFIXES.items():
        part = stem.parent / f".{stem.name}{suffix}.part"
        try:
            sound.write(programs, samples, part, rate_hz, level)
            part.replace(stem.parent / f"{stem.name}{suffix}")
        finally:
            part.unlink(missing_ok=True)


def _origin(source: _Source) -> Origin:
    match source:
        case _Spoken():
            return Origin.TEXT
        case Tone():
            return Origin.TONE
        case _:
            return Origin.RECORDING


def _digest(source: _Source, versions: str) -> str:
    content = source.read_bytes().hex() if isinstance(source, Path) else asdict(source)
    made_from = [RECIPE, versions, _origin(source), content]
    return hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()


def _manifest(out: Path) -> dict[str, str]:
    """By `language/name`: the digest that its files were made from; empty when it is unreadable."""
    try:
        read = json.loads((out / MANIFEST).read_text())
    except (FileNotFoundError, ValueError):
        return {}
    entries = read.items() if isinstance(read, dict) else ()
    return {stem: str(digest) for stem, digest in entries if _is_ours(stem)}


def _is_ours(stem: str) -> bool:
    """Whether it names a file one folder deep: nothing else is ever removed."""
    parts = Path(stem).parts
    return len(parts) == 2 and not {"/", "..", "."} & set(parts)  # noqa: PLR2004 - language/name


def _write_manifest(out: Path, manifest: Mapping[str, str]) -> None:
    text = json.dumps(dict(manifest), indent=1, sort_keys=True)
    replace(out / MANIFEST, text.encode(), MANIFEST_MODE)


def _remove_stale(out: Path, stems: set[str]) -> None:
    for stem in stems:
        for suffix in SUFFIXES:
            (out / f"{stem}{suffix}").unlink(missing_ok=True)
        folder = (out / stem).parent
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Holds the folder against another process that renders into it."""
    out.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(out, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
