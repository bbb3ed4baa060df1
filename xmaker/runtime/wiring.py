"""Lays the wires between workers, and works out from them how long each node's values last."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

from xmaker.nodes import Input, Output
from xmaker.rules.freshness import Freshness
from xmaker.runtime.mailbox import Mailbox, Policy
from xmaker.values import Frame, Sound

if TYPE_CHECKING:
    from xmaker.project import NodeSpec, Project
    from xmaker.runtime.worker import Worker

Workers = Mapping[str, "Worker"]


def goes_on(old: NodeSpec, new: NodeSpec) -> bool:
    """Whether a node can go on running: its wires may differ, they are laid anew, and `fresh` is the rules' business."""
    return dataclasses.replace(old, wires=(), fresh=None) == dataclasses.replace(new, wires=(), fresh=None)


def wire(workers: Workers) -> None:
    """Give every wire a mailbox. A wire between two nodes that were wired before keeps its own, with what is in it."""
    outbound: dict[str, list[Mailbox]] = {name: [] for name in workers}
    for worker in workers.values():
        old = dict(zip(map(id, worker.senders), worker.inbound, strict=True))
        senders = tuple(workers[name] for name in worker.spec.wires)
        inbound = tuple(_mailbox(old.get(id(sender)), _policy(sender, workers), worker) for sender in senders)
        for sender, box in zip(senders, inbound, strict=True):
            outbound[sender.name].append(box)
        worker.senders, worker.inbound = senders, inbound
        worker.signal.set()
    for name, worker in workers.items():
        worker.outbound = tuple(outbound[name])


def _mailbox(old: Mailbox | None, policy: Policy, reader: Worker) -> Mailbox:
    return old if old is not None and old.policy == policy else Mailbox(policy, reader.signal)


def _inputs(name: str, workers: Workers) -> list[Input]:
    """Return the inputs that a node's values come from; itself when it is one."""
    worker = workers[name]
    if isinstance(worker.node, Input):
        return [worker.node]
    return [source for sender in worker.spec.wires for source in _inputs(sender, workers)]


def _policy(sender: Worker, workers: Workers) -> Policy:
    if not all(source.paced for source in _inputs(sender.name, workers)):
        return "wait"
    return "newest" if sender.kind is Frame else "sound" if sender.kind is Sound else "queue"


def freshness(project: Project, workers: Workers) -> dict[str, Freshness]:
    """Return how long each node's values last: a model's as long as those of the slowest input that it works on."""
    found = {}
    for name, spec in project.nodes.items():
        if not issubclass(spec.type, Output):
            sources = _inputs(name, workers)
            periods = [source.period for source in sources if source.paced and source.period]
            period = max(periods) if periods and len(periods) == len(sources) else None
            found[name] = Freshness(spec.fresh, period, learns=not issubclass(spec.type, Input))
    return found
