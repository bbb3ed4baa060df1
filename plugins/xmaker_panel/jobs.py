"""Long work for the pages: one piece at a time, each in a process of its own that gives way to the run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal

import msgspec

from xmaker import ProjectError, XMakerError
from xmaker.errors import Problem, language, speaking
from xmaker.runtime.live_file import LiveFile
from xmaker_panel.log import error_words

HIDDEN = ".xmaker"
"""The folder in a project for what is no work of the user's."""
FOLDER = "xmaker-job"
"""How the names of works' folders begin; then comes the number of the run's process."""
ASKED_SECONDS = 120
"""What is waited for ends after this time."""
END_SECONDS = 1.0
LARGEST_PICTURE = 50_000_000
"""Pixels; of a picture that says it has more, nothing is unpacked."""
WITH_CARE = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENCV_IO_MAX_IMAGE_PIXELS": str(LARGEST_PICTURE),
    "ORT_DISABLE_TELEMETRY": "1",
}
Result = dict[str, Any]
Finish = Callable[[Path, Result], Result]
"""Takes what lies in the work's folder away to where it belongs, and may add to the result."""


class Job(msgspec.Struct):
    """A piece of work, as the pages are told of it."""

    number: int
    kind: str
    about: str
    """What is worked on: a file's name."""
    state: Literal["works", "done", "failed", "cancelled"] = "works"
    part: float = 0.0
    doing: str = ""
    result: Result | None = None
    error: XMakerError | None = None

    def shown(self) -> dict[str, Any]:
        """Return it in the reader's language."""
        plain = {name: getattr(self, name) for name in ("number", "kind", "about", "state", "doing", "result")}
        return plain | {"part": round(self.part, 3), "error": error_words(self.error) if self.error else None}


