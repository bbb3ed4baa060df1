"""A USB camera that is pulled out, and two projects that want it: the kernel's own test camera, in a virtual machine.

It needs `apt install qemu-system-x86 busybox-static cpio kmod linux-image-amd64`; a kernel's package that is only unpacked
will do, too: XMAKER_KERNEL says where.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.faults.conftest import XMAKER, Child

pytestmark = pytest.mark.slow

KERNEL = Path(os.environ.get("XMAKER_KERNEL", "/"))
PROJECT = """
inputs: {camera: {}}
outputs: {lamp: {use: led, pin: 1, driver: files}, screen: {from: camera}}
rules: [{when: camera.width > 1, then: [lamp.on], else: [lamp.off]}]
"""
UNBIND, BIND = (f"echo vivid.0 > /sys/bus/platform/drivers/vivid/{word}" for word in ("unbind", "bind"))
BOOT_SECONDS = 90.0


class InVm(Child):
    """A project in the machine, whose serial line is a shell. It runs without acceleration: slowly, but anywhere."""

    qemu: tuple[str, ...]

    def _start(self, command: list[str]) -> None:
        keys, self._keyboard = os.pipe()
        self._listen(self.qemu, keys, subprocess.DEVNULL)
        os.close(keys)
        self.wait("the machine is up", seconds=BOOT_SECONDS)
        self.type(f"{' '.join(command)} & first=$!")

    def type(self, line: str) -> None:
        os.write(self._keyboard, f"{line}\n".encode())

    def kill(self) -> None:
        super().kill()
        os.close(self._keyboard)


@pytest.fixture(scope="module")
def in_vm(tmp_path_factory: pytest.TempPathFactory) -> type[InVm]:
    """Build the first file system of the machine."""
    tools = [tool for tool in ("qemu-system-x86_64", "busybox", "cpio", "modprobe") if not shutil.which(tool)]
    images = sorted(KERNEL.glob("boot/vmlinuz-*-amd64"))
    if tools or not images or platform.machine() != "x86_64":
        pytest.skip(f"needs {', '.join(tools) or 'linux-image-amd64'}")
    folder = tmp_path_factory.mktemp("vm")
    for name in ("bin", "modules", "proc", "dev", "host", "changes", "root"):
        (folder / name).mkdir()
    shutil.copy(str(shutil.which("busybox")), folder / "bin")
    shutil.copy(Path(__file__).with_name("vm_init.sh"), folder / "init")
    (folder / "init").chmod(0o755)
    modules = modules_of(images[-1].name.removeprefix("vmlinuz-"))
    for module in modules:
        shutil.copy(module, folder / "modules")
    (folder / "modules" / "order").write_text("\n".join(Path(module).name for module in modules))
    image = folder.with_suffix(".img")
    with image.open("wb") as file:
        files = "\n".join(str(path.relative_to(folder)) for path in sorted(folder.rglob("*")))
        command = ["cpio", "--quiet", "-o", "-H", "newc"]
        subprocess.run(command, cwd=folder, input=files.encode(), stdout=file, check=True)
    options = "-accel tcg,thread=multi -cpu max -m 1536 -smp 2 -nographic -no-reboot"
    files = "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap"
    kernel = ("-kernel", str(images[-1]), "-initrd", str(image), "-append", "console=ttyS0 quiet panic=-1")
    InVm.qemu = ("qemu-system-x86_64", *options.split(), *kernel, "-virtfs", files)
    return InVm


def modules_of(version: str) -> list[str]:
    """Return the files of the modules that the machine needs, in the order of their loading."""
    if not (KERNEL / "lib/modules" / version / "modules.dep").exists():
        subprocess.run(["depmod", "-b", str(KERNEL), version], check=True)
    found: list[str] = []
    for module in ("virtio_pci", "9pnet_virtio", "9p", "overlay", "vivid"):
        command = ["modprobe", "-d", str(KERNEL), "-S", version, "--show-depends", module]
        shown = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
        found += [line.split()[1] for line in shown.splitlines() if line.startswith("insmod")]
    return list(dict.fromkeys(found))


def test_a_usb_camera_is_pulled_out_and_two_projects_want_it(run: Any, row: Any, in_vm: type[InVm]) -> None:
    """A USB camera is unplugged for 5 s; a second project that wants it meanwhile is told so"""
    child = run(PROJECT, kind=in_vm)
    child.wait("lamp", "on", seconds=BOOT_SECONDS)
    child.now()
    child.type(f"cp -r {child.folder} /tmp/second; {XMAKER} run /tmp/second --for 2s; echo the second has ended")
    child.wait("error XM807: Another XMaker project is using the camera 0.")
    child.wait("the second has ended")
    assert child.said("lamp", "off") == []
    child.now()
    child.type(UNBIND)
    told = child.wait("error XM802: The camera 0 stopped giving pictures.")
    child.wait("lamp", "off")
    time.sleep(max(0.0, 5.0 - told))
    child.now()
    child.type(BIND)
    back = child.wait("camera is back.", seconds=40)
    child.wait("lamp", "on")
    begun = time.monotonic()
    child.type("kill $first; wait $first; echo exit code $?; tail -n 2 " + str(child.folder / "pin1"))
    row.code, row.stop = "130", f"{child.wait('exit code 130') + child.since - begun:.2f} s"
    child.wait("freed")
    assert [line for _, line in child.lines[-2:]] == ["0", "freed"]
    ours = ("exit code", "the second", "0", "freed")
    row.sees = [line for when, line in child.lines if when >= child.fault and not line.startswith(ours)]
    row.recovers = f"yes; told after {told:.1f} s, back {back:.1f} s after its return (a slow, emulated computer)"
    row.outputs = "`else` puts the lamp out, `then` on again; left off"
