"""Checks that the ONNX models of this folder are the network that was exported: `python check.py`.

Needs onnxruntime and numpy. `check.npz` holds test images, the codes and outputs that the network made of them, and its
mean squared error on them.
"""

import sys
from pathlib import Path

import numpy as np
from onnxruntime import InferenceSession

FOLDER = Path(__file__).parent
TOLERANCE = 1e-5  # relative to the largest number


def run(name: str, **inputs: np.ndarray) -> np.ndarray:
    session = InferenceSession(FOLDER / name, providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, inputs)[0])


def main() -> None:
    with np.load(FOLDER / "check.npz", allow_pickle=False) as file:
        images, targets, codes, outputs, error = (
            file[name] for name in ("images", "targets", "codes", "outputs", "mse")
        )
    found_codes = run("encoder.onnx", images=images)
    found_outputs = run("decoder.onnx", code=found_codes)
    found_error = np.square(found_outputs.clip(0, 1) - targets).mean(dtype=np.float64)
    passed = True
    for what, found, expected in (("codes", found_codes, codes), ("outputs", found_outputs, outputs)):
        off = np.abs(found - expected).max() / max(1, np.abs(expected).max())
        passed &= bool(off <= TOLERANCE)
        print(f"{what}: largest difference {off:.1e}")
    print(f"mean squared error of {len(images)} images: {found_error:.8f}, exported: {float(error):.8f}")
    passed &= bool(abs(found_error - error) <= 1e-6)
    print("The models are those that were exported." if passed else "The models differ from those that were exported.")
    sys.exit(not passed)


if __name__ == "__main__":
    main()
