"""Runs exported files in one process, which finds no aelib: `python run_all.py FILE[:ARGUMENT] …`.

Each runs in its own folder, after a line that names it. A notebook's cells are run one after another.
"""

import contextlib
import importlib.util
import json
import os
import runpy
import sys
from pathlib import Path

assert importlib.util.find_spec("aelib") is None
start = Path.cwd()
for argument in sys.argv[1:]:
    name, _, rest = argument.partition(":")
    file = start / name
    print(f"# {argument}", flush=True)
    os.chdir(file.parent)
    if file.suffix == ".ipynb":
        space: dict[str, object] = {}
        for cell in json.loads(file.read_text("utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                exec(compile("".join(cell["source"]), str(file), "exec"), space)
        continue
    sys.argv[1:] = [rest] if rest else []
    with contextlib.suppress(SystemExit):
        runpy.run_path(str(file), run_name="__main__")
