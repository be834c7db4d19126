"""An npz file with images (and labels) in arrays → 28×28 pictures.

Headers are looked at before anything is allocated, and pickled objects are never loaded.
"""

from __future__ import annotations

import math
import re
import zipfile
from dataclasses import dataclass

import numpy as np

from aelib.config import IMAGE_SIDE
from aelib.datasets.archives import Refused, opened_zip, zip_member
from aelib.datasets.collect import MOST_CLASSES, MOST_IMAGES, MOST_PIXELS, Collected, shown, sizes_note
from aelib.datasets.dataset import Array
from aelib.datasets.pictures import Unusable, check_size, grey, squared

_IMAGE_WORDS = {"", "x", "data", "image", "images", "img", "imgs", "inputs", "features", "pictures", "pixels", "arr0"}
_LABEL_WORDS = {"y", "label", "labels", "target", "targets", "class", "classes"}
_NAMES_HINT = "arrays named images (and labels), or x_train, x_test (and y_train, y_test)"


@dataclass(frozen=True)
class _Member:
    """An array in the archive that can be read: its name, header and place."""

    name: str
    info: zipfile.ZipInfo
    offset: int
    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[np.generic]

    @property
    def numeric(self) -> bool:
        return self.dtype.kind in "biuf"

    @property
    def holds_images(self) -> bool:
        return self.numeric and (
            len(self.shape) in (3, 4) or (len(self.shape) == 2 and _square_side(self.shape[1]) > 3)
        )

    def read(self, archive: zipfile.ZipFile) -> Array:
        data = zip_member(archive, self.info)
        flat = np.frombuffer(data, self.dtype, offset=self.offset)
        return flat.reshape(self.shape, order="F" if self.fortran else "C")


def collect_npz(data: bytes) -> Collected:
    """The images of an npz file. Raises `Refused` with what would be allowed."""
    with opened_zip(data) as archive:
        left_out: list[str] = []
        members: dict[str, _Member] = {}
        for info in archive.infolist():
            try:
                member = _member(archive, info)
                if member.name in members:
                    raise Unusable("is there twice")
                members[member.name] = member
            except Unusable as reason:
                left_out.append(f"{shown(info.filename)} {reason}")
        chosen = _chosen(members)
        if not chosen:
            found = ", ".join([f"{shown(m.name)} {m.shape}" for m in members.values()][:4] + left_out[:3]) or "nothing"
            raise Refused(f"{_NAMES_HINT}; found: {found}")
        try:
            stacks = [_as_stack(images.read(archive)) for images, _ in chosen]
            label_arrays = [labels.read(archive) for _, labels in chosen if labels]
        except Unusable as reason:
            raise Refused(f"images that can be read; this array {reason}") from None
    count = sum(map(len, stacks))
    if count > MOST_IMAGES:
        raise Refused(f"at most {MOST_IMAGES:,} images, and there are {count:,}")
    if sum(stack[..., 0].size if stack.ndim == 4 else stack.size for stack in stacks) > MOST_PIXELS:
        raise Refused(f"images of at most {MOST_PIXELS // 10**6:,} megapixels in all")
    if any(stack.size == 0 for stack in stacks):
        raise Refused("arrays that are not empty")
    low, span, scaling = _scale(stacks)
    images = np.concatenate([_pictures(stack, low, span) for stack in stacks])
    for_test = np.repeat([False, True], [len(stack) for stack in stacks]) if len(stacks) == 2 else None
    collected = Collected(images, for_test=for_test, left_out=left_out)
    sizes = sorted({(stack.shape[2], stack.shape[1]) for stack in stacks}, key=lambda size: size[0] * size[1])
    collected.notes.append(sizes_note(count, sizes[0], sizes[-1], all(width == height for width, height in sizes)))
    if any(stack.ndim == 4 for stack in stacks):
        collected.notes.append("Colours were turned into grey.")
    collected.notes.extend(scaling)
    _add_labels(collected, label_arrays, [len(stack) for stack in stacks])
    return collected


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> _Member:
    """The array `info` by its header alone, whose claims must match the member's size. Raises `Unusable`."""
    reading = np.lib.format
    try:
        with archive.open(info) as stream:
            version = reading.read_magic(stream)
            read_header = {(1, 0): reading.read_array_header_1_0, (2, 0): reading.read_array_header_2_0}[version]
            shape, fortran, dtype = read_header(stream)
            offset = stream.tell()
    except Exception:  # noqa: BLE001 - the header is Python text from outside; evaluating it may fail in any way.
        raise Unusable("is no array") from None
    if dtype.hasobject or dtype.kind not in "biufUS" or not dtype.itemsize:
        raise Unusable("holds something other than numbers or texts")
    if any(side < 0 for side in shape) or math.prod(shape) * dtype.itemsize != info.file_size - offset:
        raise Unusable("is not as long as its header says")
    return _Member(info.filename.removesuffix(".npy"), info, offset, shape, fortran, dtype)


