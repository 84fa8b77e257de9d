"""From the command line to a running daemon, or to an exit status that says why there is none."""

import asyncio
import os
import signal
import time
from enum import IntEnum
from pathlib import Path
from typing import Final

import structlog

from siaga import basis
from siaga import log as logging_setup
from siaga.basis import Basis, NoBasis
from siaga.daemon import Daemon
from siaga.readiness import Notifier
from switch.credential import Credential, CredentialError

log = structlog.get_logger(__name__)

PAUSE_S: Final = 9.0
"""Before an end that only people can mend, when a service manager would start it again at once: its
log gets the reasons six times a minute, and the service is up by itself soon after the mending."""
OTHERS: Final = 0o027
"""What nobody may do with the daemon's files, whatever has started it: others anything, its group
write. systemd's unit says the same."""
FIRST_LEVEL: Final = "info"
"""Of the log, as long as no settings say another."""


class Exit(IntEnum):
    """Why `siaga112 run` has ended; the command line's help and the unit name them too."""

    STOPPED = 0
    SETTINGS = 1
    COMMAND_LINE = 2
    CREDENTIAL = 3
    FAULT = 70


def run(config: Path, state: Path, runtime: Path) -> Exit:
    """Runs the daemon until it is told to stop.

    Args:
        config: Folder of the settings.
        state: Folder of what outlives the daemon: the last known good settings.
        runtime: Folder of what does not: the control socket.
    """
    os.umask(os.umask(OTHERS) | OTHERS)
    # A reload that is asked for meanwhile waits until the daemon can hear it.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    logging_setup.configure(FIRST_LEVEL)
    notifier = Notifier.from_environment()
    credential: Credential | None = None
    found: Basis | None = None
    status = Exit.STOPPED
    try:
        credential = Credential.from_environment()
    except CredentialError as error:
        log.error("no_credential", why=str(error))  # noqa: TRY400 - the place in the code says nothing
        status = Exit.CREDENTIAL
    try:
        found = basis.find(config, state)
    except NoBasis as error:
        for problem in error.problems:
            log.error("settings_error", problem=str(problem))  # noqa: TRY400 - the same
        for damaged in error.damaged:
            log.error("known_good_damaged", why=damaged)  # noqa: TRY400 - the same
        status = Exit.SETTINGS
    if credential is None or found is None:
        return _give_up(status, config, state, notifier)
    logging_setup.set_level(found.settings.daemon.log_level)
    try:
        asyncio.run(Daemon(found, credential, notifier, runtime).run())
    except Exception:
        log.exception("daemon_failed")
        return Exit.FAULT
    return Exit.STOPPED


def _give_up(status: Exit, config: Path, state: Path, notifier: Notifier) -> Exit:
    """Says what to do, and lets a service manager's next try wait a little."""
    why = "Asterisk's user and password are not known: see no_credential"
    do = "give them as it says, and start again"
    if status is Exit.SETTINGS:
        why = f"the settings in {config} cannot be used, and none are known to be good in {state}"
        do = f"correct them (siaga112 check --config {config}), and start again"
    log.critical("not_started", why=why, do=do, exit_status=int(status))
    notifier.status(f"not started: {why}; {do}")
    if notifier.is_given:
        time.sleep(PAUSE_S)
    return status
