"""What a room has collected, as files: a table of its participants, and the reconstructions of each."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, datetime
from urllib.parse import urlencode

import numpy as np
from PIL import Image

from aelib.datasets import title
from aelib.runs import RunView, Unreadable
from aelib.spec.config import with_knobs
from aelib.spec.images import IMAGE_SIDE, PIXELS
from aelib.spec.serialization import to_query
from aelib.workshop.room import Participant, Room
from aelib.workshop.rooms import Rooms

COLUMNS = ("pseudonym", "joined", "dataset", "settings", "status", "step", "test_mse", "pca_mse")
ENLARGED = 4


def exported(rooms: Rooms, room: Room) -> bytes:
    """A ZIP archive: `participants.csv` (UTF-8; times in UTC; a column for each question), and of each participant with
    a run a PNG image of the newest reconstructions, strokes bright."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        views = {person.id: _view(rooms, person) for person in room.participants}
        files.writestr("participants.csv", _table(room, views))
        for person in room.participants:
            view = views[person.id]
            if view is not None and view.newest is not None and view.newest.images.output.size:
                files.writestr(f"images/{person.name}.png", _image(view.newest.images.output))
    return archive.getvalue()


def _view(rooms: Rooms, person: Participant) -> RunView | None:
    if person.run_id is None:
        return None
    try:
        return rooms.runs.get(person.run_id).view()
    except Unreadable:
        return None


def _table(room: Room, views: dict[str, RunView | None]) -> str:
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow([*COLUMNS, *(_harmless(poll.question) for poll in room.polls)])
    for person in room.participants:
        joined = datetime.fromtimestamp(person.joined, UTC).isoformat(timespec="seconds")
        given = ((poll, poll.answer_of(person.id)) for poll in room.polls)
        answers = ["" if answer is None else _harmless(poll.text(answer)) for poll, answer in given]
        rows.writerow([person.name, joined, *_figures(views[person.id]), *answers])
    return table.getvalue()


def _figures(view: RunView | None) -> list[object]:
    if view is None:
        return ["", "", "no run", "", "", ""]
    config = with_knobs(view.config, view.knobs)
    error = next((point.test_mse for point in reversed(view.curve) if point.test_mse is not None), None)
    pca = view.pca[-1].mse if view.pca else None
    named = _harmless(title(config.dataset))
    return [named, urlencode(to_query(config)), view.status.value, view.step, error, pca]


def _harmless(text: str) -> str:
    """Spreadsheets take text that begins with one of these for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _image(outputs: np.ndarray) -> bytes:
    """Images uint8 [N, planes × 784] side by side, as PNG."""
    count, planes = len(outputs), outputs.shape[1] // PIXELS
    rows = outputs.reshape(count, planes, IMAGE_SIDE, IMAGE_SIDE).transpose(2, 0, 3, 1)
    enlarged = rows.reshape(IMAGE_SIDE, count * IMAGE_SIDE, planes).repeat(ENLARGED, 0).repeat(ENLARGED, 1)
    file = io.BytesIO()
    Image.fromarray(enlarged[:, :, 0] if planes == 1 else enlarged).save(file, "PNG")
    return file.getvalue()
