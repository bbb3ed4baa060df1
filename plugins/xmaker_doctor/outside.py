"""Checks of what is around the computer: a screen for windows, and boards on USB."""

from __future__ import annotations

from pathlib import Path

from xmaker_pinpong import INSTALL

from xmaker_doctor.children import ChildError, call
from xmaker_doctor.findings import Finding, Machine, broken, fine, forbidden, holder, notice, phrase, runs

SECONDS = 5.0
USB_CHIPS = ("1a86", "10c4", "0403")
"""USB makers of serial chips that brltty takes for Braille displays: WCH, Silicon Labs, FTDI."""


def screen(machine: Machine) -> list[Finding]:
    names = [name for name in ("DISPLAY", "WAYLAND_DISPLAY") if machine.environment.get(name)]
    if machine.linux and not names:
        return [notice("screen", "XM884")]
    if not machine.has("_tkinter"):
        return [notice("screen", "XM601", library="tkinter", command="sudo apt install python3-tk")]
    display = " ".join(f"{name}={machine.environment[name]}" for name in names)
    try:
        size = call("outside", "window", seconds=SECONDS)
    except ChildError as error:
        return [broken("screen", "XM885", display=display or "?", reason=error)]
    return [fine("screen", f"{size} {display}".strip())]


def window() -> str:
    """Ask for the screen's size as a window would."""
    import tkinter

    made = tkinter.Tk()
    made.withdraw()
    size = f"{made.winfo_screenwidth()}×{made.winfo_screenheight()}"
    made.destroy()
    return size


def serial(machine: Machine) -> list[Finding]:
    ports = machine.devices("ttyUSB[0-9]*", "ttyACM[0-9]*")
    if not ports:
        makers = machine.texts("sys/bus/usb/devices/*/idVendor")
        taken = any(maker in USB_CHIPS for maker in makers) and runs(machine, "brltty")
        return [broken("serial", "XM897") if taken else fine("serial", phrase("XM865", 1))]
    found = [_port(machine, port) for port in ports]
    if not machine.has("pinpong") and not machine.is_m10:
        found.append(notice("serial", "XM601", library="pinpong", command=INSTALL))
    return found


def _port(machine: Machine, port: Path) -> Finding:
    device = machine.shown(port)
    if fault := forbidden(machine, "serial", port, "dialout", "tty"):
        return fault
    if user := holder(machine, port):
        return notice("serial", "XM879", device=device, program=user[0], pid=user[1])
    return fine("serial", " ".join([device, _product(machine, port)]).strip())


def _product(machine: Machine, port: Path) -> str:
    """Return what the board calls itself; the words lie a few folders above its port."""
    folder = (machine.root / f"sys/class/tty/{port.name}/device").resolve()
    places = [folder, *folder.parents][:4]
    return next((f"({name})" for place in places if (name := machine.text(str(place / "product")))), "")
