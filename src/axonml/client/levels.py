"""How urgent an alert is."""

from enum import StrEnum


class AlertLevel(StrEnum):
    """The levels of `alert`; their names are those of other trackers."""

    INFO = "info"
    WARN = "warning"
    ERROR = "error"
