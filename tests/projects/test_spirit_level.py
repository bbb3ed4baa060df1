"""The spirit level says how far the board leans, and its lamp shines when it lies flat."""

from __future__ import annotations

from pathlib import Path

from xmaker.testing import RunProject

PROJECT = Path(__file__).parents[2] / "projects/spirit_level"


def test_the_lamp_shines_when_the_board_lies_flat_for_a_moment(xmaker_run: RunProject) -> None:
    run = xmaker_run(PROJECT)
    run.send("board", x=0.2, y=-0.1, z=0.97, strength=1)
    assert run.actions == ['screen.write("↔ +11°   ↕ -6°")']
    run.send("board", x=0, y=0.01, z=1, strength=1)
    run.advance(0.5)
    assert run.actions[-1] == "lamp.on"
    run.send("board", x=0.1, y=0, z=1, strength=1)
    assert run.actions[-1] == "lamp.off"
