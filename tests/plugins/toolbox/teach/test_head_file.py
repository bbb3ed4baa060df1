"""A head without its network: some kilobytes, which answer as the whole file does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xmaker_toolbox.nodes import opened
from xmaker_toolbox.pictures import load_picture
from xmaker_toolbox.teach.lesson import teach

from tests.conftest import Run as Xmaker
from xmaker import Frame, Plugins, ProjectError

from .conftest import draw


@pytest.fixture
def head(shapes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The head of the shapes; what is put together goes into a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return teach(shapes, tmp_path / "shapes.json").file


def scores(model: Path, picture: Path) -> dict[str, float]:
    with opened(Plugins.load(), "classifier", model=str(model), smooth=0.0) as node:
        return dict(node.run(Frame(load_picture(picture), "a.png")).top)


def test_a_head_is_small_and_answers_as_the_whole_file(head: Path, shapes: Path, tmp_path: Path) -> None:
    whole = teach(shapes, tmp_path / "shapes.onnx").file
    assert head.stat().st_size < 12_000 < 3_000_000 < whole.stat().st_size
    draw(tmp_path / "new.png", "ring", 100)
    one, other = scores(head, tmp_path / "new.png"), scores(whole, tmp_path / "new.png")
    assert one.keys() == other.keys() == {"ring", "stripes"}
    assert np.allclose([one["ring"], one["stripes"]], [other["ring"], other["stripes"]], atol=0.01)


def test_it_is_put_together_once(head: Path, tmp_path: Path) -> None:
    (made,) = {Plugins.load().model(str(head), Path()).path for _ in range(2)}
    assert made is not None
    before = made.stat().st_mtime_ns
    assert Plugins.load().model(str(head), Path()).path == made
    assert made.stat().st_mtime_ns == before
    assert [path.name for path in (tmp_path / "cache/xmaker/taught").iterdir()] == [made.name]


def test_it_is_a_model_like_any_other(head: Path, xmaker: Xmaker) -> None:
    told = xmaker("model", "info", head)
    assert (told.code, "ring, stripes" in told.out) == (0, True), told


def changed(head: Path, **parts: Any) -> Path:
    card = json.loads(head.read_text(encoding="utf-8"))
    for part, value in parts.items():
        card[part] |= value
    head.write_text(json.dumps(card), encoding="utf-8")
    return head


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"decode": {"head": "AAAA"}}, "XM485"),
        ({"decode": {"head": 7}}, "XM485"),
        ({"decode": {"head": "????"}}, "XM485"),
        ({"labels": {"en": ["a", "b", "c"], "zh": ["a", "b", "c"]}}, "XM485"),
        ({"decode": {"sha256": "of another network"}}, "XM486"),
    ],
)
def test_a_damaged_head_is_refused_with_the_reason(head: Path, parts: dict[str, Any], code: str) -> None:
    with pytest.raises(ProjectError) as caught:
        Plugins.load().model(str(changed(head, **parts)), Path())
    assert caught.value.code == code


def test_a_disk_without_room_is_said(head: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the cache would be")
    with pytest.raises(ProjectError) as caught:
        Plugins.load().model(str(head), Path())
    assert caught.value.code == "XM490"
