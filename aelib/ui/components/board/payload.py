"""What a board is sent (packed as `aelib.ui.components.packing` says)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aelib.ui.components.packing import Packer
from aelib.workshop.board import RunTile, Tile

STATES = {"starting": "starting", "training": "training", "asleep": "paused"}


@dataclass
class Sent:
    """What one board already has, so that only news is sent."""

    facts: list[dict[str, Any]] | None = None
    runs: dict[str, RunTile | None] = field(default_factory=dict)

    def payload(self, tiles: Sequence[Tile]) -> bytes | None:
        """The tiles, in their order; curve and images of those whose run has changed. None where nothing has."""
        hands = sorted(tile.hand for tile in tiles if tile.hand is not None)
        facts = [_facts(tile, hands) for tile in tiles]
        news = [
            tile for tile in tiles if tile.participant not in self.runs or self.runs[tile.participant] is not tile.run
        ]
        if facts == self.facts and not news:
            return None
        packer = Packer()
        changed = {tile.participant: _run(packer, tile.run) for tile in news}
        self.facts, self.runs = facts, {tile.participant: tile.run for tile in tiles}
        return packer.pack({"tiles": facts, "runs": changed})


def _facts(tile: Tile, hands: Sequence[float]) -> dict[str, Any]:
    """`hand`: 0, or the place among those who have raised theirs."""
    return {
        "id": tile.participant,
        "name": tile.name,
        "hand": 0 if tile.hand is None else hands.index(tile.hand) + 1,
        "away": tile.away,
        "minutes": int(tile.idle_seconds // 60),
    }


def _run(packer: Packer, run: RunTile | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {
        "status": run.status,
        "step": run.step,
        "codeUnits": run.code_units,
        "error": run.error,
        "pca": run.pca,
        "curve": packer.add(run.curve),
        "images": None if run.outputs is None or not run.outputs.size else packer.add_images(run.outputs),
    }
