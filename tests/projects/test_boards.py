"""Every project of the gallery fits every board: its pins can do there what its nodes want."""

from __future__ import annotations

from pathlib import Path

import pytest

from xmaker import Project

PROJECTS = sorted(path.parent for path in (Path(__file__).parents[2] / "projects").glob("*/project.yaml"))


@pytest.mark.parametrize("board", ["pi", "unihiker", "simulator"])
@pytest.mark.parametrize("folder", PROJECTS, ids=lambda folder: folder.name)
def test_a_project_is_right_on_a_board(folder: Path, board: str) -> None:
    project = Project.load(folder)
    project.board = board
    project.check()
    assert project.warnings == []
