"""Runs Rasa's graph node by node.

Rasa gives the graph to dask anew for every run, and prints the whole tracker into a debug line that nobody sees; that
takes longer than our four components do.
"""

from __future__ import annotations

from functools import cache
from graphlib import TopologicalSorter
from typing import Any

from rasa.engine.runner.dask import DaskGraphRunner


class PlainGraphRunner:
    """Takes the place of a `DaskGraphRunner`, with its loaded nodes; the order for a target is worked out once."""

    def __init__(self, loaded: DaskGraphRunner) -> None:
        self._schema = loaded._graph_schema
        self._nodes = loaded._instantiated_nodes
        self._steps = cache(self._steps_to)

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """See GraphRunner: the outputs of the targets, by name."""
        wanted = tuple(targets or self._schema.target_names)
        outputs = dict(inputs or {})
        for name, needs in self._steps(wanted):
            outputs[name] = self._nodes[name](*((need, outputs[need]) for need in needs))[1]
        return {target: outputs[target] for target in wanted}

    def _steps_to(self, targets: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
        """The nodes that the targets need, each after those that it needs itself."""
        nodes = self._schema.minimal_graph_schema(list(targets)).nodes
        needs = {name: tuple(node.needs.values()) for name, node in nodes.items()}
        return [(name, needs[name]) for name in TopologicalSorter(needs).static_order() if name in needs]
