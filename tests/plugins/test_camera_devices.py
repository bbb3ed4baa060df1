"""The camera live: streams that stall and die, cameras that are not there. OpenCV itself runs; nothing is mocked."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from xmaker_camera import Camera
from xmaker_camera.devices import Device

from xmaker import DeviceError, Plugins, Project, Runtime, XMakerError
from xmaker.runtime import worker
from xmaker.testing import wait_until

Watch = Callable[..., tuple[Runtime, Any]]


@pytest.fixture
def watch(tmp_path: Path, broadcast: Any, film: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    """Give a function that runs a camera on the broadcast; a lost one is opened again sooner than in real life."""
    monkeypatch.setattr(worker, "BACK_OFF", (0.05,))
    runs: list[Runtime] = []

    def watch(**options: Any) -> tuple[Runtime, Any]:
        camera = Camera(source=f"http://127.0.0.1:{broadcast.port}/", timeout=0.3, **options)
        project = Project("test", folder=tmp_path, plugins=Plugins()).add(camera, name="camera")
        project.plugins.manager.register(film)
        runs.append(Runtime(project.plugins))
        runs[-1].apply(project)
        return runs[-1], film

    yield watch
    for runtime in runs:
        runtime.stop()


def test_a_stream_is_drained_so_that_its_frames_are_never_stale(watch: Watch, broadcast: Any) -> None:
    _, film = watch()
    wait_until(lambda: len(film.frames) > 20)
    broadcast.grey = 200
    sent = len(film.frames)
    wait_until(lambda: film.greys[-1] > 190)
    assert len(film.frames) - sent < 15


def test_fps_thins_out_a_stream(watch: Watch) -> None:
    _, film = watch(fps=10.0)
    wait_until(lambda: len(film.frames) > 4)
    times = [event.time for event in film.frames]
    assert times[4] - times[0] > 0.3


def test_a_stream_that_falls_silent_is_opened_again(watch: Watch, broadcast: Any) -> None:
    _, film = watch()
    wait_until(lambda: len(film.frames) > 3)
    broadcast.silent.set()
    wait_until(lambda: film.errors == ["XM849"])
    broadcast.silent.clear()
    seen = len(film.frames)
    wait_until(lambda: len(film.frames) > seen + 3)
    assert film.notices == ["XM503"]


def test_a_stream_whose_server_dies_comes_back_with_it(watch: Watch, broadcast: Any) -> None:
    runtime, film = watch()
    wait_until(lambda: len(film.frames) > 3)
    broadcast.stop()
    wait_until(lambda: runtime.stats()[0].errors > 1)
    broadcast.start(broadcast.port)
    seen = len(film.frames)
    wait_until(lambda: len(film.frames) > seen + 3)
    assert film.notices == ["XM503"]
    assert film.errors == ["XM849"], "that it cannot be opened either is no news"


def test_a_camera_that_was_there_is_waited_for_and_no_fallback_takes_its_place(
    watch: Watch, broadcast: Any, tmp_path: Path, picture: Any
) -> None:
    picture(tmp_path / "media" / "cat.jpg")
    runtime, film = watch(fallback="media")
    wait_until(lambda: len(film.frames) > 3)
    broadcast.stop()
    wait_until(lambda: runtime.stats()[0].errors > 1)
    broadcast.start(broadcast.port)
    wait_until(lambda: film.notices == ["XM503"])
    assert set(film.sources) == {""}


def test_a_camera_that_cannot_be_reached_is_told_of_without_its_password(tmp_path: Path, play: Any) -> None:
    (said,) = play(tmp_path, 0.3, source="http://anna:secret@127.0.0.1:9/video").said
    assert said.startswith("error XM809: The camera http://127.0.0.1:9/video cannot be reached.")
    assert "secret" not in said


def test_a_camera_on_the_network_is_waited_for_though_there_is_a_fallback(tmp_path: Path, picture: Any, play: Any) -> None:
    picture(tmp_path / "media" / "cat.jpg")
    film = play(tmp_path, 0.3, source="http://127.0.0.1:9/video", fallback="media")
    assert (film.errors, film.frames) == (["XM809"], [])


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere cameras have no path")
def test_a_camera_by_its_path(tmp_path: Path, play: Any) -> None:
    assert play(tmp_path, 0.1, source="/dev/no-camera").errors == ["XM801"]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere cameras have no path")
def test_two_projects_on_one_camera_are_told_so(tmp_path: Path, picture: Any, play: Any) -> None:
    import fcntl

    picture(tmp_path / "media" / "cat.jpg")
    with tempfile.NamedTemporaryFile(dir="/dev/shm") as device:
        fcntl.flock(device, fcntl.LOCK_EX)  # as the other project does
        film = play(tmp_path, 0.1, source=device.name, fallback="media")
        assert film.errors == ["XM807"]
        assert not film.frames
        fcntl.flock(device, fcntl.LOCK_UN)
        assert play(tmp_path, 0.1, source=device.name).errors == ["XM801"]  # free now, though it is no camera


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere cameras have no path")
def test_a_camera_that_one_may_not_use_says_which_group_may() -> None:
    with tempfile.NamedTemporaryFile(dir="/dev/shm") as device:
        Path(device.name).chmod(0)
        user = os.geteuid()
        try:
            if user == 0:
                os.seteuid(65534)  # root may do everything
            with pytest.raises(DeviceError) as raised:
                Device(device.name, None, None, None).open()
        finally:
            os.seteuid(user)
    assert raised.value.code == "XM872" and "usermod -aG video" in raised.value.show("en")


def test_without_picamera2_a_csi_camera_says_what_to_install(tmp_path: Path, play: Any) -> None:
    with pytest.raises(XMakerError) as raised:
        play(tmp_path, 0.1, source="csi")
    assert raised.value.code == "XM601"
    assert "python3-picamera2" in raised.value.show("en")
