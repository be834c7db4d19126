"""Why something cannot be exported."""

from __future__ import annotations


class CannotExport(Exception):
    """The message is one sentence for the user."""
