"""`xmaker run`: brings a project to life in this terminal."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from xmaker import Input, Project, ProjectError
from xmaker.cli.app import DONE, INTERRUPTED, PROJECTS_FAULT, verbose_option
from xmaker.cli.gallery import find, target_argument
from xmaker.cli.plain import JsonLines, PlainLines, Quiet
from xmaker.errors import message
from xmaker.options import DURATION
from xmaker.project_file import read_settings
from xmaker.terminal import is_watched


@click.command("run")
@target_argument
@click.option("--for", "span", metavar="TIME", help="Stop after this time: 10s, 2min.")
@click.option("--quiet", "-q", is_flag=True, help="Print only what the project itself prints, and errors.")
@click.option("--json", "as_json", is_flag=True, help="Print every event as one line of JSON.")
@click.option("--set", "settings", multiple=True, metavar="NODE.KEY=VALUE", help="Set an option, or what a sensor shows.")
@click.option("--simulate", is_flag=True, help="Simulate pins and sensors, on a board too.")
@click.option("--traceback", is_flag=True, help="Show where in the code an error happened.")
@verbose_option
@click.pass_obj
def run_command(traced: bool, /, target: str, span: str | None, settings: Sequence[str], simulate: bool, **look: bool) -> int:
    """Run a project: a name from the gallery (cat_dog), a project file, or a folder."""
    seconds = None if span is None else DURATION.parse(span)
    if span is not None and (seconds is None or not 0 <= seconds < 1e9):
        raise ProjectError.of("XM708", text=span)
    project = Project.load(find(target), options=read_settings(settings), simulate=simulate)
    for problem in project.warnings:
        click.echo(problem.show(), err=True)
    front = _front(project, look["quiet"], look["as_json"])
    front.traceback = look["traceback"] or traced
    with _ended_once(front):
        if front.play(seconds, simulate):
            click.echo(message("XM712", "what"), err=True)
            return INTERRUPTED
    return PROJECTS_FAULT if front.runtime.failure else DONE


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
