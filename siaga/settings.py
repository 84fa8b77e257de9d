"""All settings of a folder, read into one value; or everything that is wrong with them, at once."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final, TypeVar

from ivr.menu import Menu
from routing.judge import Tables, ZoneMap
from routing.operator import Operators
from routing.plan import Plan
from routing.service import Catalogue
from routing.zone import Zones
from siaga import document, reference
from siaga.datafile import DataFile
from siaga.document import Document
from siaga.gazetteer import Gazetteer
from siaga.holiday import roster_of
from siaga.problem import Place, Problem, SettingsError, SettingsPath, Severity
from siaga.roster.staffing import RosterSettings
from siaga.rule import (
    holiday,
    loop,
    operator,
    override,
    prompt,
    roster,
    service,
    site,
    staffing,
    throttle,
    zone,
)
from siaga.rule.finding import Findings
from siaga.schema import validate
from siaga.site import DaemonSettings
from siaga.source import stamp
from siaga.speech import Prompts

__all__ = ["SCHEMA", "STEMS", "Settings", "SettingsError", "load"]

T = TypeVar("T")
NAME_DIGITS: Final = 8
"""Of a set's name: enough to tell the sets of one city apart."""
READS: Final = 3
"""Of a set of files that changes while it is read, before it is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services(Catalogue):
    """All of `services.yaml`: the catalogue, and the menu that leads to it.

    Attributes:
        menu: What callers hear first, and what each key does.
    """

    menu: Menu


SCHEMA: Final[Mapping[str, type]] = {
    "siaga": DaemonSettings,
    "zones": Zones,
    "services": Services,
    "operators": Operators,
    "roster": RosterSettings,
    "prompts": Prompts,
}
"""What each of the files is read into."""
STEMS: Final = tuple(SCHEMA)
"""The files of a folder of settings, without `.yaml`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The accepted settings of a site.

    Attributes:
        daemon: `siaga.yaml`.
        menu: `services.yaml`, `menu`.
        zones: `zones.yaml`.
        catalogue: `services.yaml`, all but the menu.
        operators: `operators.yaml`.
        roster: `roster.yaml`.
        prompts: `prompts.yaml`.
        warnings: What was found and can be lived with.
        tables: The files that `zones.yaml` names.
    """

    daemon: DaemonSettings
    menu: Menu
    zones: Zones
    catalogue: Catalogue
    operators: Operators
    roster: RosterSettings
    prompts: Prompts
    warnings: tuple[Problem, ...] = ()
    tables: Tables = field(default_factory=Tables, repr=False, compare=False)
    _documents: Mapping[str, Document | DataFile] = field(
        default_factory=dict, repr=False, compare=False
    )

    def plan(self) -> Plan:
        """The settings compiled for routing; what the rules accept always compiles."""
        return Plan(
            zones=ZoneMap(self.zones, self.tables),
            catalogue=self.catalogue,
            operators=self.operators,
            roster=roster_of(self.roster, self.operators),
        )

    @property
    def files(self) -> dict[str, bytes]:
        """The files by name, byte by byte as they were accepted."""
        return {Path(written.file).name: written.data for written in self._documents.values()}

    @property
    def name(self) -> str:
        """Tells this set of files from every other one, in records and to people."""
        digest = hashlib.sha256()
        for name, data in self.files.items():
            digest.update(f"{name} {len(data)}\n".encode() + data)
        return digest.hexdigest()[:NAME_DIGITS]

    def locate(self, path: SettingsPath) -> Place | None:
        """Where the rule at a settings path is written, or the nearest that is written around it.

        Args:
            path: As in `routing.reason.Reason`; its first key is a file's name without `.yaml`, or
                the whole name of a file of data, which a line follows.

        Returns:
            None for the empty path and for one that begins with no file of the settings.
        """
        written = self._documents.get(str(path[0])) if path else None
        return None if written is None else written.place(path, of_key=True)

    def where(self, path: SettingsPath) -> str:
        """`file:line` of the rule at a settings path, without the folder; "" for none."""
        place = self.locate(path)
        return "" if place is None else f"{Path(place.file).name}:{place.line}"


@dataclass(slots=True)
class _Draft:
    """What could be read of each file; None where it could not."""

    daemon: DaemonSettings | None
    services: Services | None
    zones: Zones | None
    operators: Operators | None
    roster: RosterSettings | None
    prompts: Prompts | None
    tables: Tables = field(default_factory=Tables)


def load(folder: Path, instead: Mapping[str, bytes] | None = None) -> Settings:
    """The settings of a folder.

    Args:
        folder: Where the files are.
        instead: Bytes by stem that are judged in place of what those files hold.

    Raises:
        SettingsError: They cannot be used; with everything that is wrong in all files.
    """
    fault = _fault_of(folder)
    if fault is not None:
        raise SettingsError([Problem(str(folder), 1, 1, fault)])
    draft, documents = _read(folder, instead or {})
    problems = sorted(problem for each in documents.values() for problem in each.problems)
    if any(problem.severity is Severity.ERROR for problem in problems):
        raise SettingsError(problems)
    settings = _accepted(draft, documents, tuple(problems))
    if settings is None:
        raise AssertionError("a file could not be read, and no problem says why")
    return settings


def _fault_of(folder: Path) -> str | None:
    """Why nothing in the folder can be read; one problem instead of one for each file."""
    try:
        # Asks for the right to search it, too.
        os.stat(os.path.join(folder, "."))  # noqa: PTH116, PTH118 - a Path would drop the dot
    except (FileNotFoundError, NotADirectoryError):
        return f"this is no folder; expected one with {', '.join(f'{stem}.yaml' for stem in STEMS)}"
    except OSError as error:
        return (
            f"this folder cannot be read: {error.strerror}; this daemon's user needs the right to"
        )
    return None


def _read(
    folder: Path, instead: Mapping[str, bytes]
) -> tuple[_Draft, dict[str, Document | DataFile]]:
    """All files as they were together at one time, with all that is wrong with them."""
    for _ in range(READS):
        draft, documents = _judged(folder, instead)
        changed = [each for each in documents.values() if stamp(Path(each.file)) != each.stamp]
        if not changed:
            return draft, documents
    for each in changed:
        message = "this file is being written to; expected one that is complete: try again"
        each.problems.append(Problem(each.file, 1, 1, message))
    return draft, documents


def _judged(
    folder: Path, instead: Mapping[str, bytes]
) -> tuple[_Draft, dict[str, Document | DataFile]]:
    read = {stem: document.read(folder / f"{stem}.yaml", instead.get(stem)) for stem in STEMS}
    draft = _Draft(
        daemon=_part(DaemonSettings, read["siaga"]),
        services=_part(Services, read["services"]),
        zones=_part(Zones, read["zones"]),
        operators=_part(Operators, read["operators"]),
        roster=_part(RosterSettings, read["roster"]),
        prompts=_part(Prompts, read["prompts"]),
    )
    documents: dict[str, Document | DataFile] = {**read}
    findings = Findings(documents, is_whole=reference.check(read))
    gazetteer = Gazetteer(folder, findings)
    if draft.zones is not None:
        draft.tables = gazetteer.read(draft.zones)
    documents |= gazetteer.files
    _keep_rules(draft, findings)
    return draft, documents


def _part(type_: type[T], written: Document) -> T | None:
    if written.tree is None:
        return None
    return validate(type_, written.tree, written, (written.stem,))


def _keep_rules(draft: _Draft, findings: Findings) -> None:
    """The rules of each file that could be read, then those between files."""
    if draft.daemon is not None:
        site.check(draft.daemon, findings)
    if draft.zones is not None:
        zone.check(draft.zones, draft.tables, findings)
    if draft.operators is not None:
        operator.check(draft.operators, findings)
    if draft.roster is not None:
        roster.check(draft.roster, findings)
        holiday.check(draft.roster.holidays, findings)
        override.check(draft.roster.overrides, findings)
        staffing.check(draft.roster.staffing, findings)
    if draft.prompts is not None:
        prompt.check(draft.prompts, findings)
    if draft.roster is not None and draft.operators is not None:
        holiday.check_agencies(draft.roster.holidays, draft.operators, findings)
        override.check_effect(draft.roster, draft.operators, findings)
    services = draft.services
    if services is None:
        return
    service.check_menu(services.menu, findings)
    service.check_catalogue(services, findings)
    service.check_reach(services.menu, services, findings)
    if draft.operators is not None:
        service.check_people(services, draft.operators, findings)
        service.check_supervisors(services, draft.operators, findings)
    throttle.check(services, findings)
    if draft.daemon is not None:
        service.check_recording(services, draft.daemon, findings)
    if draft.zones is not None:
        loop.check(draft.zones, services, findings)
        throttle.check_allowed(services, draft.zones, findings)
    if draft.prompts is not None:
        prompt.check_complete(draft.prompts, services.menu, services, draft.zones, findings)


def _accepted(
    draft: _Draft, documents: Mapping[str, Document | DataFile], warnings: tuple[Problem, ...]
) -> Settings | None:
    """The draft as settings, when every file could be read."""
    match draft:
        case _Draft(
            daemon=DaemonSettings() as daemon,
            services=Services() as services,
            zones=Zones() as zones,
            operators=Operators() as operators,
            roster=RosterSettings() as plan,
            prompts=Prompts() as prompts,
        ):
            catalogue = {each.name: getattr(services, each.name) for each in fields(Catalogue)}
            return Settings(
                daemon=daemon,
                menu=services.menu,
                zones=zones,
                catalogue=Catalogue(**catalogue),
                operators=operators,
                roster=plan,
                prompts=prompts,
                warnings=warnings,
                tables=draft.tables,
                _documents=documents,
            )
        case _:
            return None
