"""A camera that is pulled out and plugged in again: Linux's own virtual camera (vivid) on the Raspberry Pi in QEMU."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .raspberry_pi import RaspberryPi

pytestmark = pytest.mark.slow

DRIVER = "/sys/bus/platform/drivers/vivid"
LOOK = """
import cv2
picture = cv2.imread("/root/camera.jpg")
print(picture.shape[:2], [(picture[440, 40 + 80 * bar] > 100).astype(int).tolist() for bar in range(8)])
"""
BARS = "[1, 1, 1], [0, 1, 1], [1, 1, 0], [0, 1, 0], [1, 0, 1], [0, 0, 1], [1, 0, 0], [0, 0, 0]"
"""Blue, green and red in the bars that the camera shows: white, yellow, cyan, green, magenta, red, blue, black."""


def plug(pi: RaspberryPi, how: str) -> None:
    """Bind the camera to its driver, or unbind it: what Linux does when a USB camera is plugged in or pulled out."""
    assert pi.run(f"echo vivid.0 >{DRIVER}/{how}").code == 0


@pytest.fixture
def eye(pi: RaspberryPi) -> Iterator[str]:
    """Give the command that runs a project with a camera."""
    text = """
inputs: {eye: {use: camera}, tick: {use: timer, every: 1 s}}
outputs: {photo: {use: snapshot, from: eye}}
rules: [{each: tick, then: [photo.save("now")]}]
"""
    pi.write("/root/eye/project.yaml", text)
    yield "xmaker run eye"
    if pi.run("ls /dev/video0").code != 0:
        plug(pi, "bind")


def test_the_doctor_takes_a_picture(pi: RaspberryPi) -> None:
    code, said = pi.run("rm -f camera.jpg; xmaker doctor camera")
    assert code == 0 and "camera.jpg" in said, said
    pi.write("/root/look.py", LOOK)
    assert pi.run("/opt/xmaker/bin/python3 look.py").output == f"(480, 640) [{BARS}]\n"


def test_a_camera_that_is_pulled_out_is_told_once_and_comes_back_by_itself(pi: RaspberryPi, eye: str) -> None:
    with pi.running(eye) as run:
        run.wait_for("photo  save now")
        plug(pi, "unbind")
        assert pi.run("ls /dev/video0").code != 0
        run.wait_for("error XM802: The camera 0 stopped giving pictures.")
        pi.run("sleep 20")  # while it is tried again and again
        plug(pi, "bind")
        run.wait_for("eye is back.")
        said = run.output().count("photo  save now")
        run.wait_for("photo  save now", said + 2)
    assert run.output().count("error") == 1, run.output()
    assert run.output().count("is back") == 1


def test_two_projects_on_one_camera_are_told_so(pi: RaspberryPi, eye: str) -> None:
    with pi.running(eye) as first:
        first.wait_for("photo  save now")
        with pi.running(eye) as second:
            second.wait_for("error XM807: Another XMaker project is using the camera 0.")
            assert "is in use by python3 (process" in pi.run("xmaker doctor").output
            first.stop()
            second.wait_for("eye is back.")
    assert "error" not in first.output()
    assert second.output().count("error") == 1, second.output()
