"""The folder of runs belongs to one user and one server."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from aelib.runs.home import InUse, occupy

OCCUPY = "import sys; from pathlib import Path; from aelib.runs.home import occupy; lock = occupy(Path(sys.argv[1]))"
WAIT = "; print('occupied', flush=True); sys.stdin.read()"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.skipif(os.name == "nt", reason="modes are Unix's")
@pytest.mark.parametrize("there", [True, False])
def test_it_is_closed_to_other_users(tmp_path: Path, there: bool) -> None:
    home = tmp_path / "a" / "home"
    if there:
        home.mkdir(parents=True, mode=0o755)
    occupy(home).release()
    assert mode(home) == 0o700
    assert mode(home / ".lock") & 0o077 == 0


def test_a_second_server_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", OCCUPY + WAIT, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert first.stdout is not None and first.stdout.readline() == b"occupied\n"
    with pytest.raises(InUse, match="another AELIB_HOME"):
        occupy(tmp_path)
    # As a power cut would end it.
    first.kill()
    first.communicate()
    occupy(tmp_path).release()
