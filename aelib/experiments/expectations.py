"""What visitors expected of experiments before they saw the answer, a small JSON file each."""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path

from aelib.host.files import replacing

log = logging.getLogger(__name__)


class Expectations:
    """The folder `expectations` under `home`. The name of an owner is a secret, and is not written there."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "expectations"

    def of(self, owner: str) -> dict[str, str]:
        """What the owner expected, by experiment; nothing where that cannot be read."""
        try:
            found = json.loads(self._file(owner).read_text(encoding="utf-8"))
            return {str(id): str(answer) for id, answer in found.items()}
        except (OSError, ValueError, AttributeError):
            return {}

    def keep(self, owner: str, id: str, answer: str | None) -> None:
        """Notes an answer, or takes it back."""
        known = self.of(owner)
        known.pop(id, None)
        if answer is not None:
            known[id] = answer
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with replacing(self._file(owner)) as stream:
                stream.write(json.dumps(known).encode())
        except OSError as problem:
            log.warning("What a visitor expects could not be stored: %s", problem.strerror)

    def _file(self, owner: str) -> Path:
        return self._folder / f"{hashlib.blake2b(owner.encode(), digest_size=16).hexdigest()}.json"
