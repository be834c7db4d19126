from __future__ import annotations

import numpy as np

from aelib.analysis.reconstructions.selection import spreads
from aelib.ui.pages.reconstructions.class_boxes import class_boxes


def test_a_class_may_be_called_anything_and_is_no_html_in_the_figure() -> None:
    names = ["<a href='javascript:alert(1)'>x</a>", "<b>", "&lt;b&gt;"]
    found = spreads(np.linspace(0, 1, 30), np.arange(30) % 3, names)
    figure = class_boxes(found, "error", "light", decimals=2)
    shown = [box.x[0] for box in figure.data]
    assert shown == ["&lt;a href=&#x27;javascript:alert(1)&#x27;&gt;x&lt;/a&gt;", "&lt;b&gt;", "&amp;lt;b&amp;gt;"]
    assert [box.name for box in figure.data] == shown
