"""A visitor who tries all that a page offers: whatever widgets there are, and each of their options.

They are found in the running page. What is done is said to the server as a browser says it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Block, Widget

from tests.datasets.samples import drawings, encoded
from tests.walk import todays

# A text field is given what it may be meant for, and what nobody means.
TEXTS = ("", "16", "24, 12", "16; x", "<b>[a](http://b) *c* :red[d]", "x" * 60)
FILES = (("one.png", encoded(drawings(1)[0]), "image/png"), ("two_[x].png", b"no image", "image/png"))
# Of many options or steps the first, the last, and some of those between.
MOST_OPTIONS = 8
# Names that differ from one time to the next: runs and uploads.
_NAMES = re.compile(r"[A-Za-z0-9_-]{16,}|own-[0-9a-f]{16}")

Move = tuple[str, str, Callable[[AppTest], None]]


class Walk:
    """`app` is at a page, which `there` recognizes."""

    def __init__(self, app: AppTest, there: Callable[[AppTest], bool], left_out: tuple[str, ...] = ()) -> None:
        self.app, self._there, self._left_out = app, there, left_out
        self._done: set[tuple[str, str]] = set()
        self._open: dict[str, tuple[str, Any]] = {}
        self.log: list[str] = []

    def all(self) -> None:
        """Everything, and what that brings up: what is new comes first."""
        waiting: list[tuple[str, str]] = []
        while True:
            offered = {(name, what): act for name, what, act in self._moves() if (name, what) not in self._done}
            waiting = [move for move in offered if move not in waiting] + [move for move in waiting if move in offered]
            # What takes something away comes last.
            waiting.sort(key=lambda move: "delete" in move[0])
            if not waiting:
                return
            self._do(waiting[0], offered[waiting[0]])

    def _do(self, move: tuple[str, str], act: Callable[[AppTest], None]) -> None:
        self._done.add(move)
        self.log.append(f"{move[0]} = {move[1]}")
        act(self.app)
        self._look()

    def _look(self) -> None:
        done = "\n".join(self.log[-20:])
        assert not self.app.exception, f"{self.app.exception[0].value}\nafter\n{done}"
        wrong = [said.value for said in self.app.error if "is not valid" not in said.value]
        wrong += [said.value for said in self.app.warning if "worked out" in said.value or "lost" in said.value]
        assert not wrong, f"{wrong}\nafter\n{done}"
        assert self._there(self.app), f"The page is gone after\n{done}"

    def settle(self) -> None:
        """Waits until what the page asked last is answered."""
        deadline = time.monotonic() + 60
        while _waits(self.app):
            assert time.monotonic() < deadline, "the page waits for answers that do not come"
            time.sleep(0.05)
            self.app.run()
            self._look()

    def _say(self, app: AppTest, id: str, field: str, value: Any) -> None:
        states = app._tree.get_widget_states()
        for known, said in {**self._open, id: (field, value)}.items():
            state = next((one for one in states.widgets if one.id == known), None) or states.widgets.add()
            state.CopyFrom(_state(known, *said))
        app._run(states)

    def _moves(self) -> Iterator[Move]:
        for node in self.app._tree:
            if isinstance(node, Widget):
                for what, act in self._of_widget(node):
                    yield (*self._named(node, what), act)
            elif isinstance(node, Block):
                for what, act in self._of_block(node):
                    yield (*self._named(node, what), act)

    def _named(self, node: Any, what: str) -> tuple[str, str]:
        called = getattr(node, "key", None) or getattr(node, "label", "") or node._block_id
        # Titles of runs that train change all the time.
        told = re.sub(r"[\d.,:]+", "…", what) if called == "look.run" else what
        return _NAMES.sub("…", f"{node.type} {called}"), _NAMES.sub("…", told)

    def _of_widget(self, node: Any) -> Iterator[tuple[str, Callable[[AppTest], None]]]:
        if getattr(node.proto, "disabled", False) or any(name in (node.key or node.label) for name in self._left_out):
            return
        id, proto = node.id, node.proto
        match type(node).__name__:
            case "Selectbox" | "Radio":
                for option in _some(node.options):
                    yield option, self._saying(id, "string_value", option)
            case "SelectSlider" | "ButtonGroup":
                for option in _some(node.options):
                    yield option, self._saying(id, "string_array_value", [option])
            case "Multiselect":
                for count in (0, 1, 4):
                    yield f"first {count}", self._saying(id, "string_array_value", node.options[:count])
            case "Slider":
                for number in (proto.min, (proto.min + proto.max) / 2, proto.max):
                    number = round((number - proto.min) / proto.step) * proto.step + proto.min
                    yield str(number), self._saying(id, "double_array_value", [number])
            case "NumberInput":
                for number in (proto.min, proto.min + 1, proto.max):
                    yield str(number), self._saying(id, "double_value", number)
            case "Checkbox" | "Toggle":
                for on in (not node.value, node.value):
                    yield str(on), self._saying(id, "bool_value", on)
            case "TextInput" | "TextArea":
                for text in TEXTS:
                    yield text, self._saying(id, "string_value", text[: proto.max_chars or None])
            case "Button" | "DownloadButton":
                yield "pressed", self._saying(id, "trigger_value", True)
            case "FileUploader":
                for file in FILES:
                    yield file[0], lambda app, file=file: _upload(app, id, file)  # type: ignore[misc]
            case kind:
                raise AssertionError(f"Nobody has told the walker what can be done with a {kind}.")

    def _of_block(self, node: Any) -> Iterator[tuple[str, Callable[[AppTest], None]]]:
        """What the server is told of: popovers and expanders that are opened, and tabs."""
        match node.type:
            case "tab_container":
                for tab in node.children.values():
                    if node.proto.tab_container.id:
                        yield tab.label, self._opening(node.proto.tab_container.id, "string_value", tab.label)
            case "popover":
                if node.proto.popover.id:
                    yield "open", self._opening(node.proto.popover.id, "bool_value", True)
            case "expander":
                if node.proto.id:
                    yield "open", self._opening(node.proto.id, "bool_value", True)

    def _saying(self, id: str, field: str, value: Any) -> Callable[[AppTest], None]:
        return lambda app: self._say(app, id, field, value)

    def _opening(self, id: str, field: str, value: Any) -> Callable[[AppTest], None]:
        def open(app: AppTest) -> None:
            self._open[id] = (field, value)
            self._say(app, id, field, value)

        return open


def _waits(app: AppTest) -> bool:
    if "answers" not in app.session_state:
        return False
    places, drawn = app.session_state["answers"], app.session_state["answers.drawn"]
    return any(not places[name].answer.current for name in drawn if name in places)


def _some(options: list[str]) -> list[str]:
    if len(options) <= MOST_OPTIONS:
        return options
    return [options[0], *todays(options[1:-1], MOST_OPTIONS - 2), options[-1]]


def _state(id: str, field: str, value: Any) -> WidgetState:
    state = WidgetState(id=id)
    if field in ("string_array_value", "double_array_value"):
        getattr(state, field).data[:] = value
    else:
        setattr(state, field, value)
    return state


def _upload(app: AppTest, id: str, file: tuple[str, bytes, str]) -> None:
    next(one for one in app.file_uploader if one.id == id).set_value(None).upload(*file).run()
