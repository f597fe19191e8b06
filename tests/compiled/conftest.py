"""What the tests of loops share."""

import pytest

from ntb.compiled import disk


@pytest.fixture
def at_once(monkeypatch, folder_of_loops):
    """Loops are compiled in the second call of a program, and kept in a folder of the tests."""
    monkeypatch.setenv("NTB_COMPILE", "now")
    monkeypatch.setenv("NTB_CACHE", str(folder_of_loops))
    disk.folder.cache_clear()
    yield
    disk.folder.cache_clear()


@pytest.fixture(scope="session")
def folder_of_loops(request, tmp_path_factory):
    """The folder for loops, which the processes of a run of the tests have in common: to compile is slow."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if hasattr(request.config, "workerinput") else base) / "loops"
