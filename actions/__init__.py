"""What the assistant does: one file a capability, thin rasa_sdk actions over plain functions."""

from actions.registry import all_actions
from actions.services import Services

__all__ = ["Services", "all_actions"]
