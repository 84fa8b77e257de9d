"""The telephony programs of the sandbox: the system's own, or those of an extracted folder.

The system's Asterisk is used where it is new enough; where any program is missing, a folder of
Debian's packages is extracted, with an Asterisk only if the system's cannot be used.

Standard library only: set-up uses it before anything is installed.
"""

import hashlib
import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ASTERISK_PACKAGES = ("asterisk", "asterisk-core-sounds-en-wav")
PHONE_PACKAGES = {
    "sipp": "sip-tester",
    "baresip": "baresip-core",
    "mosquitto": "mosquitto",
    "espeak-ng": "espeak-ng",
    "sox": "sox",
    "tshark": "tshark",
    "faketime": "faketime",
    "systemd-analyze": "systemd",
}
"""The other programs, and the package of each; what they depend on comes with them."""
DEBIAN_SUITE = "forky"
"""Debian's suite whose Asterisk is of the long-term branch 22; Debian 12 and 13 have none."""
LEAST_ASTERISK = 20
"""The oldest supported long-term branch of Asterisk."""
DATABASE_PACKAGE = "postgresql"
"""Debian's newest PostgreSQL of a suite, with all that it depends on."""
BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome")
"""Names of Chromium as systems have it; Ubuntu's chromium-browser only leads to a snap."""
BROWSER_PACKAGES = ("chromium-headless-shell", "fonts-dejavu-core")
"""Debian's Chromium without windows, and a font; both of this system's own release."""
MODULE_LIST = Path(__file__).parent.parent / "asterisk-dialplan" / "siaga-modules.conf"
NEWER_MODULES = frozenset({"res_websocket_client.so", "res_cdrel_custom.so"})
"""Modules that only later versions than LEAST_ASTERISK have, and need."""
CACHE_VARIABLE = "SIAGA_CACHE"
SYSTEM = Path("/")


class NotProvisioned(Exception):
    """A program is missing; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Toolbox:
    """Where the programs are and how they are started.

    Attributes:
        asterisk: The tree that Asterisk is taken from: the system's, or an extracted folder.
        phones: The same for all other programs, but for the database's.
        database: The same for PostgreSQL.
        browser: The same for Chromium.
    """

    asterisk: Path
    phones: Path
    database: Path = SYSTEM
    browser: Path = SYSTEM

    def argv(self, program: str) -> list[str]:
        """The beginning of a command line that starts `program`.

        Raises:
            NotProvisioned: There is no such program.
        """
        root = self.asterisk if program == "asterisk" else self.phones
        if root == SYSTEM:
            return [_system_program(program)]
        for folder in ("usr/sbin", "usr/bin"):
            binary = _inside(root, root / folder / program)
            if binary.exists():
                return [*_loader(root), *_unlinked(root, program), str(binary)]
        raise NotProvisioned(f"{root} has no {program}; remove that folder, then: make setup")

    def env(self, program: str) -> dict[str, str]:
        """What the program needs in its environment besides what is there.

        SIPp does not start on an unknown terminal, even if it draws nothing.
        """
        if program == "sipp":
            return {"TERM": "dumb"}
        if program == "espeak-ng" and self.phones != SYSTEM:
            return {"ESPEAK_DATA_PATH": str(_library(self.phones, "espeak-ng-data"))}
        return {}

    def database_program(self, name: str) -> Path:
        """A program of PostgreSQL, of the newest version that is there.

        Raises:
            NotProvisioned: There is none.
        """
        found = database_programs(self.database, name)
        if not found:
            raise NotProvisioned(f"no PostgreSQL in {self.database}; run: make setup")
        return found[-1]

    @property
    def database_env(self) -> dict[str, str]:
        """What PostgreSQL's programs need: their libraries, of this system's own release.

        They start each other, so the loader of the extracted folder cannot be put in front.
        """
        if self.database == SYSTEM:
            return {}
        libraries = (path.parent for path in self.database.glob("usr/lib/*/libpq.so.5"))
        return {"LD_LIBRARY_PATH": ":".join(map(str, libraries))}

    @property
    def browser_program(self) -> Path:
        """Chromium.

        Raises:
            NotProvisioned: There is none.
        """
        if self.browser == SYSTEM:
            return _system_browser()
        found = self.browser / "usr/lib/chromium/chromium-headless-shell"
        if not found.exists():
            raise NotProvisioned(f"no Chromium in {self.browser}; run: make setup")
        return found

    @property
    def browser_libraries(self) -> tuple[Path, ...]:
        """The folders of its libraries; it starts itself again, as PostgreSQL does."""
        if self.browser == SYSTEM:
            return ()
        folders = self.browser.glob("usr/lib/*-linux-gnu*")
        return tuple(path for folder in folders for path in (folder, folder / "pulseaudio"))

    @property
    def browser_fonts(self) -> Path | None:
        """The folder of its fonts; None where the system's are used."""
        return None if self.browser == SYSTEM else self.browser / "usr/share/fonts"

    @property
    def asterisk_modules(self) -> Path:
        """Asterisk's loadable modules."""
        return _library(self.asterisk, "asterisk/modules")

    @property
    def asterisk_data(self) -> Path:
        """Asterisk's documentation, REST descriptions and sounds."""
        return _first(self.asterisk / "usr/share/asterisk", self.asterisk / "var/lib/asterisk")

    @property
    def faketime_library(self) -> Path:
        """What steps the clock of a program that it is loaded into (LD_PRELOAD).

        The build for programs with threads: in the other one threads share the text that was just
        read, and one of 20,000 readings is of the machine's clock.
        """
        return _library(self.phones, "faketime") / "libfaketimeMT.so.1"

    @property
    def baresip_modules(self) -> Path:
        """Baresip's loadable modules."""
        return _library(self.phones, "baresip/modules")


