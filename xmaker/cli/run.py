"""`xmaker run`: brings a project to life in this terminal."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

import click

from xmaker import Input, Project, ProjectError, Runtime
from xmaker.cli.app import DONE, INTERRUPTED, PROJECTS_FAULT, verbose_option
from xmaker.cli.gallery import find, target_argument
from xmaker.cli.plain import JsonLines, PlainLines, Quiet
from xmaker.errors import message
from xmaker.options import DURATION
from xmaker.project_file import read_settings
from xmaker.runtime.live_file import LiveFile
from xmaker.terminal import is_watched

Beside = Callable[[Runtime], AbstractContextManager[object]]


@click.command("run")
@target_argument
@click.option("--for", "span", metavar="TIME", help="Stop after this time: 10s, 2min.")
@click.option("--quiet", "-q", is_flag=True, help="Print only what the project itself prints, and errors.")
@click.option("--json", "as_json", is_flag=True, help="Print every event as one line of JSON.")
@click.option("--set", "settings", multiple=True, metavar="NODE.KEY=VALUE", help="Set an option, or what a sensor shows.")
@click.option("--simulate", is_flag=True, help="Simulate pins and sensors, on a board too.")
@click.option("--panel", is_flag=True, help="Show and drive the run in a browser.")
@click.option("--host", default="", metavar="ADDRESS", help="The panel's address, for other computers too; it asks for a PIN.")
@click.option("--port", type=click.IntRange(1, 65535), help="The panel's port.")
@click.option("--watch", is_flag=True, help="Apply the project file anew whenever it has changed.")
@click.option("--traceback", is_flag=True, help="Show where in the code an error happened.")
@verbose_option
@click.pass_obj
def run_command(traced: bool, /, target: str, span: str | None, settings: Sequence[str], simulate: bool, **look: Any) -> int:
    """Run a project: a name from the gallery (cat_dog), a project file, or a folder."""
    seconds = None if span is None else DURATION.parse(span)
    if span is not None and (seconds is None or not 0 <= seconds < 1e9):
        raise ProjectError.of("XM708", text=span)
    file = LiveFile(find(target), read_settings(settings), simulate)
    project = _read(file, look["panel"])
    for problem in project.warnings:
        click.echo(problem.show(), err=True)
    front = _front(project, look["quiet"], look["as_json"])
    front.traceback = look["traceback"] or traced
    front.beside = _beside(file, look)
    with _ended_once(front):
        if front.play(seconds, simulate):
            click.echo(message("XM712", "what"), err=True)
            return INTERRUPTED
    return PROJECTS_FAULT if front.runtime.failure else DONE


def _read(file: LiveFile, panel: bool) -> Project:
    """Read the file; a broken one can be mended in the panel. Raises ProjectError."""
    try:
        return file.read()
    except ProjectError as error:
        if not panel:
            raise
        project = file.stand_in(error)
        click.echo(f"{error.show()}\n{message('XM959', 'what')}", err=True)
        return project


def _beside(file: LiveFile, look: Mapping[str, Any]) -> list[Beside]:
    """Return what is to go on beside the run. Raises ProjectError."""
    if not look["panel"]:
        for option in ("host", "port"):
            if look[option]:
                raise ProjectError.of("XM952", option=f"--{option}")
    panel = partial(_panel, file=file, host=look["host"], port=look["port"] or 0, aside=look["as_json"] or look["quiet"])
    return [*([panel] if look["panel"] else ()), *([file.followed] if look["watch"] or file.error else ())]


@contextmanager
def _panel(runtime: Runtime, file: LiveFile, host: str, port: int, aside: bool) -> Iterator[None]:
    """Have a plugin show the run in a browser. Which one, and with what, only the plugin knows."""
    panel = runtime.plugins.manager.hook.xmaker_panel(file=file, runtime=runtime, host=host, port=port)
    if panel is None:
        raise ProjectError.of("XM951")
    with panel as words:
        click.echo(words, err=aside)
        yield


@contextmanager
def _ended_once(front: Quiet) -> Iterator[None]:
    """Have Ctrl-C, pressed again after the end of the run, not cut short what is left to do: putting the terminal back."""

    def interrupt(*_: object) -> None:
        if not (runtime := getattr(front, "runtime", None)) or not runtime.interrupted.is_set():
            raise KeyboardInterrupt

    main = threading.current_thread() is threading.main_thread()
    old = signal.signal(signal.SIGINT, interrupt) if main else None
    try:
        yield
    finally:
        if main:
            signal.signal(signal.SIGINT, old)


def _front(project: Project, quiet: bool, as_json: bool) -> Quiet:
    """Return what shows the run. rich, which takes memory and time to load, comes only where somebody looks."""
    if as_json:
        return JsonLines(project)
    if quiet:
        return Quiet(project)
    if is_watched(sys.stdout):
        from xmaker.cli.live import LiveView

        return LiveView(project)
    lines, inputs = PlainLines(project), [spec.make() for spec in project.nodes.values() if issubclass(spec.type, Input)]
    if is_watched(sys.stderr) and not all(getattr(node, "paced", True) for node in inputs):
        from xmaker.cli.live import progress_on_stderr

        lines.progress = progress_on_stderr
    return lines
