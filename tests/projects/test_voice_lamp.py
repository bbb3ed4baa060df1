"""The voice lamp does what its own recording says: on, three colours, off."""

from __future__ import annotations

from pathlib import Path

from xmaker import Action, Event, Project, Runtime, hookimpl
from xmaker.testing import RunProject

PROJECT = Path(__file__).parents[2] / "projects/voice_lamp"


def test_its_own_recording_is_obeyed() -> None:
    """In the simulator, and from the file itself: what is seen without a microphone."""
    done: list[str] = []

    class Lamp:
        @hookimpl
        def xmaker_event(self, event: Event) -> None:
            if isinstance(event.value, Action) and event.node == "lamp":
                done.append(" ".join([event.value.action, *map(str, event.value.args)]))

    project = Project.load(PROJECT)
    project.nodes["microphone"].options |= {"source": "media/commands.wav", "fallback": ""}
    project.plugins.manager.register(Lamp())
    Runtime(project.plugins, simulate=True).run(project)
    assert done == ["colour white", "colour red", "colour green", "colour blue", "off"]


def test_every_word_of_the_head_has_a_rule_but_other(xmaker_run: RunProject) -> None:
    run = xmaker_run(PROJECT)
    labels = run.runtime.workers["word"].node.known_labels()  # type: ignore[attr-defined]
    for word in labels:
        before = len(run.actions)
        run.send("word", label=word, score=0.9)
        assert (len(run.actions) > before) == (word != "other")
    assert not run.errors
