"""torchvision, also where its compiled operators do not fit the installed torch."""

from __future__ import annotations

import sys
import threading
from typing import Any

_lock = threading.Lock()
_kept: list[Any] = []


def import_torchvision() -> Any:
    """The module `torchvision`, with `torchvision.datasets` and `torchvision.transforms` imported.

    torchvision's wheel is built against one build of torch. With another (a CPU-only torch, say) its compiled
    operators do not load and the import ends in "operator torchvision::nms does not exist", although everything that
    is plain Python would work. Declaring the schemas of the missing operators is enough for that part.
    """
    with _lock:
        try:
            import torchvision
        except RuntimeError as error:
            if "torchvision::nms" not in str(error) or _kept:
                raise
            _declare_operators()
            for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
                del sys.modules[name]
            import torchvision
        return torchvision


def _declare_operators() -> None:
    import torch

    library: Any = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for operator in ("nms", "qnms"):
        library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    # The operators vanish with the object that declared them.
    _kept.append(library)
