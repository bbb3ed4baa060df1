"""A project that came with XMaker is copied into the user's folder for what is done to it, and not for what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xmaker.cli.gallery import gallery


def test_a_project_of_the_gallery_is_copied_before_anything_in_it_changes(
    start: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted((gallery() / "cat_dog").rglob("*"))
    panel = start(gallery() / "cat_dog", camera={"loop": True})
    status, answer = panel.tell("/teach", "add", label="bird")
    assert status == 200 and str(tmp_path / "cat_dog") in answer["moved"]
    assert (tmp_path / "cat_dog" / "pictures" / "bird").is_dir()
    assert panel.tell("/teach", "take", label="bird", camera="camera")[1]["picture"] == "0001.jpg", "the run goes on from there"
    assert panel.tell("/teach", "add", label="cat")[1]["moved"] == "", "once"
    assert sorted((gallery() / "cat_dog").rglob("*")) == before


@pytest.mark.parametrize(
    ("page", "command", "code"),
    [
        ("/teach", {"type": "add", "label": "../x"}, "XM475"),
        ("/teach", {"type": "rename", "label": "cat", "to": "dog"}, "XM979"),
        ("/teach", {"type": "remove", "label": "cat"}, "XM979"),
        ("/teach", {"type": "take", "label": "cat", "camera": "camera"}, "XM979"),
        ("/teach", {"type": "drop", "label": "cat", "picture": "0001.jpg"}, "XM979"),
        ("/teach", {"type": "learn"}, "XM984"),
        ("/teach", {"type": "use", "node": "fruit"}, "XM979"),
        ("/models", {"type": "label", "model": "fruit.onnx", "labels": "a\nb"}, "XM998"),
        ("/models", {"type": "remove", "model": "fruit.onnx"}, "XM979"),
        ("/models", {"type": "quantize", "model": "fruit.onnx", "data": "nowhere"}, "XM979"),
        ("/models", {"type": "evaluate", "model": "fruit.onnx", "data": "nowhere"}, "XM979"),
        ("/models", {"type": "convert", "model": "fruit.pth"}, "XM979"),
        ("/models", {"type": "use", "model": "fruit.onnx", "node": "nobody"}, "XM980"),
    ],
    ids=lambda one: one["type"] if isinstance(one, dict) else "",
)
def test_for_what_is_refused_no_project_is_copied(
    start: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str, command: dict[str, str], code: str
) -> None:
    monkeypatch.chdir(tmp_path)
    panel = start(gallery() / "my_own_model", camera={"loop": True})
    status, answer = panel.tell(page, **command)
    assert (status, answer["code"]) == (409, code)
    assert [*tmp_path.iterdir()] == []
    assert panel.file.path.parent == gallery() / "my_own_model", "and the run stays where it is"
