"""`make test` leaves nothing to chance: what tests draw has a seed, and no test looks at a clock or hangs.

The two processes of `make test` hash strings in two ways, and pytest-xdist refuses tests that come in two orders.
"""

import ast
import importlib.util
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import ntb

pytestmark = pytest.mark.uncounted

ROOT = Path(ntb.__file__).parent.parent
SEEDED = {"default_rng", "RandomState", "PCG64", "MT19937", "Random", "SeedSequence", "generator", "seed"}
"""What takes entropy from the system where it is given no seed, or None."""
WORDS = {
    "takes entropy": r"\b(urandom|SystemRandom|secrets|uuid1|uuid4)\b",
    "looks at a clock": r"\b(perf_counter|monotonic|process_time|thread_time|timeit|timeout)(_ns)?\b|\btime(_ns)?\(",
    "makes settings that conftest.py makes for all": r"\b(derandomize|database|deadline)=",
}
LEFT_OUT = {
    ("tests/test_random.py", "draws without a seed"): "generators without a seed differ",
    ("tests/test_layering.py", "looks at a clock"): "the import's CPU seconds, against those of NumPy's",
    ("tests/reliability/test_hostile_files.py", "looks at a clock"): "CPU seconds, far below the limit",
    ("tests/compiled/test_tiers.py", "looks at a clock"): "puts a clock of its own in the place of ntb's",
    ("tests/replay/test_profile.py", "looks at a clock"): "puts a clock of its own in the place of ntb's",
    ("tests/training/test_progress.py", "looks at a clock"): "puts a clock of its own in the place of ntb's",
    ("tests/replay/test_spot_check.py", "looks at a clock"): "puts a clock of its own in the place of ntb's",
    ("tests/replay/test_missed.py", "looks at a clock"): "traces functions that do, which a check finds",
    ("tests/replay/test_missed.py", "takes entropy"): "traces functions that do, which a check finds",
    ("tests/replay/test_refused_moves.py", "looks at a clock"): "traces functions that do, which are refused",
    ("tests/replay/test_refused_moves.py", "takes entropy"): "traces functions that do, which are refused",
    ("tests/replay/test_refused_moves.py", "draws without a seed"): "traces functions that do, which are refused",
    ("tests/replay/test_ordinary.py", "looks at a clock"): "traces functions that do, without using the time",
    ("tests/clusters/test_cluster.py", "looks at a clock"): "does not wait for workers for ever",
    ("reliability/search.py", "takes entropy"): "the seed of its first round",
}
"""What may be, and why."""


RNG = np.random.default_rng(3)
RNG.random()
START = RNG.bit_generator.state


def chances(text):
    """What a file leaves to chance."""
    tree = ast.parse(text)
    if any(isinstance(node, ast.Assign) and called(node.value) in SEEDED for node in tree.body):
        yield "shares a generator"
    for node in ast.walk(tree):
        if called(node) in SEEDED:
            seed = [*node.args, *(keyword.value for keyword in node.keywords)][:1]
            if not seed or (isinstance(seed[0], ast.Constant) and seed[0].value is None):
                yield "draws without a seed"
    yield from (what for what, words in WORDS.items() if re.search(words, text))


def called(node):
    return ast.unparse(node.func).split(".")[-1] if isinstance(node, ast.Call) else None


def test_no_test_leaves_anything_to_chance():
    """Nor does what they share with the long runs, of which only these look at clocks."""
    found = set()
    for path in [*ROOT.glob("tests/**/*.py"), *ROOT.glob("reliability/**/*.py")]:
        found |= {(path.relative_to(ROOT).as_posix(), what) for what in chances(path.read_text("utf-8"))}
    found = {(path, what) for path, what in found if not may_be(path, what)}
    assert found == set(LEFT_OUT)


def may_be(path, what):
    if path.startswith("tests/"):
        # conftest.py lets the generators of modules of tests begin anew, but of no others.
        return path == "tests/test_chance.py" or (what == "shares a generator" and "/test_" in path)
    return what not in ("draws without a seed", "takes entropy", "shares a generator")


@pytest.mark.parametrize(
    "text, what",
    [
        ("RNG = np.random.default_rng(0)", "shares a generator"),
        ("def test(): rng = np.random.default_rng()", "draws without a seed"),
        ("def test(): ntb.random.generator(seed=None)", "draws without a seed"),
        ("np.random.seed(None)", "draws without a seed"),
        ("names = os.urandom(8)", "takes entropy"),
        ("assert time.perf_counter() < 3", "looks at a clock"),
        ("assert time.time() < 3", "looks at a clock"),
        ("subprocess.run(command, timeout=60)", "looks at a clock"),
        ("@settings(deadline=None)\ndef test(x): pass", "makes settings that conftest.py makes for all"),
    ],
)
def test_what_is_left_to_chance_is_found(text, what):
    assert list(chances(text)) == [what]


@pytest.mark.parametrize("before", [0, 1])
def test_each_test_begins_with_the_same_generators(before):
    """Whatever was drawn before, as by the first of these two."""
    assert RNG.bit_generator.state == START
    found = random.random(), np.random.random(), ntb.random.default().random(), RNG.random()
    assert found[0] == random.Random(0).random() and found[1] == np.random.RandomState(0).random()
    assert found[2] == ntb.random.generator(0).random() and found[3] == np.random.default_rng(3).random(2)[1]


def test_each_example_begins_with_the_same_generators():
    drawn = set()

    @hypothesis.settings(max_examples=5)
    @hypothesis.given(st.integers())
    def draw(_):
        drawn.add((ntb.random.default().random(), RNG.random()))

    draw()
    assert len(drawn) == 1


def test_examples_do_not_depend_on_the_modules_that_are_loaded(tmp_path, monkeypatch):
    """Nor on the folder of the checkout: by itself, hypothesis takes constants out of sources into its examples."""
    file, drawn = tmp_path / "loaded_by_chance.py", set()
    file.write_text("NUMBER = 123_456_789_123\n")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    monkeypatch.setitem(sys.modules, file.stem, importlib.util.module_from_spec(spec))

    @hypothesis.settings(max_examples=1000)
    @hypothesis.given(st.integers(123_456_000_000, 123_457_000_000))
    def draw(n):
        drawn.add(n)

    draw()
    assert len(drawn) > 500 and 123_456_789_123 not in drawn


def test_a_test_that_hangs_is_named_and_ended(tmp_path):
    shutil.copy(ROOT / "setup.cfg", tmp_path)
    (tmp_path / "test_hanging.py").write_text("import time\n\n\ndef test_forever():\n    time.sleep(3600)\n")
    command = [sys.executable, "-m", "pytest", "-o", "faulthandler_timeout=0.2", "test_hanging.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1 and "in test_forever" in done.stderr
