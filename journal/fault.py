"""What may be wrong with the store.

StoreError
├── StoreAway      it cannot be reached, is full, or does not answer: the same may work later
└── StoreTooNew    it was made by a later release of this software
"""


class StoreError(Exception):
    """The store does not do what it is asked for; the message is for the administrator."""


class StoreAway(StoreError):
    """It cannot be reached, is full, or does not answer."""


class StoreTooNew(StoreError):
    """It was made by a later release."""

    def __init__(self, revision: str) -> None:
        self.revision = revision
        super().__init__(f"the store has tables of a later release (revision {revision})")
