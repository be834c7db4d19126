"""ONNX Runtime computes what torch computes."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from onnxruntime import InferenceSession

from aelib.export import CannotExport, exported
from aelib.export.onnx_models import OPSET
from aelib.spec.architecture import FAMILIES, plan
from aelib.train.inference import decode, encode, posterior
from tests.export.samples import CASES, config_of, exportable, some


def session(model: bytes) -> InferenceSession:
    return InferenceSession(model, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("case", some(12))
def test_encoder_and_decoder_compute_what_torch_computes(case: str) -> None:
    subject = exportable(case)
    files = exported(subject, "onnx")
    images = subject.test_images(17)
    encoder, decoder = session(files["encoder.onnx"]), session(files["decoder.onnx"])
    names = [[value.name for value in part.get_inputs() + part.get_outputs()] for part in (encoder, decoder)]
    assert names == [
        ["images", "code", *(["log_variance"] if subject.config.variational else [])],
        ["code", "images"],
    ]
    assert {one.version for one in onnx.load_from_string(files["encoder.onnx"]).opset_import} == {OPSET}
    codes, *more = encoder.run(None, {"images": images})
    expected = encode(subject.state, torch.tensor(images)).numpy()
    assert codes.shape == (17, *plan(subject.config).code_shape)
    np.testing.assert_allclose(codes, expected, atol=1e-5, rtol=1e-5)
    if more:
        log_variance = posterior(subject.state, torch.tensor(images))[1].numpy()
        np.testing.assert_allclose(more[0], log_variance, atol=1e-5, rtol=1e-5)
    (outputs,) = decoder.run(None, {"code": expected})
    np.testing.assert_allclose(outputs, decode(subject.state, torch.tensor(expected)).numpy(), atol=1e-5, rtol=1e-5)


def test_every_family_is_among_the_cases() -> None:
    assert {config_of(case).family for case in CASES} == set(FAMILIES)


def test_a_missing_package_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aelib.export.formats.find_spec", lambda package: None)
    with pytest.raises(CannotExport, match=r"^Exporting to ONNX needs onnx and onnxruntime: pip install .*\.$"):
        exported(exportable("vanilla-64"), "onnx")
