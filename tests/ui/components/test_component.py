"""The scripts of components."""

from pathlib import Path

UI = Path(__file__).parents[3] / "aelib" / "ui"


def test_every_folder_of_scripts_is_type_checked() -> None:
    assert [
        folder for folder in {script.parent for script in UI.rglob("*.js")} if not (folder / "tsconfig.json").exists()
    ] == []