def _chosen(members: dict[str, _Member]) -> list[tuple[_Member, _Member | None]]:
    """(images, their labels or None) for everything, or for train and test."""
    images: dict[str, _Member] = {}
    labels: dict[str, _Member] = {}
    for member in members.values():
        part, word = _role(member.name)
        if word in _LABEL_WORDS and len(member.shape) <= 2:
            labels.setdefault(part, member)
        # sklearn keeps the same images twice, flat as `data` and square as `images`: the square ones are wanted.
        elif (
            word in _IMAGE_WORDS
            and member.holds_images
            and (part not in images or len(member.shape) > len(images[part].shape))
        ):
            images[part] = member
    if {"train", "test"} <= images.keys():
        return [(images[part], labels.get(part)) for part in ("train", "test")]
    for part in ("", "train", "test"):
        if part in images:
            return [(images[part], labels.get(part))]
    stacks = [member for member in members.values() if member.numeric and len(member.shape) in (3, 4)]
    return [(stacks[0], labels.get(""))] if len(stacks) == 1 else []


def _role(name: str) -> tuple[str, str]:
    """("train", "test" or "", the rest of the name): X_train → ("train", "x")."""
    word = re.sub(r"[^a-z0-9]", "", name.lower())
    for part in ("train", "test"):
        if part in word:
            return part, word.replace(part, "", 1)
    return "", word


def _as_stack(array: Array) -> Array:
    """[N, H, W] or [N, H, W, C] with 3 or 4 channels, whatever of the usual layouts it came in. Raises `Refused`."""
    if array.ndim == 2:
        side = _square_side(array.shape[1])
        array = array.reshape(len(array), side, side)
    if array.ndim == 4 and array.shape[3] not in (1, 3, 4) and array.shape[1] in (1, 3, 4):
        array = np.moveaxis(array, 1, 3)
    if array.ndim == 4 and array.shape[3] == 1:
        array = array[..., 0]
    if array.ndim == 4 and array.shape[3] not in (3, 4):
        raise Refused(f"images with 1, 3 or 4 channels, and the array's shape is {array.shape}")
    try:
        check_size(array.shape[2], array.shape[1])
    except Unusable as reason:
        raise Refused(f"images of bearable size, and each {reason}") from None
    return array


def _square_side(pixels: int) -> int:
    side = math.isqrt(pixels)
    return side if side * side == pixels else 0


def _scale(stacks: list[Array]) -> tuple[float, float, list[str]]:
    """(lowest value, span) that become 0 and 0…255, and what to tell about it."""
    low = min(float(stack.min()) for stack in stacks)
    high = max(float(stack.max()) for stack in stacks)
    if not math.isfinite(high - low):
        raise Refused("numbers that are finite, and this array holds NaN, infinite or enormous ones")
    if low >= 0 and 128 <= high <= 255:
        return 0.0, 255.0, []
    if low >= 0 and high <= 1:
        return 0.0, 1.0, ["Values from 0 to 1 became 0 to 255."]
    if low >= -1 and high <= 1:
        return -1.0, 2.0, ["Values from -1 to 1 became 0 to 255."]
    low = min(low, 0.0)
    return low, (high - low) or 1.0, [f"Values from {low:g} to {high:g} became 0 to 255."]


def _pictures(stack: Array, low: float, span: float) -> Array:
    """uint8 [N, 28, 28] of `stack`, a bounded number of pixels at a time."""
    from PIL import Image

    result = np.empty((len(stack), IMAGE_SIDE, IMAGE_SIDE), np.uint8)
    step = max(1, 10_000_000 // stack[0].size)
    for start in range(0, len(stack), step):
        part = slice(start, start + step)
        values = np.rint((stack[part].astype(np.float64) - low) * (255 / span)).clip(0, 255).astype(np.uint8)
        if values.shape[1:] == (IMAGE_SIDE, IMAGE_SIDE):
            result[part] = values
        else:
            result[part] = [squared(grey(Image.fromarray(np.ascontiguousarray(value)))) for value in values]
    return result


def _add_labels(collected: Collected, arrays: list[Array], counts: list[int]) -> None:
    if len(arrays) != len(counts):
        if arrays:
            collected.notes.append("Only one part has labels; they were left out.")
        return
    labels: list[str] = []
    for array, count in zip(arrays, counts, strict=True):
        labels.extend(_texts(array, count))
    if len(set(labels)) > MOST_CLASSES:
        collected.notes.append(f"There are more than {MOST_CLASSES} different labels; they were left out.")
        return
    collected.labels = labels


def _texts(array: Array, count: int) -> list[str]:
    """One label for each of `count` images, from numbers, texts or one-hot rows. Raises `Refused`."""
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 2 and array.dtype.kind in "biuf" and array.size and (array.sum(1) == 1).all():
        array = array.argmax(1)
    if array.shape != (count,):
        raise Refused(f"one label an image: {count:,} labels, and the shape of the labels is {array.shape}")
    if array.dtype.kind == "f":
        if not np.isfinite(array).all():
            raise Refused("labels that are finite numbers or texts")
        return [f"{value:g}" for value in array.tolist()]
    if array.dtype.kind == "S":
        return [shown(value.decode("utf-8", "replace")) for value in array.tolist()]
    return [shown(str(value)) for value in array.tolist()]
