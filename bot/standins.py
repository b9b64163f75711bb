"""Empty stand-ins for what Rasa imports at the top of its files and we never use.

TensorFlow isn't installed at all: the environment is 0.6 GB instead of 2.5 GB. Of what is installed, the service
needs neither scikit-learn (training does) nor the clients of other channels and stores: without them the process
takes 109 MB less (144 instead of 253 MB after Rasa's imports) and starts 4 s sooner.
`install()` must run before the first `import rasa`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

NOT_INSTALLED = frozenset({"tensorflow", "keras", "tensorflow_hub", "tensorflow_text", "tensorflow_addons"})
NOT_SERVING = frozenset(
    {
        *("aio_pika", "aiogram", "aiormq", "bidict", "boto3", "botocore", "engineio", "fbmessenger", "gridfs"),
        *("matplotlib", "mattermostwrapper", "pamqp", "prompt_toolkit", "pymongo", "questionary", "requests"),
        *("rocketchat_API", "s3transfer", "sanic", "sanic_cors", "sanic_jwt", "sanic_routing", "sentry_sdk", "sklearn"),
        *("slack", "slack_sdk", "socketio", "twilio", "webexteamssdk"),
    }
)


class Standin(ModuleType):
    """A module, class, decorator and value in one: whatever Rasa's top level asks of TensorFlow."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__ = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (_Anything,), {})


class _AnythingMeta(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (_Anything,), {})


class _Anything(metaclass=_AnythingMeta):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def __call__(self, function: Any = None, *args: Any, **kwargs: Any) -> Any:
        return function


class StandinFinder:
    """A `sys.meta_path` finder that serves a `Standin` for every module below its roots."""

    def __init__(self, roots: frozenset[str]) -> None:
        self._roots = roots

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> ModuleSpec | None:
        return ModuleSpec(name, self, is_package=True) if name.partition(".")[0] in self._roots else None  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return Standin(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        pass


def install(*, serving: bool = False) -> None:
    """Serve the stand-ins from now on, with `serving` also for what only training and Rasa's own channels need.

    A second call does nothing.
    """
    if not any(isinstance(finder, StandinFinder) for finder in sys.meta_path):
        roots = NOT_INSTALLED | NOT_SERVING if serving else NOT_INSTALLED
        sys.meta_path.insert(0, StandinFinder(roots))
