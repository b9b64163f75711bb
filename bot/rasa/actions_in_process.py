"""Actions run here, in the turn's own task: no action server, no HTTP, no copy of the domain."""

from __future__ import annotations

import json as json_module
from collections.abc import Iterable
from typing import Any

from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection


def trust_results() -> None:
    """Don't check each action's result against a JSON schema: it is ours, not a server's (that took 20 of 22 ms)."""
    RemoteAction._validate_action_result = lambda self, result: True


class InProcessActions(EndpointConfig):
    """What Rasa takes for the action server's address."""

    def __init__(self, actions: Iterable[Action]) -> None:
        super().__init__("in-process", enable_selective_domain=True)
        trust_results()
        self._executor = ActionExecutor()
        for action in actions:
            self._executor.register_action(action)

    @property
    def names(self) -> set[str]:
        """The names of the actions that can be run."""
        return set(self._executor.actions)

    async def request(self, *, json: dict[str, Any], **_: Any) -> Any:
        """Run the action that Rasa asks for. A rejection becomes the 400 that Rasa expects of a server."""
        try:
            return await self._executor.run(json)
        except ActionExecutionRejection as rejection:
            body = {"error": str(rejection), "action_name": rejection.action_name}
            raise ClientResponseError(400, "rejected", json_module.dumps(body)) from rejection
