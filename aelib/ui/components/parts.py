"""Which parts of what a component shows a browser tab has already, so that only news is sent."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Parts:
    """The parts that one browser tab was sent, each with the key of its content.

    A component that is mounted again has nothing, and Streamlit gives it the newest message only. It finds keys there
    without their content (`parts.js`) and asks for everything: then it is for the page to `forget`.
    """

    _keys: dict[str, str] = field(default_factory=dict)

    def forget(self) -> None:
        """The tab lost everything, or never had it."""
        self._keys = {}

    def scene(self, key: Hashable, content: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
        """The part that all others belong to: where it becomes another, they are sent again."""
        if self._keys.get("scene") != repr(key):
            self.forget()
        return self.part("scene", key, content)

    def part(self, name: str, key: Hashable, content: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
        """What a message says of a part: its key, and its content where the tab does not have it. `key`: the same for
        the same content; None where there is nothing to show."""
        if key is None:
            self._keys.pop(name, None)
            return None
        text = repr(key)
        if self._keys.get(name) == text:
            return {"key": text, "content": None}
        self._keys[name] = text
        return {"key": text, "content": content()}
