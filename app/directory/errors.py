"""What the directory refuses, whatever the door. Each error says a sentence that may be shown."""


class Refused(Exception):
    """The directory did not do what was asked."""


class NotFound(Refused):
    """There is no such thing in this tenant."""

    def __init__(self, noun: str) -> None:
        super().__init__(f"There is no such {noun}.")
        self.noun = noun


class StaleRow(Refused):
    """Somebody else changed it since it was read."""

    def __init__(self) -> None:
        super().__init__("It has been changed since it was read.")


class Taken(Refused):
    """Another one has this name already."""

    def __init__(self, noun: str) -> None:
        super().__init__(f"This {noun} is taken.")
        self.noun = noun


class BadValue(Refused):
    """The value cannot be stored; `field` says which."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


class MissingValue(BadValue):
    """There is no value where one is needed."""

    def __init__(self, field: str) -> None:
        super().__init__(field, "This is needed.")


class OwnedByFile(Refused):
    """It is managed by a file, which alone may change it."""
