"""`onnx`: encoder and decoder as ONNX graphs, written layer by layer and compared with the network itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from aelib.export.formats import Files, export_format
from aelib.export.network_code import output_padding
from aelib.export.refusal import CannotExport
from aelib.export.subject import Subject
from aelib.spec.architecture import KERNEL, Layer, plan
from aelib.spec.config import RunConfig
from aelib.spec.images import PIXELS

ENCODER, DECODER = "encoder.onnx", "decoder.onnx"
# What ONNX Runtime 1.14 and everything newer reads.
OPSET, IR_VERSION = 17, 8
# So many images are compared, and so far the largest number may be off, relative to the largest value.
COMPARED, TOLERANCE = 64, 1e-5

_ACTIVATIONS: dict[str, tuple[str, dict[str, float]]] = {
    "relu": ("Relu", {}),
    "leaky-relu": ("LeakyRelu", {"alpha": 0.01}),
    "elu": ("Elu", {"alpha": 1.0}),
    "tanh": ("Tanh", {}),
    "sigmoid": ("Sigmoid", {}),
}


@export_format(
    "onnx",
    "ONNX",
    f"Encoder and decoder for any runtime (opset {OPSET}); inputs and outputs are named images and code.",
    needs=("onnx", "onnxruntime"),
)
def onnx_models(subject: Subject) -> Files:
    """Raises `CannotExport` where ONNX Runtime computes something else than the network."""
    config, weights = subject.config, subject.record.state.weights
    files = {ENCODER: encoder_model(config, weights), DECODER: decoder_model(config, weights)}
    _compare(subject, files)
    return files


def encoder_model(config: RunConfig, weights: Mapping[str, np.ndarray]) -> bytes:
    """`images` float32 [batch, 784] in [0, 1] → `code` float32 [batch, …]; of a variational autoencoder, the mean
    `code` and its `log_variance`."""
    graph = _Graph(weights, "images", (PIXELS,))
    network = plan(config)
    if config.convolutional:
        graph.add("Reshape", graph.constant("image_shape", np.array([-1, *network.input_shape], np.int64)))
    for index, layer in enumerate(network.encoder):
        graph.layer(layer, f"encoder.{2 * index}")
    outputs = {"code": network.code_shape}
    if config.variational:
        outputs["log_variance"] = network.code_shape
    return graph.model(outputs, "The encoder: images, float32 [batch, 784] in [0, 1], to codes.")


def decoder_model(config: RunConfig, weights: Mapping[str, np.ndarray]) -> bytes:
    """`code` float32 [batch, …] → `images` float32 [batch, 784], in colour [batch, 3 × 784], plane after plane."""
    network = plan(config)
    graph = _Graph(weights, "code", network.code_shape)
    sources = {index: f"encoder.{2 * index}" for index in range(len(network.encoder))}
    for index, layer in enumerate(network.decoder):
        source = sources[layer.tied_to] if layer.tied_to is not None else None
        graph.layer(layer, f"decoder.{2 * index}", source)
    if len(network.decoder[-1].shape_out) > 1:
        graph.add("Flatten", axis=1)
    return graph.model({"images": (network.output_units,)}, "The decoder: codes to images, float32 [batch, 784].")


class _Graph:
    """A chain of nodes."""

    def __init__(self, weights: Mapping[str, np.ndarray], given: str, shape: tuple[int, ...]) -> None:
        self._weights, self._given, self._shape = weights, given, shape
        self._value, self._second = given, ""
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {}

    def constant(self, name: str, array: np.ndarray) -> str:
        from onnx import numpy_helper

        self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(array), name)
        return name

    def _parameter(self, name: str) -> str:
        return self.constant(name, self._weights[name])

    def node(self, kind: str, *inputs: str, outputs: int = 1, **attributes: Any) -> list[str]:
        from onnx import helper

        names = [f"v{len(self._nodes)}_{number}" for number in range(outputs)]
        self._nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names

    def add(self, kind: str, *more: str, **attributes: Any) -> None:
        """A node that takes what the chain has come to."""
        (self._value,) = self.node(kind, self._value, *more, **attributes)

    def layer(self, layer: Layer, name: str, source: str | None = None) -> None:
        """`source`: the layer whose transposed weights this one uses."""
        pads = [layer.padding] * 4
        match layer.kind:
            case "dense" if source is not None:
                self.add("Gemm", self._parameter(f"{source}.weight"), self._parameter(f"{name}.bias"))
            case "dense":
                self.add("Gemm", self._parameter(f"{name}.weight"), self._parameter(f"{name}.bias"), transB=1)
            case "gaussian":
                halves = [
                    self.node(
                        "Gemm",
                        self._value,
                        self._parameter(f"{name}.{half}.weight"),
                        self._parameter(f"{name}.{half}.bias"),
                        transB=1,
                    )[0]
                    for half in ("mean", "log_variance")
                ]
                self._value, self._second = halves
            case "conv":
                parameters = self._parameter(f"{name}.weight"), self._parameter(f"{name}.bias")
                self.add("Conv", *parameters, pads=pads, strides=[layer.stride] * 2, kernel_shape=[KERNEL] * 2)
            case "conv-transpose":
                parameters = self._parameter(f"{name}.weight"), self._parameter(f"{name}.bias")
                extra = [output_padding(layer)] * 2
                self.add("ConvTranspose", *parameters, pads=pads, strides=[layer.stride] * 2, output_padding=extra)
            case "max-pool":
                self.add("MaxPool", kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)
            case "upsample":
                scales = self.constant("twice", np.array([1, 1, 2, 2], np.float32))
                how = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
                self.add("Resize", "", scales, **how)
            case "flatten":
                self.add("Flatten", axis=1)
            case _:
                raise AssertionError(layer.kind)
        if layer.activation != "linear":
            kind, attributes = _ACTIVATIONS[layer.activation]
            self.add(kind, **attributes)
        if layer.active is not None:
            self._largest(layer.active)

    def _largest(self, count: int) -> None:
        """The `count` largest units keep their values, the others are 0."""
        from onnx import helper

        wanted = self.constant("active_units", np.array([count], np.int64))
        values, where = self.node("TopK", self._value, wanted, outputs=2, axis=1)
        (shape,) = self.node("Shape", self._value)
        (zeros,) = self.node("ConstantOfShape", shape, value=helper.make_tensor("zero", 1, [1], [0.0]))
        (self._value,) = self.node("ScatterElements", zeros, where, values, axis=1)

    def model(self, outputs: Mapping[str, tuple[int, ...]], text: str) -> bytes:
        """The graph as a file, whose last values are called as `outputs` say."""
        from onnx import TensorProto, checker, helper

        for name, value in zip(outputs, (self._value, self._second), strict=False):
            self._nodes.append(helper.make_node("Identity", [value], [name]))

        def described(name: str, shape: tuple[int, ...]) -> Any:
            return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", *shape])

        graph = helper.make_graph(
            self._nodes,
            "autoencoder",
            [described(self._given, self._shape)],
            [described(name, shape) for name, shape in outputs.items()],
            list(self._constants.values()),
            doc_string=text,
        )
        opset = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION, producer_name="autoencoder-lab")
        checker.check_model(model)
        written: bytes = model.SerializeToString()
        return written


def _compare(subject: Subject, files: Files) -> None:
    import torch
    from onnxruntime import InferenceSession

    from aelib.train.inference import decode, encode

    images = subject.test_images(COMPARED)
    codes = encode(subject.state, torch.tensor(images)).numpy()
    expected = {ENCODER: codes, DECODER: decode(subject.state, torch.tensor(codes)).numpy()}
    given = {ENCODER: {"images": images}, DECODER: {"code": codes}}
    for name, model in files.items():
        session = InferenceSession(model, providers=["CPUExecutionProvider"])
        found = session.run(None, given[name])[0]
        off = float(np.abs(found - expected[name]).max())
        if not off <= TOLERANCE * max(1.0, float(np.abs(expected[name]).max())):
            raise CannotExport(f"ONNX Runtime computes another result than the network ({name}, by {off:.1e}).")
