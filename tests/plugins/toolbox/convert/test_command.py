"""The command as a user meets it: without PyTorch, with Ctrl-C, and without room on the disk."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from .networks import write_net

PROGRAM = """
import importlib, pathlib, sys, time
sys.path.insert(0, {root!r})
for missing in {missing!r}:
    sys.modules[missing] = None
from xmaker_toolbox.convert import compare, sources
usual = sources._module
sources.READERS[".net"] = "networks"
sources._module = lambda name: importlib.import_module(name) if name == "networks" else usual(name)
if {wait}:
    compare.tensors = lambda *given: (pathlib.Path("waiting").touch(), time.sleep({wait}))
from xmaker.cli import main
main()
"""


def start(
    folder: Path, *arguments: object, missing: tuple[str, ...] = (), wait: float = 0, **more: Any
) -> subprocess.Popen[str]:
    root = str(Path(__file__).parent)
    program = PROGRAM.format(root=root, missing=missing, wait=wait)
    command = [sys.executable, "-c", program, "model", "convert", *map(str, arguments)]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, text=True, cwd=folder, env=os.environ | {"LC_ALL": "C.UTF-8"}, **pipes, **more)


def test_a_missing_library_is_named_with_its_command(tmp_path: Path) -> None:
    (tmp_path / "cats.pth").write_bytes(b"PK")
    with start(tmp_path, "cats.pth", "cats.onnx", missing=("torch",)) as child:
        _, err = child.communicate(timeout=60)
    assert child.returncode == 1
    assert "XM601" in err and "The library torch is missing" in err and "xmaker[convert]" in err
    assert "Traceback" not in err


def test_ctrl_c_leaves_nothing_behind(tmp_path: Path) -> None:
    write_net(tmp_path / "colours.net", labels=["red", "green", "blue"])
    with start(tmp_path, "colours.net", "colours.onnx", wait=20) as child:
        while not (tmp_path / "waiting").exists() and child.poll() is None:
            time.sleep(0.01)
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=20)
    assert child.returncode == 130, err
    assert err.split() == ["Stopped."]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["colours.net", "waiting"]


def test_no_room_on_the_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    write_net(tmp_path / "colours.net", labels=["red", "green", "blue"])
    (tmp_path / "tmp").mkdir()
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))  # noqa: E731
    with start(tmp_path, "colours.net", "colours.onnx", preexec_fn=limit) as child:
        _, err = child.communicate(timeout=60)
    assert child.returncode == 1
    assert "Traceback" not in err
    assert "XM" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["colours.net", "tmp"]
