"""The line in which values are set while a project runs. (On a real terminal: test_typing.py.)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from xmaker import Runtime
from xmaker.cli.plain import Quiet
from xmaker.cli.prompt import Prompt
from xmaker.keys import key_names
from xmaker.testing import as_project


@pytest.fixture
def prompt() -> Iterator[Prompt]:
    project = as_project("inputs: {air: {use: dht, every: 1 h}, door: {use: button, every: 1 h}}\noutputs: {console: {}}")
    front = Quiet(project)
    front.runtime = Runtime(project.plugins, terminal=front, simulate=True)
    front.runtime.apply(project)
    yield Prompt(front)
    front.runtime.stop()


def typed(prompt: Prompt, text: str) -> list[bool]:
    """Type a text as a terminal sends it; return which keys were taken."""
    return [prompt.take(key) for key in key_names(text)]


def test_it_says_how_to_begin(prompt: Prompt) -> None:
    assert prompt.line().plain == "Type air.temperature=25 and Enter to set it."
    prompt.front.keys_taken = True
    assert "Type :air.temperature=" in prompt.line().plain


@pytest.mark.parametrize("how", ["", ":", "\r"])
def test_a_value_is_set(prompt: Prompt, how: str) -> None:
    typed(prompt, f"{how}air.humidity = 33")
    assert prompt.line().plain.startswith("> air.humidity = 33▏ air.humidity ")
    typed(prompt, "\r")
    assert prompt.text is None
    assert prompt.front.runtime.workers["air"].node.read().values["humidity"] == 33


def test_what_may_be_typed_is_shown_and_completed(prompt: Prompt) -> None:
    typed(prompt, "a")
    assert prompt.line().plain == "> a▏ air.temperature 0…50 °C, air.humidity 0…100 %"
    typed(prompt, "\t")
    assert prompt.text == "air."
    typed(prompt, "h\t")
    assert prompt.text == "air.humidity="
    typed(prompt, "3\t")
    assert prompt.text == "air.humidity=3"
    typed(prompt, "\x1bdoor\t")
    assert prompt.text == "door."
    assert "door.pressed true/false" in prompt.line().plain
    typed(prompt, "\x1bx\t")
    assert prompt.text == "x"


@pytest.mark.parametrize(("text", "code"), [("air.wet=1", "XM763"), ("air.humidity=wet", "XM208"), ("nonsense", "XM703")])
def test_what_is_wrong_is_told_and_can_be_corrected(prompt: Prompt, text: str, code: str, capsys: Any) -> None:
    typed(prompt, f"{text}\r")
    assert f"error {code}: " in capsys.readouterr().err
    assert prompt.text == text
    typed(prompt, "\b" * len(text))
    assert prompt.text == ""
    typed(prompt, "\b")
    assert prompt.text is None


def test_the_last_line_comes_again(prompt: Prompt) -> None:
    typed(prompt, "door.pressed=true\r:\x1b[A")
    assert prompt.text == "door.pressed=true"
    typed(prompt, "\x1b[D猫\x1b")
    assert prompt.text is None


def test_a_node_that_has_the_keys_gets_what_is_not_for_this_line(prompt: Prompt) -> None:
    prompt.front.keys_taken = True
    assert typed(prompt, "a \r") == [False, False, False]
    assert typed(prompt, ":a b\r") == [True] * 5
    assert prompt.text == "a b"
