"""What the benchmarks share: the data, medians, and the machine they ran on."""

from __future__ import annotations

import platform
from dataclasses import dataclass, field

import torch

from aelib import hardware


@dataclass
class Table:
    """A table of RESULTS.md, with what it says in words."""

    title: str
    words: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)

    def add(self, *cells: str) -> None:
        self.rows.append(cells)
        print("  ".join(cells), flush=True)

    def markdown(self) -> str:
        lines = [self.head, tuple("---" for _ in self.head), *self.rows]
        table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
        return f"## {self.title}\n\n{self.words}\n\n{table}\n"


def machine() -> str:
    capabilities = torch.cpu.get_capabilities()
    formats = ", ".join(name for name in ("avx2", "avx512_bf16", "amx_bf16") if capabilities.get(name))
    return (
        f"{capabilities.get('cpu_name', platform.processor())}, {capabilities['num_logical_cores']} cores ({formats}), "
        f"{hardware.device().type}, {platform.system()}, Python {platform.python_version()}, torch {torch.__version__}"
    )
