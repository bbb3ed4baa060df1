"""The command `xmaker capture`: collects pictures or words to teach with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from xmaker import Plugins, Project, ProjectError, XMakerError, hookimpl
from xmaker.cli.app import DONE, INTERRUPTED, PROJECTS_FAULT
from xmaker.cli.plain import Quiet
from xmaker.errors import message
from xmaker.options import DURATION
from xmaker_toolbox.capture.collectors import Collector, PictureCollector, WordCollector, label_folder

UNWRITTEN = ("XM490", "XM491")
"""No right to write there, or no room."""


class Front(Quiet):
    """Ends the run where there is no camera, and where nothing can be written.

    A project waits for a camera to be plugged in, and runs on where a file cannot be written; who collects pictures does not.
    """

    no_camera: ProjectError | None = None

    @hookimpl
    def xmaker_error(self, error: XMakerError) -> None:
        if error.code == "XM801":
            self.no_camera = ProjectError.of("XM483", **error.problems[0].details)
            self.runtime.finished.set()
            return
        super().xmaker_error(error)
        if error.code in UNWRITTEN:  # as it will be for every picture from now on, and nobody would be told again
            self.runtime.failure = self.runtime.failure or error
            self.runtime.finished.set()


@click.command("capture")
@click.option("--label", "labels", multiple=True, required=True, help="What is on them; of several, the keys 1, 2, … choose.")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), help="Where the labels have their folders: pictures, or takes."
)
@click.option("--source", help="A camera's number, a picture, a video or a folder; with --sound a WAV file.")
@click.option("--sound", is_flag=True, help="Collect words: each that is said becomes a WAV file.")
@click.option("--every", "pause", metavar="TIME", default="0.2 s", help="The shortest time between two pictures.")
@click.option("--count", type=click.IntRange(1), help="End when there are so many of each label.")
@click.option("--auto", is_flag=True, help="Take pictures all the time instead of while a key is held.")
@click.option("--button", help="A button's pin that takes pictures as the space bar does; on a UNIHIKER: A.")
def capture(labels: tuple[str, ...], folder: Path | None, source: str | None, sound: bool, pause: str, **wish: Any) -> int:
    """Collect examples to teach with: hold the space bar, and pictures go into a folder for each label."""
    names, seconds = [label_folder(label) for label in labels], DURATION.parse(pause)
    if seconds is None or seconds <= 0:
        raise click.BadParameter(f"--every: {pause}")
    if not (sound or wish["auto"] or wish["button"] or sys.stdin.isatty()):
        raise ProjectError.of("XM481")
    place = folder or Path("takes" if sound else "pictures")
    plugins = Plugins.load()
    project = Project("capture", folder=Path.cwd(), plugins=plugins)
    collector: Collector
    if sound:
        microphone = plugins.nodes["microphone"]
        project.add(microphone(source=source) if source else microphone(), name="microphone")  # type: ignore[call-arg]
        project.add(collector := WordCollector(place, names, wish["count"]), from_="microphone")
    else:
        project.add(_camera(plugins, source), name="camera")
        project.add(collector := PictureCollector(place, names, wish["count"], seconds), from_="camera")
    _keys(project, plugins, names, sound)
    if not sound:
        _takers(project, plugins, seconds, wish["auto"], wish["button"])
    project.check()
    click.echo(message("XM478" if sound else "XM479" if wish["auto"] else "XM477", "what", label=names[0]))
    for number, name in enumerate(names, 1) if len(names) > 1 else ():
        click.echo(f"  {number}  {name}")
    front = Front(project)
    stopped = front.play()
    if front.no_camera:
        raise front.no_camera
    _sum_up(place, names, collector)
    return PROJECTS_FAULT if front.runtime.failure else INTERRUPTED if stopped and not wish["count"] else DONE


def _camera(plugins: Plugins, source: str | None) -> Any:
    make: Any = plugins.nodes["camera"]
    if source is None:
        return make()
    if source.isdigit():
        return make(source=int(source))
    return make(source=source, fps=10.0, loop=Path(source).exists())


def _keys(project: Project, plugins: Plugins, names: list[str], sound: bool) -> None:
    project.add(plugins.nodes["keyboard"](), name="keyboard")
    for number in range(1, min(9, len(names)) + 1):
        project.rule(when=f'keyboard == "{number}"', then=[f"collector.choose({number})"])
    project.rule(when='keyboard == "q" or keyboard == "esc"', then=["collector.end"])
    if not sound:
        project.rule(when='keyboard == "space"', then=["collector.take"])


def _takers(project: Project, plugins: Plugins, seconds: float, auto: bool, button: str | None) -> None:
    """Have a timer or a button take pictures, too."""
    if auto:
        timer: Any = plugins.nodes["timer"]
        project.add(timer(every=seconds), name="timer")
        project.rule(each="timer", then=["collector.take"])
    pin = button or ("A" if plugins.board().name == "unihiker" else "")
    if pin:
        from xmaker import Pin

        make: Any = plugins.nodes["button"]
        project.add(make(pin=Pin.parse(int(pin) if pin.isdigit() else pin)), name="button")
        project.rule(when="button.pressed", repeat=f"{seconds:g} s", then=["collector.take"])


def _sum_up(place: Path, names: list[str], collector: Collector) -> None:
    counts = {name: len(list((place / name).glob("*" + collector.ending))) for name in names}
    if any(counts.values()):
        said = ", ".join(f"{name} {count}" for name, count in counts.items())
        click.echo(message("XM480", "what", counts=said, folder=place))
