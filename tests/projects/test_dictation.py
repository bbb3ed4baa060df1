"""Dictation writes what is said on the screen, and empties it when it is told to."""

from __future__ import annotations

from pathlib import Path

from xmaker import Event, Project, Runtime, Text, hookimpl
from xmaker.testing import RunProject
from xmaker.values import Action

PROJECT = Path(__file__).parents[2] / "projects/dictation"


def test_what_is_heard_is_written_and_a_command_empties_the_screen(xmaker_run: RunProject) -> None:
    run = xmaker_run(PROJECT)
    run.send("speech", "hello", "hello", "clear the screen")
    assert run.actions == ['screen.write("hello")', 'screen.write("hello")', "screen.clear"]
    assert not run.errors


def test_its_own_recording_is_understood() -> None:
    done: list[str] = []

    class Screen:
        @hookimpl
        def xmaker_event(self, event: Event) -> None:
            if isinstance(event.value, Action):
                done.append(event.value.args[0] if event.value.args else event.value.action)

    project = Project.load(PROJECT)
    project.nodes["microphone"].options |= {"source": "media/speech.wav", "fallback": ""}
    project.plugins.manager.register(Screen())
    Runtime(project.plugins, simulate=True).run(project)
    assert done == ["good morning", "how are you", "thank you", "clear", "see you tomorrow"]


def test_words_while_they_are_being_said_are_not_written_twice(xmaker_run: RunProject) -> None:
    """As the README says, for a Vosk model with `partial`."""
    project = Project.load(PROJECT)
    project.rules.clear()
    project.rule(when="speech.final", then=['screen.write("{speech}")'])
    run = xmaker_run(project)
    run.send("speech", Text("good", final=False), Text("good morning", final=False), Text("good morning"))
    assert run.actions == ['screen.write("good morning")']
