"""The Morse lamp shines while the key is pressed and spells what it means."""

from __future__ import annotations

from pathlib import Path

from xmaker.testing import ProjectRun, RunProject

PROJECT = Path(__file__).parents[2] / "projects/morse_lamp"


def key(run: ProjectRun, *, pressed: bool, held: bool = False, then: float = 0.0) -> None:
    run.send("key", pressed=pressed, held=held, double=False)
    run.advance(then)


def telegraph(run: ProjectRun, signs: str) -> None:
    """Key dots and dashes; a space is the rest between letters, a slash that between words."""
    for sign in signs:
        if sign in " /":
            run.advance(1.0 if sign == " " else 3.0)
            continue
        key(run, pressed=True, then=0.1)
        if sign == "-":
            key(run, pressed=True, held=True, then=0.3)
        key(run, pressed=False, then=0.2)


def texts(run: ProjectRun) -> list[str]:
    return [action.split('"')[1] for action in run.actions if action.startswith("screen")]


def test_short_and_long_presses_become_letters(xmaker_run: RunProject) -> None:
    run = xmaker_run(PROJECT)
    key(run, pressed=False)
    telegraph(run, "... --- ...")
    assert texts(run) == ["E", "I", "S", "ST", "SM", "SO", "SOE", "SOI", "SOS"]


def test_a_long_rest_is_a_space_and_what_is_no_letter_a_question_mark(xmaker_run: RunProject) -> None:
    run = xmaker_run(PROJECT)
    telegraph(run, "-/......")
    assert texts(run)[0] == "T"
    assert texts(run)[-1] == "T ?"


def test_the_lamp_shines_while_the_key_is_pressed(xmaker_run: RunProject) -> None:
    run = xmaker_run(PROJECT)
    telegraph(run, "-")
    assert [action for action in run.actions if action.startswith("lamp")] == ["lamp.on", "lamp.off"]
