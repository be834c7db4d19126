"""What measurements say about a claim of the literature."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """`holds`: is the claim borne out; None where the measurements do not decide it. `reason`: the numbers."""

    claim: str
    statement: str
    holds: bool | None
    reason: str
