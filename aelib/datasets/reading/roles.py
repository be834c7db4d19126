"""Which arrays are images, which are their labels, and which belong to training or test: by name, shape and length."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from aelib.datasets.bounds import Unusable, counted, listed, shown
from aelib.datasets.dataset import Array
from aelib.datasets.reading.containers import Said
from aelib.datasets.reading.findings import Labels, NamedArray, Stack, as_texts
from aelib.datasets.reading.layouts import as_stack
from aelib.datasets.reading.names import split_of_path, stem, without_split

_IMAGE_WORDS = {"x", "data", "image", "images", "img", "imgs", "inputs", "features", "pictures", "pixels"}
_LABEL_WORDS = {"y", "label", "labels", "target", "targets", "class", "classes"}
# Whoever calls an array so does not mean a table.
_PIXEL_WORDS = {"image", "images", "img", "imgs", "pictures", "pixels"}
# np.savez calls arrays without names so, and idx files say their format.
_NO_WORDS = re.compile(r"\barr(?=_?\d)|idx\d|\bubyte\b")


@dataclass(frozen=True)
class _Role:
    """What the name of an array tells. `rest`: what tells images of one kind from those of another."""

    array: NamedArray
    split: str
    images: bool
    labels: bool
    pixels: bool
    rest: str

    @property
    def name(self) -> str:
        return shown(stem(self.array.path[-1]))


def _role(array: NamedArray) -> _Role:
    name = stem(array.path[-1])
    words = re.findall(r"[^\W\d_]+|\d+", _NO_WORDS.sub(" ", without_split(name)))
    labels = bool(_LABEL_WORDS.intersection(words)) and array.values.ndim <= 2
    rest = " ".join(word for word in words if word not in _IMAGE_WORDS | _LABEL_WORDS)
    images = bool(_IMAGE_WORDS.intersection(words)) or not words
    return _Role(array, split_of_path(array.path), images, labels, bool(_PIXEL_WORDS.intersection(words)), rest)


def stacks_of(arrays: list[NamedArray], said: Said) -> list[Stack]:
    """The images among `arrays`, with their labels where there are any."""
    letters: dict[str, str] = {}
    for array in [array for array in arrays if stem(array.path[-1]) == "mapping"]:
        if found_letters := _letters_of(array.values):
            letters |= found_letters
            arrays = [other for other in arrays if other is not array]
            said.note("Classes are named by the letters that the array “mapping” gives.")
    splits: dict[str, list[_Role]] = defaultdict(list)
    for array in arrays:
        role = _role(array)
        splits[role.split].append(role)
    found = []
    for split, roles in splits.items():
        found.extend(_stacks_of_split(split, roles, said))
    for stack in found:
        stack.labels = stack.labels and [letters.get(label or "", label) for label in stack.labels]
    return found


def _letters_of(mapping: Array) -> dict[str, str]:
    """The letters of labels, as EMNIST maps them: rows of a label and the code of a digit, a letter, or a capital and
    its small letter. Nothing where it is something else."""
    if mapping.ndim != 2 or mapping.dtype.kind not in "iu" or mapping.shape[1] not in (2, 3):
        return {}
    if not ((mapping[:, 1:] > ord(" ")) & (mapping[:, 1:] < 127)).all():
        return {}
    return {str(label): "/".join(dict.fromkeys(map(chr, codes))) for label, *codes in mapping.tolist()}


def _stacks_of_split(split: str, roles: list[_Role], said: Said) -> list[Stack]:
    labels = [role for role in roles if role.labels or (role.array.values.ndim == 1 and not role.pixels)]
    counts = {len(role.array.values) for role in labels if role.array.values.ndim}
    images: list[tuple[_Role, Array]] = []
    for role in roles:
        values = role.array.values
        if role.labels or values.ndim < 2 or values.dtype.kind not in "biuf":
            continue
        # MATLAB keeps labels as a column or a row, and has no others.
        if values.ndim == 2 and 1 in values.shape:
            labels.append(role)
            counts.add(max(values.shape))
            continue
        images.append((role, values))
    stacks = _images_of(images, counts, said)
    if any(role.images for role, _ in stacks):
        for role, stack in stacks:
            if not role.images:
                said.left_out.append(f"{role.name} {stack.shape} is not called images or x")
        stacks = [(role, stack) for role, stack in stacks if role.images]
    # scikit-learn keeps the same images twice, flat as `data` and square as `images`.
    squares = {(role.rest, len(stack)) for role, stack in stacks if role.array.values.ndim > 2}
    stacks = [
        (role, stack) for role, stack in stacks if role.array.values.ndim > 2 or (role.rest, len(stack)) not in squares
    ]
    labelled = [(role, stack, _labels_for(role, len(stack), labels)) for role, stack in stacks]
    guessed = [found.name for _, _, found in labelled if found is not None and not found.labels]
    if guessed:
        said.note(f"Labels taken from {listed(guessed)}, which has one number or text per image.")
    _tell_of_odd_labels(labelled, labels, said)
    if len(stacks) > 1 and not any(found for _, _, found in labelled) and len({role.rest for role, _ in stacks}) > 1:
        names = [_class_name(role) for role, _ in stacks]
        said.note(f"Each array became a class: {listed(names)}.")
        return [
            Stack([split] * len(stack), stack, labels=[name] * len(stack))
            for name, (_, stack) in zip(names, stacks, strict=True)
        ]
    return [
        Stack([split] * len(stack), stack, labels=_as_labels(found, len(stack), said) if found else None)
        for _, stack, found in labelled
    ]


def _images_of(candidates: list[tuple[_Role, Array]], counts: set[int], said: Said) -> list[tuple[_Role, Array]]:
    stacks = []
    for role, values in candidates:
        try:
            columns_first = role.array.columns_first
            stacks.append((role, as_stack(values, counts, columns_first=columns_first, pixels=role.pixels)))
        except Unusable as reason:
            said.left_out.append(f"{role.name} {reason}")
    return stacks


def _class_name(role: _Role) -> str:
    return shown(role.rest or role.name)


def _labels_for(images: _Role, count: int, labels: list[_Role]) -> _Role | None:
    fitting = [role for role in labels if count in _shape_of_labels(role) and role.array.values.dtype.kind in "biufSU"]
    return min(
        fitting,
        key=lambda role: (role.array.path[:-1] != images.array.path[:-1], role.rest != images.rest, not role.labels),
        default=None,
    )


def _shape_of_labels(role: _Role) -> tuple[int, ...]:
    shape: tuple[int, ...] = role.array.values.shape
    return shape if 1 in shape else shape[:1]


def _as_labels(role: _Role, count: int, said: Said) -> Labels | None:
    """One label for each of `count` images, from numbers, texts or one-hot rows; None after saying why not."""
    values = role.array.values
    if values.ndim == 2 and 1 in values.shape:
        values = values.reshape(-1)
    if values.ndim == 2:
        if values.dtype.kind not in "biuf" or not values.size or not (values.sum(1) == 1).all():
            said.note(
                f"Labels dropped: there are {values.shape[1]:,} numbers per image, of which not exactly one is 1, and "
                "only one class per image can be used."
            )
            return None
        values = values.argmax(1)
    if role.array.columns_first and set(np.unique(values)) == set(range(1, 11)):
        said.note("The labels are 1 to 10, as in the file; sets of digits, such as SVHN, write 10 for zero.")
    return as_texts(values)


def _tell_of_odd_labels(labelled: list[tuple[_Role, Array, _Role | None]], labels: list[_Role], said: Said) -> None:
    used = {id(found) for _, _, found in labelled}
    for role in labels:
        if labelled and role.labels and id(role) not in used:
            found, wanted = role.array.values.shape[0] if role.array.values.ndim else 1, len(labelled[0][1])
            said.note(f"Labels dropped: {role.name} has {counted(found, 'label')} for {counted(wanted, 'image')}.")
