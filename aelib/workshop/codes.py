"""Codes that are read from a projector and typed, the keys in links, and pseudonyms."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection

# Consonants only, so that no code spells a word; of those that are mistaken for each other (M and N, U and V and W, B
# and 8, S and 5, I and L and 1, O and Q and 0) at most one.
LETTERS = "CDFGHJKMPRTVXYZ"
CODE_LETTERS = 6
# A return code is typed once and by one person.
RETURN_LETTERS = 9
KEY_BYTES = 16

ADJECTIVES = (
    *("Amber", "Autumn", "Bold", "Brave", "Bright", "Calm", "Clever", "Copper", "Coral", "Cosmic", "Crimson"),
    *("Curious", "Eager", "Early", "Gentle", "Golden", "Happy", "Ivory", "Jolly", "Keen", "Kind", "Lively", "Lucky"),
    *("Lunar", "Merry", "Misty", "Neat", "Noble", "Olive", "Patient", "Polar", "Quick", "Quiet", "Rapid", "Rosy"),
    *("Ruby", "Scarlet", "Silver", "Snowy", "Solar", "Spring", "Steady", "Summer", "Sunny", "Swift", "Teal", "Violet"),
)
ANIMALS = (
    *("Badger", "Bear", "Beaver", "Bison", "Crane", "Deer", "Dolphin", "Dove", "Eagle", "Falcon", "Finch", "Fox"),
    *("Gecko", "Hare", "Hawk", "Heron", "Ibis", "Jaguar", "Koala", "Lark", "Lemur", "Lion", "Lynx", "Magpie", "Marten"),
    *("Moose", "Newt", "Orca", "Otter", "Owl", "Panda", "Penguin", "Puffin", "Puma", "Raven", "Robin", "Seal"),
    *(
        "Sparrow",
        "Stork",
        "Swan",
        "Tapir",
        "Tern",
        "Tiger",
        "Turtle",
        "Walrus",
        "Whale",
        "Wolf",
        "Wren",
        "Yak",
        "Zebra",
    ),
)
PSEUDONYMS = frozenset(f"{adjective} {animal}" for adjective in ADJECTIVES for animal in ANIMALS)


def new_code(taken: Collection[str] = (), length: int = CODE_LETTERS) -> str:
    """Random letters that are not in `taken`."""
    while True:
        code = "".join(secrets.choice(LETTERS) for _ in range(length))
        if code not in taken:
            return code


def typed(text: str) -> str:
    """A code as somebody typed it: upper case, without spaces and hyphens."""
    return "".join(char for char in text.upper() if char.isalnum())


def spaced(code: str) -> str:
    """A code in groups of three letters, as people read it."""
    return " ".join(code[first : first + 3] for first in range(0, len(code), 3))


def new_key() -> str:
    """An unguessable part of a link, 128 random bits."""
    return secrets.token_urlsafe(KEY_BYTES)


def digest(secret: str) -> str:
    """Of a return code, which is not kept itself."""
    return hashlib.sha256(b"return\0" + secret.encode()).hexdigest()


def suggestions(taken: Collection[str], count: int = 6) -> list[str]:
    """Pseudonyms that nobody has, at most `count`, no two of them of the same animal."""
    free = sorted(PSEUDONYMS - set(taken))
    secrets.SystemRandom().shuffle(free)
    by_animal = {name.split()[1]: name for name in free}
    return list(by_animal.values())[:count]
