"""A file that is there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from xmaker_toolbox.files import whole

from xmaker import ProjectError


def test_what_goes_wrong_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "new" / "a.onnx"
    with whole(target) as part:
        part.write_text("first")
    with pytest.raises(KeyboardInterrupt), whole(target) as part:
        part.write_text("second, half")
        raise KeyboardInterrupt
    assert target.read_text() == "first"
    assert os.listdir(target.parent) == ["a.onnx"]


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ProjectError, match="cannot be written"), whole(tmp_path / "file" / "a.onnx") as part:
        part.write_text("x")
