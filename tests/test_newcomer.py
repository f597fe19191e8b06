"""The newcomer's path: the pages of Start are followed word for word, in an environment and a folder of their own.

Install, a first model on own data, the two styles, save, go on after a power cut, export, one backward pass. What the
pages say is run in order, commands too, and has to print what they say.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path

import pytest

import ntb
from tests.fences import run, shell

ROOT = Path(ntb.__file__).parent.parent
START = ROOT / "docs" / "start"
AFTER_INSTALL = ["first_model", "styles", "saving", "backward"]
FOLLOW = """
import runpy, sys
from pathlib import Path

follow = runpy.run_path(sys.argv[1])
for page in sys.argv[2:]:
    text = Path(page).read_text(encoding="utf-8")
    print(Path(page).name, follow["run"](text, Path.cwd(), apart=0.03, shell=follow["shell"]))

import ntb

print(ntb.__file__)
"""
"""The session of Python that a newcomer opens, who follows pages in it."""


WITHOUT_NETWORK = {
    "python -m venv .venv": "python -m venv --without-pip .venv",
    "python -m pip install .": "python -m pip install --no-build-isolation .",
}
"""The two commands that fetch something, pip and setuptools; here these are found among the packages that are given."""


def skip_where_something_is_missing():
    for package in ("onnx", "onnxruntime"):
        pytest.importorskip(package, reason=f"a page of Start exports a model, for which it has {package} installed")
    if os.name != "posix":
        pytest.skip("the commands of the pages are those of a POSIX shell")
    if tuple(map(int, version("setuptools").split(".")[:2])) < (70, 1):
        pytest.skip("pip builds ntb without a network by setuptools 70.1 or later, which can build wheels")


def without(names, folder):
    """A folder with the other packages of this environment, which the newcomer is given in the place of a network."""
    folder.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith(names) and entry.suffix != ".pth":
            (folder / entry.name).symlink_to(entry)
    return folder


def checkout(folder):
    """A checkout of the source, of what an installation needs."""
    shutil.copytree(ROOT / "ntb", folder / "ntb", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.mark.uncounted
def test_the_pages_of_start_are_true_from_the_first_to_the_last(tmp_path, monkeypatch):
    skip_where_something_is_missing()
    source, own = checkout(tmp_path / "source"), tmp_path / "own"
    own.mkdir()
    path = [source / ".venv" / "bin", Path(sys.executable).parent, os.environ["PATH"]]
    for name, value in {
        "PATH": os.pathsep.join(map(str, path)),
        "PYTHONPATH": without(("ntb", "__editable__", "matplotlib", "numba"), tmp_path / "packages"),
        "PIP_NO_INDEX": "1",
        "PIP_NO_COMPILE": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "MPLBACKEND": "agg",
        "OPENBLAS_NUM_THREADS": "1",
    }.items():
        monkeypatch.setenv(name, str(value))

    monkeypatch.chdir(source)
    install = (START / "install.md").read_text(encoding="utf-8")
    for command, without_network in WITHOUT_NETWORK.items():
        assert f"$ {command}\n" in install
        install = install.replace(f"$ {command}\n", f"$ {without_network}\n")
    assert run(install, source, shell=shell, apart=0.03) == 2

    monkeypatch.chdir(own)
    pages = [str(START / f"{name}.md") for name in AFTER_INSTALL]
    done = subprocess.run(
        ["python", "-c", FOLLOW, str(ROOT / "tests" / "fences.py"), *pages], capture_output=True, text=True
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
    *compared, where = done.stdout.splitlines()
    assert Path(where).is_relative_to(source / ".venv")
    assert [int(line.split()[1]) > 1 for line in compared] == [True] * len(AFTER_INSTALL)


def test_every_page_of_start_is_followed():
    """But for those that list what there is."""
    assert {path.stem for path in START.glob("*.md")} == {"install", *AFTER_INSTALL, "demos", "overview"}
