"""Chromium without a window, for a look at a page: its picture, its sheets of paper, its layout."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from sandbox.process import die_with_parent
from sandbox.toolbox import Toolbox

LIMIT_S = 60.0
"""For one look, on a busy machine; it takes a quarter of a second."""
ARGUMENTS = (
    # As root it would refuse, and the pages are our own.
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    # A page that wants something from elsewhere does not get it.
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


class Browser:
    """Looks at pages; to be entered with `with`, and leaves nothing behind.

    Args:
        toolbox: Has the program.
    """

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox
        self._folder = Path()

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="siaga112-browser-"))
        fonts = self._toolbox.browser_fonts
        if fonts is not None:
            (self._folder / "fonts.conf").write_text(
                '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
                f"<dir>{fonts}</dir><cachedir>{self._folder}/fonts</cachedir></fontconfig>"
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        shutil.rmtree(self._folder)

    def picture(self, page: Path, target: Path, *, width: int, height: int) -> None:
        """A PNG of the page's top, so many pixels wide and high."""
        self._look(page, f"--window-size={width},{height}", f"--screenshot={target}")

    def paper(self, page: Path, target: Path) -> None:
        """The page as a PDF, as it is printed."""
        self._look(page, f"--print-to-pdf={target}", "--no-pdf-header-footer")

    def document(self, page: Path, *, width: int, height: int) -> str:
        """The page's document once its scripts have run, in a window of that size."""
        return self._look(page, f"--window-size={width},{height}", "--dump-dom")

    def _look(self, page: Path, *words: str) -> str:
        done = subprocess.run(
            [
                str(self._toolbox.browser_program),
                *ARGUMENTS,
                f"--user-data-dir={self._folder}/profile",
                *words,
                page.as_uri(),
            ],
            capture_output=True,
            text=True,
            check=True,
            timeout=LIMIT_S,
            env=self._environment(),
            preexec_fn=die_with_parent,
        )
        return done.stdout

    def _environment(self) -> dict[str, str]:
        environment = {**os.environ, "HOME": str(self._folder)}
        if self._toolbox.browser_libraries:
            environment["LD_LIBRARY_PATH"] = ":".join(map(str, self._toolbox.browser_libraries))
            environment["FONTCONFIG_FILE"] = str(self._folder / "fonts.conf")
        return environment
