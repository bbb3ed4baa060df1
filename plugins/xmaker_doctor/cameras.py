"""Checks of cameras: each is tried for a picture, in a process of its own."""

from __future__ import annotations

import os
import re
import struct
import time
from pathlib import Path

from xmaker_doctor.children import call
from xmaker_doctor.findings import Finding, Machine, broken, fine, forbidden, holder, notice, phrase

NO_CAMERAS = ("bcm2835-", "rpi-", "pispbe", "rp1-cfe", "unicam")
"""Video devices of a Raspberry Pi that are parts of its chip; the ribbon-cable camera is found by its sensor."""
SENSORS = re.compile(r"(imx|ov)\d+\w*")
QUERYCAP, CAPTURES = 0x80685600, 0x1
"""VIDIOC_QUERYCAP and V4L2_CAP_VIDEO_CAPTURE of the kernel's videodev2.h."""
SECONDS = 8.0
"""How long the first picture may take: a USB camera on a slow board needs three."""


def cameras(machine: Machine) -> list[Finding]:
    found = _ribbon(machine)
    if machine.linux:
        devices = [path for path in machine.devices("video[0-9]*") if _may_be_camera(machine, path)]
        found += [finding for path in devices if (finding := _look(machine, path))]
    elif picture := call("cameras", "picture", 0, seconds=SECONDS):
        found.append(fine("camera", _words("0", "", picture)))
    return found or [notice("camera", "XM878")]


def _ribbon(machine: Machine) -> list[Finding]:
    """Look for a Raspberry Pi's own camera: its sensor has a name in /sys, picked up when the Pi starts."""
    names = machine.texts("sys/class/video4linux/v4l-subdev*/name")
    sensor = next((found[0] for name in names if (found := SENSORS.match(name))), "")
    if not sensor:
        return []
    if not machine.has("picamera2"):
        return [broken("camera", "XM601", library="picamera2", command="sudo apt install python3-picamera2")]
    return [fine("camera", phrase("XM865", 3, sensor=sensor))]


def _may_be_camera(machine: Machine, path: Path) -> bool:
    """Leave out codecs, and the second device of a USB camera, which carries no pictures."""
    described = f"sys/class/video4linux/{path.name}"
    return machine.text(f"{described}/index") in ("", "0") and not machine.text(f"{described}/name").startswith(NO_CAMERAS)


def _look(machine: Machine, path: Path) -> Finding | None:
    device, name = machine.shown(path), machine.text(f"sys/class/video4linux/{path.name}/name")
    if fault := forbidden(machine, "camera", path, "video", "video4linux"):
        return fault
    if not _captures(path):
        return None
    if user := holder(machine, path):
        return notice("camera", "XM879", device=device, program=user[0], pid=user[1])
    picture = call("cameras", "picture", str(path), seconds=SECONDS)
    return fine("camera", _words(device, name, picture)) if picture else broken("camera", "XM880", device=device)


def _words(device: str, name: str, picture: list[float]) -> str:
    width, height, seconds = picture
    return f"{device}{f' ({name})' if name else ''}: {width:.0f}×{height:.0f}, {seconds:.1f} s"


def _captures(path: Path) -> bool:
    """Ask the device itself; one that cannot say may be tried."""
    import fcntl

    try:
        file = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return True
    try:
        answer = fcntl.ioctl(file, QUERYCAP, bytes(104))
        whole, own = struct.unpack_from("II", answer, 84)  # capabilities of the camera, and of this device of it
        return bool((own or whole) & CAPTURES)
    except OSError:
        return True
    finally:
        os.close(file)


def picture(source: str | int) -> list[float]:
    """Take a picture; return its width, height and how long it took, or nothing."""
    import cv2

    begin = time.monotonic()
    capture = cv2.VideoCapture(source, cv2.CAP_V4L2 if isinstance(source, str) else cv2.CAP_ANY)
    image = capture.read()[1] if capture.isOpened() else None
    capture.release()
    return [] if image is None else [image.shape[1], image.shape[0], time.monotonic() - begin]
