"""What the detector of anomalies is sent, and what is believed of what it says."""

from __future__ import annotations

import json

import numpy as np
import pytest

from aelib.analysis.anomalies.ranking import rank
from aelib.analysis.anomalies.thresholds import USUAL, By, Rule
from aelib.ui.components.detector.payload import OPTIONS, payload, rule_of


def test_scores_are_sent_in_ascending_order_with_what_they_are() -> None:
    block = payload("PCA residual", ("MNIST", "KMNIST"), rank(np.array([3, 1, 2]), np.array([5, 0])), USUAL)
    length = int.from_bytes(block[:4], "little")
    header = json.loads(block[4 : 4 + length])
    assert header["name"] == "PCA residual" and header["titles"] == {"normal": "MNIST", "anomalous": "KMNIST"}
    assert header["rule"] == {"by": "alarms", "value": 5.0} and header["auroc"] == "0.500"
    assert USUAL.value in header["options"]["alarms"]
    arrays = np.frombuffer(block[4 + length :], np.float32)
    assert arrays.tolist() == [1, 2, 3, 0, 5]


@pytest.mark.parametrize("by", list(By))
def test_rules_are_read(by: By) -> None:
    for value in OPTIONS.get(by, (0.25, -3)):
        assert rule_of({"by": str(by), "value": value}) == Rule(by, value)


@pytest.mark.parametrize(
    "sent",
    [
        *(None, "", 7, [], {}, {"by": "alarms"}, {"by": "alarms", "value": "5"}, {"by": "alarms", "value": 6}),
        *({"by": "all", "value": 5}, {"by": ["alarms"], "value": 5}, {"by": "hand", "value": float("nan")}),
        *({"by": "hand", "value": True}, {"by": "hand", "value": float("inf")}, {"by": "cost", "value": 0}),
        {"by": "alarms", "value": 5, "more": 1},
    ],
)
def test_anything_else_is_no_rule(sent: object) -> None:
    assert rule_of(sent) is None
