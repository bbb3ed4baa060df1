"""The dialect project shows what its own recording says, and knows the word that it was not taught for none of its own."""

from __future__ import annotations

from pathlib import Path

from xmaker import Action, Event, Project, Runtime, hookimpl

PROJECT = Path(__file__).parents[2] / "projects/dialect"


def test_its_own_recording_is_understood() -> None:
    done: list[str] = []

    class Watcher:
        @hookimpl
        def xmaker_event(self, event: Event) -> None:
            if isinstance(event.value, Action):
                done.append(event.node if event.node == "lamp" else str(event.value.args[0]))

    project = Project.load(PROJECT)
    project.nodes["microphone"].options |= {"source": "media/said.wav", "fallback": ""}
    project.plugins.manager.register(Watcher())
    Runtime(project.plugins, simulate=True).run(project)
    shown = [words for words in done if words != "lamp"]
    assert [words[:6] for words in shown] == ["nei ho", "do ze:", "zou sa", "zoi gi", "…?"]
    assert done.count("lamp") == 2
