"""What every experiment says with its usual seeds, measured beside the app where that was done: `aelib experiments run
--all` tells where it says something else now. By data set; where a claim is not in a table, nothing is expected."""

from __future__ import annotations

from aelib.analysis.claims import Outcome

EXPECTED: dict[str, dict[str, Outcome]] = {
    "mnist": {
        "C1": Outcome.SUPPORTED,
        "C3": Outcome.REFUTED,
        "C8": Outcome.REFUTED,
        "C10": Outcome.DEPENDS,
        "C11": Outcome.SUPPORTED,
        "C12": Outcome.SUPPORTED,
        "C13": Outcome.DEPENDS,
        "C14": Outcome.DEPENDS,
        "C15": Outcome.SUPPORTED,
        "C16": Outcome.UNDECIDED,
        "C17": Outcome.UNDECIDED,
        "C18": Outcome.DEPENDS,
        "C19": Outcome.SUPPORTED,
        "C22": Outcome.SUPPORTED,
        "C28": Outcome.DEPENDS,
        "C29": Outcome.UNDECIDED,
        "C30": Outcome.DEPENDS,
        "C31": Outcome.SUPPORTED,
        "C32": Outcome.SUPPORTED,
        "C34": Outcome.SUPPORTED,
        "C35": Outcome.REFUTED,
        "C36": Outcome.REFUTED,
        "C37": Outcome.REFUTED,
        "C39": Outcome.DEPENDS,
        "C40": Outcome.REFUTED,
        "C42": Outcome.DEPENDS,
        "C43": Outcome.SUPPORTED,
    },
    "digits": {
        "C43": Outcome.SUPPORTED,
    },
}
