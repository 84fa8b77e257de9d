"""The telephony programs of the sandbox: the system's own, or those of an extracted folder.

Standard library only: set-up uses it before anything is installed.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("asterisk", "sipp", "baresip", "mosquitto", "espeak-ng", "sox", "tshark")
LEAST_ASTERISK = 20
"""The oldest supported long-term branch of Asterisk."""
RECIPE = 2
"""Goes up when the extracted packages change; part of the folder's name."""
CACHE_VARIABLE = "SIAGA_CACHE"


class NotProvisioned(Exception):
    """A program is missing; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Toolbox:
    """Where the programs are and how they are started.

    Attributes:
        root: The extracted folder, or None for the system's own programs.
        library: The folder of shared libraries inside `root` or the system.
    """

    root: Path | None
    library: Path

    def argv(self, program: str) -> list[str]:
        """The beginning of a command line that starts `program`.

        Raises:
            NotProvisioned: There is no such program.
        """
        if self.root is None:
            found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/bin")
            if found is None:
                raise NotProvisioned(f"{program} is not installed; run: make setup")
            return [found]
        binary = next(
            (
                path
                for folder in ("usr/sbin", "usr/bin")
                if (path := self.root / folder / program).exists()
            ),
            None,
        )
        if binary is None:
            raise NotProvisioned(
                f"{self.root} has no {program}; remove that folder, then: make setup"
            )
        return [*self._loader(), str(_inside(self.root, binary))]

    def _loader(self) -> list[str]:
        loader = next(iter(sorted(self.library.glob("ld-linux-*.so.*"))), None)
        if loader is None:
            raise NotProvisioned(f"{self.root} has no program loader; remove it, then: make setup")
        # pulseaudio: espeak-ng's audio library finds its own part by an absolute path otherwise.
        paths = (self.library, self.library / "pulseaudio")
        return [str(loader), "--library-path", ":".join(str(path) for path in paths)]

    def env(self, program: str) -> dict[str, str]:
        """What the program needs in its environment to find its own data."""
        if self.root is None:
            return {}
        data = {
            "espeak-ng": {"ESPEAK_DATA_PATH": str(self.library / "espeak-ng-data")},
            "sipp": {"TERM": "dumb"},
        }
        return data.get(program, {})

    @property
    def asterisk_modules(self) -> Path:
        """Asterisk's loadable modules."""
        return self.library / "asterisk" / "modules"

    @property
    def asterisk_data(self) -> Path:
        """Asterisk's documentation, REST descriptions and sounds."""
        return (self.root or Path("/")) / "usr/share/asterisk"

    @property
    def baresip_modules(self) -> Path:
        """Baresip's loadable modules."""
        return (self.root or Path("/")) / "usr/lib/baresip/modules"


def _inside(root: Path, path: Path) -> Path:
    """Follows links as they would be followed inside the folder: absolute ones stay in it."""
    while path.is_symlink():
        target = path.readlink()
        path = root / target.relative_to("/") if target.is_absolute() else path.parent / target
    return path


def cache_folder() -> Path:
    """Where extracted folders are kept: of the user, shared by all checkouts."""
    if CACHE_VARIABLE in os.environ:
        return Path(os.environ[CACHE_VARIABLE])
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "siaga112"


def extracted_folder() -> Path:
    """The extracted folder of this recipe, made or not."""
    return cache_folder() / f"tools-{RECIPE}"


def system_asterisk() -> int | None:
    """The major version of the system's Asterisk; None when there is none with ARI."""
    binary = shutil.which("asterisk") or shutil.which("asterisk", path="/usr/sbin")
    if binary is None:
        return None
    out = subprocess.run([binary, "-V"], capture_output=True, text=True, check=False).stdout
    words = out.split()
    major = words[1].split(".")[0] if len(words) > 1 else ""
    return int(major) if major.isdigit() else None


def system_is_enough() -> bool:
    """Whether the system's own programs can be used."""
    version = system_asterisk()
    return (
        version is not None
        and version >= LEAST_ASTERISK
        and all(shutil.which(program, path=_search()) for program in PROGRAMS)
    )


def _search() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin"


def open_toolbox() -> Toolbox:
    """The programs that set-up has found or extracted.

    Raises:
        NotProvisioned: Set-up has not run.
    """
    root = extracted_folder()
    if root.is_dir():
        return Toolbox(root, _library(root))
    if system_is_enough():
        return Toolbox(None, _library(Path("/")))
    raise NotProvisioned("no Asterisk here yet; run: make setup")


def _library(root: Path) -> Path:
    found = sorted(root.glob("usr/lib/*-linux-gnu*"))
    if not found:
        raise NotProvisioned(f"{root} is not complete; remove it, then: make setup")
    return found[0]
