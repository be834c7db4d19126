"""What the log says of an unforeseen exception: enough to find the line, and nothing that is not for every reader."""

from __future__ import annotations

import traceback
from pathlib import PurePath


def describe(error: BaseException) -> str:
    """One line: the exception's type, and the function that raised it. No message and no folder: these may contain
    paths of the server and ids, which are capabilities."""
    reason = getattr(error, "strerror", None)
    kind = type(error).__name__ + (f" ({reason})" if reason else "")
    calls = traceback.extract_tb(error.__traceback__)
    if not calls:
        return kind
    last = calls[-1]
    return f"{kind} in {last.name} ({PurePath(last.filename).name}, line {last.lineno})"
