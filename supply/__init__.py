"""What this software is made of, and whether that can be trusted: `make audit`.

Development only, like `sandbox/`: nothing of it is in the wheel. docs/supply-chain.md says what is
looked at, and what a finding means.
"""

from pathlib import Path
from typing import Final

HOUSE: Final = Path(__file__).parent.parent
LOCKS: Final = HOUSE / "requirements"
RUN, DEV, BUILD, AUDIT = (LOCKS / f"{name}.txt" for name in ("run", "dev", "build", "audit"))
"""What the service runs with, what it is developed and built with, and what asks for advisories."""