def _system_program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/bin")
    if found is None:
        raise NotProvisioned(f"{name} is not installed; run: make setup")
    return found


def _system_browser() -> Path:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        raise NotProvisioned(f"none of {', '.join(BROWSERS)} is installed; run: make setup")
    return Path(found)


def _loader(root: Path) -> list[str]:
    """An extracted folder's own program loader, on the folder's own libraries."""
    loader = next(iter(sorted(root.glob("usr/lib/*/ld-linux*.so.*"))), None)
    if loader is None:
        raise NotProvisioned(f"{root} has no program loader; remove it, then: make setup")
    # pulseaudio: espeak-ng's audio library finds its own part by an absolute path otherwise; as
    # systemd's programs find theirs.
    paths = (loader.parent, loader.parent / "pulseaudio", loader.parent / "systemd")
    return [str(loader), "--library-path", ":".join(str(path) for path in paths)]


def _unlinked(root: Path, program: str) -> list[str]:
    """Loads what the program would not find in an extracted folder.

    Debian's package of a library that mosquitto needs leaves the link of its name to ldconfig,
    which does not run there.
    """
    if program != "mosquitto":
        return []
    found = sorted(root.glob("usr/lib/*/libpicohttpparser.so.*.*"))
    return ["--preload", str(found[-1])] if found else []


def _library(root: Path, name: str) -> Path:
    """A folder of libraries, where packages or a build from source put it."""
    packaged = sorted(root.glob(f"usr/lib/*-linux-gnu*/{name}"))
    built = (root / folder / name for folder in ("usr/lib64", "usr/local/lib"))
    return _first(root / "usr/lib" / name, *packaged, *built)


def _first(*paths: Path) -> Path:
    """The first that exists; the very first when none does, for the message that follows."""
    return next((path for path in paths if path.exists()), paths[0])


def _inside(root: Path, path: Path) -> Path:
    """Follows links as if `root` were the root directory: Debian's alternatives are absolute."""
    while path.is_symlink():
        target = path.readlink()
        path = root / target.relative_to("/") if target.is_absolute() else path.parent / target
    return path


def database_programs(root: Path, name: str) -> list[Path]:
    """That program of PostgreSQL in each version that is there, the newest last."""
    found = root.glob(f"usr/lib/postgresql/*/bin/{name}")
    return sorted(found, key=lambda path: float(path.parent.parent.name))


def asterisk_fault(box: Toolbox) -> str | None:
    """Why this Asterisk cannot be used, in words; None when it can."""
    try:
        version = asterisk_version(box.argv("asterisk"))
    except NotProvisioned:
        return "no Asterisk"
    if version is None:
        return "an Asterisk that does not tell its version"
    if version < LEAST_ASTERISK:
        return f"Asterisk {version}, older than {LEAST_ASTERISK}"
    absent = [name for name in needed_modules() if not (box.asterisk_modules / name).exists()]
    if absent:
        return f"Asterisk {version} without {', '.join(absent)}"
    return None


