"""The one owner of the terminal. (tests/plugins/test_keyboard.py tries it on a real one.)"""

import io

import pytest

from xmaker.keys import key_names
from xmaker.terminal import Terminal, View


@pytest.mark.parametrize(
    ("sent", "names"),
    [
        ("a", ["a"]),
        ("A你", ["A", "你"]),
        (" \r\n\t\x7f\b", ["space", "enter", "enter", "tab", "backspace", "backspace"]),
        ("\x1b", ["escape"]),
        ("\x1b\x1b[A", ["escape", "up"]),
        ("\x1b[A\x1b[B\x1b[C\x1b[D\x1b[H\x1b[F", ["up", "down", "right", "left", "home", "end"]),
        ("\x1bOA", ["up"]),
        ("\x1b[1;5Cx", ["right", "x"]),
        ("\x1b[3~\x1bOP\x1b[15~", ["unknown", "unknown", "unknown"]),
        ("\x1b[", ["unknown"]),
        ("\x01\x04\x00", []),
        ("", []),
    ],
)
def test_what_a_terminal_sends_becomes_names(sent: str, names: list[str]) -> None:
    assert key_names(sent) == names


def test_lines_are_printed() -> None:
    Terminal(out := io.StringIO()).write("你好")
    assert out.getvalue() == "你好\n"


def test_a_console_without_chinese_prints_what_it_can() -> None:
    out = io.TextIOWrapper(raw := io.BytesIO(), encoding="gbk")
    Terminal(out).write("你好 😀")
    assert raw.getvalue().decode("gbk").split() == ["你好", "?"]


def test_a_screen_without_text_prints_nothing() -> None:
    Terminal(out := io.StringIO()).show("screen", View(values={"room": "3"}))
    assert out.getvalue() == ""


def test_giving_keys_back_that_were_never_taken_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    terminal = Terminal()
    terminal.give_keys()
    assert terminal.take_keys() is False
    terminal.give_keys()
    assert terminal.key(0) is None


def test_keys_may_come_from_elsewhere() -> None:
    terminal = Terminal(io.StringIO())
    terminal.press("a")
    assert not terminal.take_keys(), "there is no terminal here"
    terminal.pressable = True
    assert terminal.take_keys()
    assert not terminal.take_keys(), "another node has them"
    terminal.press("space")
    assert (terminal.key(1), terminal.key(0)) == ("space", None)
    terminal.give_keys()
    terminal.press("b")
    assert terminal.key(0) is None
