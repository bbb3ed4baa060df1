"""The runs that the list of projects has started: each a process of its own, so that none can take the list away."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path
from typing import Any

import msgspec

from xmaker import ProjectError
from xmaker_panel.door import BEGUN, HOME, WAITS, Home

MOST = 4
"""Runs at a time."""
PATIENCE = 4.0
"""Seconds in which a run has to end; it takes two at most to leave all outputs safe."""
LAST_LINES = 12


class Run:
    """One of them."""

    def __init__(self, path: Path, folder: Path, host: str, home: Home) -> None:
        command = [sys.executable, "-P", "-m", "xmaker", "run", str(path), "--panel", *(["--host", host] if host else [])]
        environment = {**os.environ, HOME: msgspec.json.encode(home).decode(), "PYTHONUNBUFFERED": "1"}
        pipes: Any = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        words: Any = {"text": True, "encoding": "utf-8", "errors": "replace", "start_new_session": True}  # Ctrl-C is the list's
        self.path = path
        self.port = 0
        self.stopped = False
        self.waits = False
        """Whether its project is broken: it begins when that has been mended."""
        self._lines: deque[str] = deque(maxlen=LAST_LINES)
        self._process = subprocess.Popen(command, cwd=folder, env=environment, **pipes, **words)  # noqa: S603
        threading.Thread(target=self._read, name=f"xmaker-run-{path.name}", daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout
        with self._process.stdout as lines:
            for line in lines:
                if line.rstrip() in (WAITS, BEGUN):
                    self.waits = line.rstrip() == WAITS
                elif not self.port and (link := re.search(r"http://\S+:(\d+)/", line)):
                    self.port = int(link[1])
                else:
                    self._lines.append(line.rstrip())

    @property
    def goes_on(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def state(self) -> dict[str, Any]:
        """Return what a page shows of it."""
        code = self._process.poll()
        if code is None:
            return {"state": "starts" if not self.port else "waits" if self.waits else "runs", "port": self.port}
        failed = code not in (0, 130) and not self.stopped
        return {"state": "broke" if failed else "", "said": "\n".join(self._lines) if failed else ""}

    def ask_to_end(self) -> None:
        """Begin to end it, as Ctrl-C does."""
        self.stopped = True
        if self.goes_on:
            self._process.send_signal(signal.SIGINT if os.name != "nt" else signal.SIGTERM)

    def end(self) -> None:
        """Wait for its end."""
        self.ask_to_end()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Runs:
    """All of them, by the id of their project. From any thread."""

    def __init__(self, folder: Path, host: str, home: Home) -> None:
        self._folder, self._host, self._home = folder, host, home
        self._known: dict[str, Run] = {}
        self._turn = threading.Lock()

    def start(self, name: str, path: Path) -> None:
        """Start a project that does not run. Raises ProjectError when there are too many."""
        with self._turn:
            if name in self._known and self._known[name].goes_on:
                return
            count = sum(run.goes_on for run in self._known.values())
            if count >= MOST:
                raise ProjectError.of("XM966", count=count)
            self._known[name] = Run(path, self._folder, self._host, self._home)

    def stop(self, name: str) -> None:
        """End a run and wait until all its outputs are safe."""
        with self._turn:
            run = self._known.get(name)
        if run:
            run.end()

    def state(self, name: str) -> dict[str, Any]:
        """Return what a page shows of one."""
        run = self._known.get(name)
        return run.state() if run else {"state": ""}

    def going(self) -> dict[str, Path]:
        """Return the ids and paths of those that have not ended, wherever their files are now."""
        return {name: run.path for name, run in list(self._known.items()) if run.goes_on}

    def close(self) -> None:
        """End all."""
        with self._turn:
            for run in self._known.values():
                run.ask_to_end()
            for run in self._known.values():
                run.end()