def asterisk_version(argv: list[str]) -> int | None:
    """The major version that this Asterisk tells; None when it does not start or tells none.

    Packages say `Asterisk 22.10.1~dfsg`, builds from source also `GIT-20-…` or `certified/20.7`.
    """
    try:
        done = subprocess.run([*argv, "-V"], capture_output=True, text=True, check=False)
    except OSError:
        return None
    found = re.match(r"Asterisk (?:[A-Za-z]+[-/])?(\d+)", done.stdout)
    return int(found[1]) if found else None


def needed_modules() -> list[str]:
    """The modules that Asterisk loads for this service, in every supported version."""
    names: list[str] = re.findall(r"^load = (\S+\.so)", MODULE_LIST.read_text(), re.MULTILINE)
    return [name for name in names if name not in NEWER_MODULES]


@dataclass(frozen=True, slots=True)
class Need:
    """What this system lacks.

    Attributes:
        asterisk: Why the system's Asterisk cannot be used; None when it can.
        programs: The other programs that are not installed.
        database: There is no PostgreSQL.
        browser: There is no Chromium, and this system's releases have it as a package.
    """

    asterisk: str | None
    programs: tuple[str, ...]
    database: bool = False
    browser: bool = False

    @property
    def packages(self) -> tuple[str, ...]:
        """What is to be extracted; nothing when the system has all.

        One missing phone brings all of them: versions that were tried with each other.
        """
        if self.asterisk is None and not self.programs:
            return ()
        return (*(ASTERISK_PACKAGES if self.asterisk else ()), *PHONE_PACKAGES.values())

    @property
    def folder(self) -> Path:
        """Where that is extracted, made or not; another list of packages has another folder."""
        recipe = hashlib.sha256(" ".join((suite(), *self.packages)).encode()).hexdigest()
        return cache_folder() / f"tools-{platform.machine()}-{recipe[:8]}"

    @property
    def database_folder(self) -> Path:
        """Where PostgreSQL is extracted, apart: it is of this system's own release."""
        return cache_folder() / f"database-{platform.machine()}-{own_suite()}"

    @property
    def browser_folder(self) -> Path:
        """Where Chromium is extracted, apart for the same reason."""
        return cache_folder() / f"browser-{platform.machine()}-{own_suite()}"

    @property
    def toolbox(self) -> Toolbox:
        """The programs, once what is needed has been provided."""
        database = self.database_folder if self.database else SYSTEM
        browser = self.browser_folder if self.browser else SYSTEM
        if not self.packages:
            return Toolbox(SYSTEM, SYSTEM, database, browser)
        return Toolbox(self.folder if self.asterisk else SYSTEM, self.folder, database, browser)


def need() -> Need:
    """Looks at this system's own programs."""
    missing = []
    for program in PHONE_PACKAGES:
        try:
            _system_program(program)
        except NotProvisioned:
            missing.append(program)
    database = not database_programs(SYSTEM, "initdb")
    fault = asterisk_fault(Toolbox(SYSTEM, SYSTEM))
    return Need(fault, tuple(missing), database, _needs_browser())


def _needs_browser() -> bool:
    """Ubuntu and its kin have no Chromium but as a snap: there it is the user's to install."""
    try:
        _system_browser()
    except NotProvisioned:
        return suite() == DEBIAN_SUITE
    return False


def cache_folder() -> Path:
    """Where extracted folders are kept: of the user, shared by all checkouts."""
    if own := os.environ.get(CACHE_VARIABLE):
        return Path(own).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "siaga112"


def suite() -> str:
    """The suite to extract from: on Ubuntu and its kin their own, else Debian's DEBIAN_SUITE."""
    return platform.freedesktop_os_release().get("UBUNTU_CODENAME") or DEBIAN_SUITE


def own_suite() -> str:
    """The suite of this system itself; DEBIAN_SUITE where it does not say."""
    return platform.freedesktop_os_release().get("VERSION_CODENAME") or DEBIAN_SUITE


def open_toolbox() -> Toolbox:
    """The programs that set-up has provided.

    Raises:
        NotProvisioned: Set-up has not run.
    """
    needed = need()
    if needed.packages and not needed.folder.is_dir():
        raise NotProvisioned("no Asterisk and phones here yet; run: make setup")
    if needed.database and not needed.database_folder.is_dir():
        raise NotProvisioned("no PostgreSQL here yet; run: make setup")
    if needed.browser and not needed.browser_folder.is_dir():
        raise NotProvisioned("no Chromium here yet; run: make setup")
    return needed.toolbox
