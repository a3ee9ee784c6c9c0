"""What every test may ask for."""

import os

import pytest

from tests.prompt import prompt  # noqa: F401
from tests.wordpress.fixtures import *  # noqa: F403

os.environ.pop("BLOGCORPUS_DB", None)


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test reads the configuration of whoever runs it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "no-config"))
    for name in list(os.environ):
        if name.startswith("BLOGCORPUS_") and name != "BLOGCORPUS_SOAK":
            monkeypatch.delenv(name)
