"""Runs small projects that move one part, or take what one input gives."""

from __future__ import annotations

from typing import Any

import click

from xmaker import Pin, Plugins, Project, ProjectError, XMakerError
from xmaker.cli.app import DONE, INTERRUPTED, PROJECTS_FAULT
from xmaker.cli.plain import PlainLines
from xmaker.errors import message

SECONDS = 5.0
ACTIONS = {"led": (0.5, "led.toggle"), "servo": (1.0, "servo.angle(timer.count % 2 * 60 + 60)")}
"""Part → how often it moves, and how."""


def make(plugins: Plugins, use: str, **options: Any) -> Any:
    """Return a node of a type that some plugin offers. Raises XMakerError when none does."""
    if use not in plugins.nodes:
        raise XMakerError.of("XM890", use=use)
    return plugins.nodes[use](**options)


def part_project(plugins: Plugins, use: str, pin: str, driver: str = "") -> Project:
    """Return the project that moves a part on a pin."""
    every, action = ACTIONS[use]
    try:
        found = Pin.parse(pin)
    except ValueError as error:
        raise ProjectError.of("XM208", option="pin", node=use, expected=error, value=pin) from None
    project = Project("doctor", plugins=plugins).add(make(plugins, "timer", every=every), name="timer")
    project.add(make(plugins, use, pin=found), name=use, driver=driver)
    return project.rule(each="timer", then=[action])


def try_part(use: str, pin: str, driver: str) -> int:
    """Move a part for a few seconds; however that ends, it is left safe. Return the exit code."""
    plugins = Plugins.load()
    project = part_project(plugins, use, pin, driver)
    click.echo(message("XM895", "what", part=use, pin=pin, seconds=f"{SECONDS:g}"))
    front = PlainLines(project)
    project.check()
    stopped = front.play(SECONDS)
    return INTERRUPTED if stopped else PROJECTS_FAULT if front.reported else DONE
