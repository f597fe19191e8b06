"""What the tests of loops share."""

import pytest

from ntb.compiled import disk


@pytest.fixture
def at_once(monkeypatch, tmp_path_factory):
    """Loops are compiled in the second call of a program, and kept in a folder of the tests."""
    monkeypatch.setenv("NTB_COMPILE", "now")
    monkeypatch.setenv("NTB_CACHE", str(tmp_path_factory.getbasetemp() / "loops"))
    disk.folder.cache_clear()
    yield
    disk.folder.cache_clear()
