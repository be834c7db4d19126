"""Which data a network meets that it was not trained on."""

from __future__ import annotations

from aelib import datasets

# What is unlike each: another script, as far as it is here; the last is bundled.
_UNLIKE = {
    "mnist": ("kmnist", "letters"),
    "kmnist": ("mnist", "letters"),
    "letters": ("mnist", "digits"),
    "digits": ("kmnist", "letters"),
}
_USUAL = ("mnist", "letters")


def other_data(home: str) -> str:
    """The name of the data set that a network trained on `home` is shown beside its own."""
    return next(name for name in _UNLIKE.get(home, _USUAL) if datasets.is_available(name))
