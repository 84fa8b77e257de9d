"""What SIPp's scenarios can be asked for."""

import pytest

from sandbox import scenario


def test_only_final_responses_end_an_offer() -> None:
    """A provisional code cannot be what an operator ends with."""
    with pytest.raises(ValueError, match="code=180"):
        scenario.operator(code=180)
