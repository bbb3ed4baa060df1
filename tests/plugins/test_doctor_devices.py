"""The doctor's look at devices, on trees of files as the kernel makes them: /dev, /proc and /sys under another root."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from xmaker_doctor import cameras, outside, pins, sound
from xmaker_doctor.findings import Finding, Machine, forbidden, holder, runs

from xmaker import Board, Plugins

SIMULATOR = Board("simulator", "simulator", "simulator", simulated=True)
PI = Board("pi", "Raspberry Pi 5 Model B Rev 1.0", "gpiozero", i2c_bus=1)
NOBODY, VIDEO = 65534, 44

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the files are those of Linux")


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def root() -> Iterator[Path]:
    """Give a root that every user may enter; pytest's own folders are closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


Site = Callable[..., list[str]]


@pytest.fixture
def site(root: Path) -> Site:
    """Give a function that makes a folder with these libraries installed: name → version."""

    def make(**versions: str) -> list[str]:
        folder = root / "site"
        folder.mkdir()
        for name, version in versions.items():
            (folder / f"{name}.py").touch()
            info = folder / f"{name}-{version}.dist-info"
            info.mkdir()
            (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8")
        return [str(folder)]

    return make


def put(root: Path, path: str, text: str = "") -> Path:
    """Write a file of the tree."""
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def told(found: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.state, finding.code) for finding in found]