class Worker:
    """A process at work in a folder of its own, which is gone with it. Raises ProjectError where there can be no folder."""

    def __init__(self, place: Path, kind: str, details: dict[str, Any]) -> None:
        self.folder = work_folder(place)
        self._process = subprocess.Popen(  # this Python, with a module of this package
            [sys.executable, "-P", "-m", "xmaker_panel.labour"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            env={**os.environ, **WITH_CARE, "TMPDIR": str(self.folder)},
            creationflags=getattr(subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0),
        )
        order = {"kind": kind, "details": details, "language": language(), "folder": str(self.folder)}
        assert self._process.stdin
        try:
            self._process.stdin.write(msgspec.json.encode(order) + b"\n")
            self._process.stdin.flush()
        except OSError:  # it has ended already: `outcome` says so
            return

    def outcome(self, told: Callable[[float, str], None]) -> Result:
        """Wait for the end, and return the result. Raises XMakerError in the words of the work, or because it broke off."""
        assert self._process.stdout
        for line in self._process.stdout:
            message = msgspec.json.decode(line)
            if "result" in message:
                result: Result = message["result"]
                return result
            if "problems" in message:
                raise _error_of(message)
            told(message["part"], message["doing"])
        raise ProjectError.of("XM971", reason=f"exit {self._process.wait()}")

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        """End the process; nothing of it stays."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                try:
                    pipe.close()
                except OSError:
                    continue  # what could not be sent
        shutil.rmtree(self.folder, ignore_errors=True)


def work_folder(place: Path) -> Path:
    """Return a new folder for what is not done yet; what a run that was killed has left there is removed.

    Raises ProjectError where there can be none.
    """
    try:
        place.mkdir(exist_ok=True)
        for left in place.glob(f"{FOLDER}-*"):
            _remove_old(left)
        return Path(tempfile.mkdtemp(prefix=f"{FOLDER}-{os.getpid()}-", dir=place))
    except OSError as error:
        raise ProjectError.of("XM490", file=place, reason=error.strerror or error) from None


def elsewhere() -> Path:
    """Return where the work lies that only looks: it needs no place in a project, which nobody may be able to write to."""
    return Path(tempfile.gettempdir())


def inside(project: Path, *parts: str) -> Path:
    """Return a path in the project's folder. Raises ProjectError for one that a link leads out of it."""
    path, root = project.joinpath(*parts), project.resolve()
    if not path.resolve().is_relative_to(root):
        raise ProjectError.of("XM973", path="/".join(parts))
    return path


def _remove_old(folder: Path) -> None:
    owner = folder.name.removeprefix(FOLDER).split("-")[1]
    try:
        os.kill(int(owner), 0)
    except ProcessLookupError:
        shutil.rmtree(folder, ignore_errors=True)
    except (OSError, ValueError, OverflowError):
        return


def _error_of(message: dict[str, Any]) -> XMakerError:
    """Return the error that a process told of: in the catalog's words, which each reader has in his language."""
    problems = [Problem(one["code"], one["details"]) for one in message["problems"]]
    return XMakerError(problems=problems) if problems else XMakerError(message["words"], message["hint"])


class Jobs:
    """What is worked on for a project. From any thread."""

    def __init__(self, file: LiveFile) -> None:
        self._file = file
        self._lock, self._asking = threading.Lock(), threading.Lock()
        self._job: Job | None = None
        self._worker: Worker | None = None
        self._asked: Worker | None = None
        self._thread: threading.Thread | None = None
        self._count = 0

    @property
    def project(self) -> Path:
        """The folder of the project."""
        return self._file.path.parent.resolve()

    @property
    def place(self) -> Path:
        """Where what is no work of the user's lies: in the project, or elsewhere when that came with XMaker."""
        came_along = self._file.project and self._file.project.came_along
        return elsewhere() if came_along else inside(self.project, HIDDEN)

    def allow(self) -> None:
        """Raise ProjectError while something is being worked on."""
        if self._job and self._job.state == "works":
            raise ProjectError.of("XM970")

    def start(self, kind: str, about: str, details: dict[str, Any], finish: Finish | None = None) -> None:
        """Begin something; without `finish`, something that only looks.

        Raises ProjectError while something else is being worked on.
        """
        with self._lock:
            self.allow()
            self._worker = worker = Worker(self.place if finish else elsewhere(), kind, details)
            self._count += 1
            self._job = job = Job(self._count, kind, about)
            follow = partial(self._follow, worker, job, finish, language())
            self._thread = threading.Thread(target=follow, name="xmaker-job", daemon=True)
            self._thread.start()

    def _follow(self, worker: Worker, job: Job, finish: Finish | None, lang: str) -> None:
        def told(part: float, doing: str) -> None:
            job.part, job.doing = max(job.part, part), doing or job.doing

        with speaking(lang):
            try:
                result = worker.outcome(told)
                with self._lock:
                    if job.state == "works":
                        job.result, job.part = finish(worker.folder, result) if finish else result, 1.0
                        job.state = "done"
            except Exception as error:  # noqa: BLE001  # whatever it is, the next work must be able to begin
                if job.state == "works":
                    job.error = error if isinstance(error, XMakerError) else ProjectError.of("XM971", reason=error)
                    job.state = "failed"
            finally:
                worker.end()

    def ask(self, kind: str, details: dict[str, Any]) -> Result:
        """Do something short that only looks, and wait for it. Raises XMakerError."""
        with self._asking:
            self._asked = worker = Worker(elsewhere(), kind, details)
            timer = threading.Timer(ASKED_SECONDS, worker.kill)
            timer.start()
            try:
                return worker.outcome(lambda part, doing: None)
            finally:
                timer.cancel()
                worker.end()

    def cancel(self) -> None:
        """End what is being worked on; what is not done by now never was."""
        with self._lock:
            if self._worker and self._job and self._job.state == "works":
                self._job.state = "cancelled"
                self._worker.kill()

    def forget(self) -> None:
        """Show nothing of what has been done."""
        with self._lock:
            if self._job and self._job.state != "works":
                self._job = None

    def shown(self) -> dict[str, Any] | None:
        """Return what pages are told."""
        return self._job.shown() if self._job else None

    def close(self) -> None:
        """End everything: the run is over."""
        self.cancel()
        if self._thread:
            self._thread.join(END_SECONDS)
        for worker in filter(None, (self._worker, self._asked)):
            worker.end()