@contextmanager
def as_nobody() -> Iterator[None]:
    """Be a user who may do little."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    group, groups = os.getegid(), os.getgroups()
    os.setgroups([])
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
        os.setgroups(groups)


def test_a_device_of_a_group_that_the_user_is_not_in(root: Path) -> None:
    put(root, "etc/group", "root:x:0:\nvideo:x:44:somebody\n")
    put(root, "etc/passwd", f"nobody:x:{NOBODY}:{NOBODY}::/:/bin/sh\n")
    device, machine = put(root, "dev/video0"), Machine(PI, Plugins(), root=root)
    assert forbidden(machine, "camera", device, "video", "video4linux") is None
    device.chmod(0o660)
    with as_nobody():
        fault = forbidden(machine, "camera", device, "video", "video4linux")
        assert fault and fault.code == "XM874", "the group root helps nobody"
        assert 'SUBSYSTEM=="video4linux", GROUP="video"' in fault.fix
    os.chown(device, 0, VIDEO)
    with as_nobody():
        fault = forbidden(machine, "camera", device, "video", "video4linux")
        assert fault and fault.state == "broken"
        assert fault.what == "You may not use /dev/video0: it belongs to the group video."
        assert fault.fix == "sudo usermod -aG video $USER, then log in again"
    put(root, "etc/group", "video:x:44:somebody,nobody\n")
    with as_nobody():
        fault = forbidden(machine, "camera", device, "video", "video4linux")
        assert fault and fault.code == "XM873", "in the group already, but not since this login"


def test_who_holds_a_device(root: Path, tmp_path: Path) -> None:
    machine = Machine(PI, Plugins(), root=root)
    put(root, "proc/77/comm", "cheese\n")
    (root / "proc/77/fd").mkdir()
    (root / "proc/77/fd/5").symlink_to("/dev/video0")
    assert holder(machine, root / "dev/video0") == ("cheese", 77)
    assert holder(machine, root / "dev/video1") is None
    assert runs(machine, "cheese") and not runs(machine, "brltty")
    file = tmp_path / "device"
    file.touch()
    program = "import sys; file = open(sys.argv[1]); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", program, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        child.stdout.readline()
        found = holder(Machine(PI, Plugins()), file.resolve())
        child.communicate(b"\n")
    assert found and found[1] == child.pid and found[0].startswith("python")


def test_no_camera(root: Path) -> None:
    assert told(cameras.cameras(Machine(SIMULATOR, Plugins(), root=root))) == [("notice", "XM878")]


def test_cameras(root: Path) -> None:
    put(root, "proc/99/comm", "zoom\n")
    (root / "proc/99/fd").mkdir()
    (root / "proc/99/fd/3").symlink_to("/dev/video2")
    names = {
        "video0": "HD Webcam",
        "video1": "HD Webcam",
        "video2": "Other",
        "video10": "bcm2835-codec-decode",
        "video20": "pispbe",
    }
    for node, name in names.items():
        put(root, f"dev/{node}", "no camera at all")
        put(root, f"sys/class/video4linux/{node}/name", f"{name}\n")
        put(root, f"sys/class/video4linux/{node}/index", "1\n" if node == "video1" else "0\n")
    machine = Machine(PI, Plugins(), root=root)
    found = cameras.cameras(machine)
    assert told(found) == [("broken", "XM880"), ("notice", "XM879")], "a codec is no camera, and one camera has two devices"
    assert "/dev/video0 gives no picture" in found[0].what and found[0].fix
    assert "in use by zoom (process 99)" in found[1].what and "kill 99" in found[1].fix


def test_only_a_device_is_asked_for_a_picture(tmp_path: Path) -> None:
    import cv2
    import numpy as np

    video = cv2.VideoWriter(str(tmp_path / "a.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    video.write(np.zeros((48, 64, 3), np.uint8))
    video.release()
    assert cameras.picture(str(tmp_path / "a.avi")) == [], "only a device counts"
    assert cameras._words("/dev/video0", "HD Webcam", [640, 480, 0.84]) == "/dev/video0 (HD Webcam): 640×480, 0.8 s"


def test_the_ribbon_camera_needs_picamera2(root: Path, site: Site) -> None:
    put(root, "sys/class/video4linux/v4l-subdev0/name", "rp1-csi2\n")
    assert told(cameras.cameras(Machine(PI, Plugins(), root=root))) == [("notice", "XM878")]
    put(root, "sys/class/video4linux/v4l-subdev2/name", "imx219 10-0010\n")
    [finding] = cameras.cameras(Machine(PI, Plugins(), root=root, site=[]))
    assert (finding.code, finding.fix) == ("XM601", "sudo apt install python3-picamera2")
    [finding] = cameras.cameras(Machine(PI, Plugins(), root=root, site=site(picamera2="0.3.38")))
    assert finding.what == "ribbon-cable camera imx219: source: csi"


def test_pins_are_simulated_on_a_laptop(root: Path) -> None:
    for check in (pins.pins, pins.i2c):
        [finding] = check(Machine(SIMULATOR, Plugins(), root=root))
        assert finding.state == "fine" and finding.what.startswith("simulated")


def test_everything_that_pins_may_lack(root: Path) -> None:
    found = pins.pins(Machine(PI, Plugins(), root=root, site=[], python=(3, 13), arch="aarch64"))
    assert told(found) == [("broken", "XM875"), ("broken", "XM601"), ("broken", "XM876")]
    assert found[1].fix.endswith('pip install "xmaker[pi]"') and found[2].fix == "sudo apt install python3-lgpio"


@pytest.mark.parametrize(
    ("lgpio", "python", "fix"),
    [
        ("", (3, 11), "pip install 'lgpio>=0.2.2'"),
        ("0.0.0.2", (3, 12), "pip install 'lgpio>=0.2.2'"),
        ("", (3, 13), "sudo apt install python3-lgpio"),
        ("0.0.0.2", (3, 13), "pip uninstall -y lgpio && sudo apt install python3-lgpio"),
    ],
)
def test_lgpio(lgpio: str, python: tuple[int, int], fix: str, root: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.path.dirname(sys.executable))  # the venv is active
    put(root, "dev/gpiochip0")
    libraries = site(gpiozero="2.0.1", **({"lgpio": lgpio} if lgpio else {}))
    [finding] = pins.pins(Machine(PI, Plugins(), root=root, site=libraries, python=python, arch="aarch64"))
    assert (finding.state, finding.code, finding.fix) == ("broken", "XM876", fix)


def test_pins_that_gpiozero_cannot_open(root: Path, site: Site) -> None:
    if list(Path("/dev").glob("gpiochip*")):
        pytest.skip("here it can")
    put(root, "dev/gpiochip0")
    libraries = site(gpiozero="2.0.1", lgpio="0.2.2.0")
    [finding] = pins.pins(Machine(PI, Plugins(), root=root, site=libraries))
    assert (finding.state, finding.code) == ("broken", "XM871")
    assert "gpiozero cannot be used: " in finding.what and finding.fix


def test_a_pi_4_does_with_rpi_gpio(root: Path, site: Site) -> None:
    put(root, "dev/gpiochip0")
    libraries = site(gpiozero="2.0.1", RPi="0.7.1")
    old = Board("pi", "Raspberry Pi 4 Model B Rev 1.5", "gpiozero", i2c_bus=1)
    assert pins._faults(Machine(old, Plugins(), root=root, site=libraries)) == []
    assert told(pins._faults(Machine(PI, Plugins(), root=root, site=libraries))) == [("broken", "XM876")]


def test_nobody_is_told_to_install_pinpong_on_an_m10(root: Path, site: Site) -> None:
    put(root, "opt/unihiker/Version", "0.4.5")
    put(root, "dev/ttyUSB0")
    board = Board("unihiker", "UNIHIKER M10", "pinpong", i2c_bus=4)
    machine = Machine(board, Plugins(), root=root, site=[])
    [finding] = pins.pins(machine)
    assert finding.code == "XM886"
    assert "image 0.4.5" in finding.fix and "pip install" not in finding.fix
    assert told(outside.serial(machine)) == [("fine", "")]
    assert told(pins.pins(Machine(board, Plugins(), root=root, site=site(pinpong="0.6.2")))) == [("fine", "")]


def test_i2c(root: Path, site: Site) -> None:
    machine = Machine(PI, Plugins(), root=root, site=site(smbus2="0.6.1"))
    [finding] = pins.i2c(machine)
    assert (finding.state, finding.code) == ("notice", "XM877")
    assert finding.what == "There is no /dev/i2c-1: I2C is switched off."
    assert "sudo raspi-config nonint do_i2c 0" in finding.fix
    put(root, "dev/i2c-1")
    assert told(pins.i2c(machine)) == [("fine", "")]
    [finding] = pins.i2c(Machine(PI, Plugins(), root=root, site=[]))
    assert finding.fix.endswith("pip install smbus2")
    os.chmod(root / "dev/i2c-1", stat.S_IRUSR | stat.S_IWUSR)
    with as_nobody():
        [finding] = pins.i2c(machine)
        assert finding.code == "XM874" and "usermod -aG i2c $USER" in finding.fix


def test_serial_boards(root: Path, site: Site) -> None:
    machine = Machine(SIMULATOR, Plugins(), root=root, site=site(pinpong="0.6.2"))
    assert [finding.what for finding in outside.serial(machine)] == ["none connected"]
    usb = root / "sys/devices/usb1/1-1"
    put(root, "sys/devices/usb1/1-1/product", "USB Serial\n")
    (usb / "1-1:1.0/ttyUSB0").mkdir(parents=True)
    (root / "sys/class/tty/ttyUSB0").mkdir(parents=True)
    (root / "sys/class/tty/ttyUSB0/device").symlink_to(usb / "1-1:1.0/ttyUSB0")
    put(root, "dev/ttyUSB0")
    put(root, "dev/ttyACM1")
    put(root, "proc/12/comm", "thonny\n")
    (root / "proc/12/fd").mkdir()
    (root / "proc/12/fd/9").symlink_to("/dev/ttyACM1")
    found = outside.serial(machine)
    assert told(found) == [("notice", "XM879"), ("fine", "")]
    assert "thonny" in found[0].what and found[1].what == "/dev/ttyUSB0 (USB Serial)"
    without = outside.serial(Machine(SIMULATOR, Plugins(), root=root, site=[]))
    assert without[-1].code == "XM601" and 'pip install "xmaker[pinpong]"' in without[-1].fix


def test_a_board_that_brltty_took(root: Path) -> None:
    put(root, "sys/bus/usb/devices/1-1/idVendor", "1a86\n")
    machine = Machine(SIMULATOR, Plugins(), root=root)
    assert told(outside.serial(machine)) == [("fine", "")]
    put(root, "proc/5/comm", "brltty\n")
    [finding] = outside.serial(machine)
    assert finding.code == "XM897" and finding.fix.startswith("sudo apt remove brltty")


def test_sound(root: Path, site: Site) -> None:
    machine = Machine(PI, Plugins(), root=root, site=[])
    found = sound.sound(machine)
    assert told(found) == [("notice", "XM601"), ("notice", "XM882")]
    assert 'pip install "xmaker[audio]"' in found[0].fix and "libportaudio2" in found[0].fix
    put(root, "dev/snd/pcmC0D0p")
    assert [finding.what for finding in sound.sound(machine)][1] == "/dev/snd/pcmC0D0p"
    os.chmod(root / "dev/snd/pcmC0D0p", stat.S_IRUSR | stat.S_IWUSR)
    with as_nobody():
        [fault] = sound.sound(machine)
        assert "usermod -aG audio $USER" in fault.fix


def test_a_sound_library_that_fails_is_told(root: Path, site: Site) -> None:
    """Here none is installed, so the child fails to import it, as it does without PortAudio."""
    found = sound.sound(Machine(PI, Plugins(), root=root, site=site(pyaudio="0.2.14")))
    if found[0].code == "XM871":
        assert "pyaudio" in found[0].what and found[0].fix == "sudo apt install libportaudio2"
    assert found[0].thing == "microphone" and found[1].thing == "speaker"
