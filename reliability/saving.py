"""Files: a killed save, or a full disk, leaves the old file or the new one; what was cut or changed is refused."""

from __future__ import annotations

import io
import itertools
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import ntb
from ntb import nn
from ntb.io import replacing, safetensors

FORMATS = (".npz", ".safetensors")
ROOT = Path(__file__).parent.parent


# --- killed savers


def tree_of(k: int) -> dict[str, Any]:
    """State number k: every number in it tells which it is."""
    return {name: ntb.Variable(np.full(size, k, np.float32)) for name, size in (("a", 30_000), ("b", 5), ("c", 1000))}


def save_for_ever(path: str, k: int) -> None:
    """What the killed processes run: save state after state to one file."""
    while True:
        ntb.save(path, tree_of(k), {"k": k})
        print(k, flush=True)
        k += 1


def killed(path: Path, kills: int, seed: int = 0) -> dict[str, int]:
    """Kill savers at random moments. After each the file is a whole state, not older than the last reported."""
    choose, found = random.Random(seed), {"kills": 0, "saves": 0, "left beside": 0}
    ntb.save(path, tree_of(0), {"k": 0})
    k = 0
    while found["kills"] < kills:
        code = f"from reliability.saving import save_for_ever; save_for_ever({str(path)!r}, {k + 1})"
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT) as process:
            assert process.stdout is not None
            reported = int(process.stdout.readline())  # it saves now
            time.sleep(choose.uniform(0, 0.05))
            process.kill()
            reported = int((process.stdout.read().split() or [reported])[-1])
        tree = tree_of(-1)
        now = ntb.load(path, tree)["k"]
        if now < reported or any((v.value != now).any() for v in tree.values()):
            raise AssertionError(f"kill {found['kills']} left a file of state {now} after {reported} was saved")
        left = len(list(path.parent.iterdir())) - 1
        if left > 1:
            raise AssertionError(f"{left} files lie beside {path.name}")
        found["kills"] += 1
        found["saves"] += now - k
        found["left beside"] += left
        k = now
    ntb.save(path, tree_of(k), {"k": k})
    if len(list(path.parent.iterdir())) != 1:
        raise AssertionError("the last save left something beside")
    return found


def killed_at_each_line(path: Path) -> dict[str, int]:
    """Kill a save before each line of `ntb/io/replacing.py`; how often the old file was left, and how often the new.

    The processes are forks of this one, which should have no threads.
    """
    found = {"old": 0, "new": 0}
    for n in itertools.count():
        ntb.save(path, tree_of(0), {"k": 0})
        if not (child := os.fork()):
            sys.settrace(killer(n))
            ntb.save(path, tree_of(1), {"k": 1})
            os._exit(0)
        if not os.WIFSIGNALED(os.waitpid(child, 0)[1]):
            return found
        tree = tree_of(-1)
        now = ntb.load(path, tree)["k"]
        if any((v.value != now).any() for v in tree.values()):
            raise AssertionError(f"a save that was killed before line {n} left a torn file")
        found["new" if now else "old"] += 1
    raise AssertionError("there is always a last line")


def killer(n: int) -> Any:
    """A trace function that kills its process before a line of `ntb/io/replacing.py`."""
    lines = itertools.count()

    def trace(frame: Any, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename != replacing.__file__:
            return None
        if event == "line" and next(lines) == n:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace

    return trace


# --- damaged files


def model() -> dict[str, Any]:
    ntb.random.seed(0)
    return {"net": nn.Sequential(nn.Linear(3, 4), nn.BatchNorm(4)), "rng": ntb.random.generator(0)}


def bits(tree: Any) -> bytes:
    return b"".join(value.tobytes() for value in ntb.state.snapshot(tree).values())


class Target:
    """A tree with values of its own, into which damaged files are loaded."""

    def __init__(self, path: Path, metadata: Any) -> None:
        self.path, self.metadata = path, metadata
        self.tree = model()
        self.saved = bits(self.tree)
        for variable in ntb.state.named_variables(self.tree["net"]).values():
            variable.assign(variable.value + 1)
        self.before = ntb.state.snapshot(self.tree)
        self.own = bits(self.tree)

    def takes(self, content: bytes) -> bool:
        """Whether a file of this content is loaded. If it is, the values are those that were saved; else, none is."""
        self.path.write_bytes(content)
        try:
            metadata = ntb.load(self.path, self.tree)
        except ntb.InputError as error:
            if str(self.path) not in str(error):
                raise AssertionError(f"the error names no file: {error}") from error
            if bits(self.tree) != self.own:
                raise AssertionError("a refused file was loaded in part") from error
            return False
        if bits(self.tree) != self.saved or metadata != self.metadata:
            raise AssertionError("a damaged file was loaded with other values")
        ntb.state.restore(self.tree, self.before)
        return True


def damaged(path: Path, share: float = 1.0, body: int = 2000, seed: int = 0) -> dict[str, int]:
    """Cut a file at every length, change every byte of its headers in several ways, and random bytes of its body.

    A file that was cut, or whose numbers were changed, is refused. What is changed in headers may say nothing, as a
    date; then the very same values are loaded.
    """
    choose = random.Random(seed)
    ntb.save(path, model(), {"epoch": 3})
    whole = path.read_bytes()
    target = Target(path, {"epoch": 3})
    if not target.takes(whole):
        raise AssertionError("the file as it was written is refused")
    found = {"cut": 0, "header bytes changed": 0, "body bytes changed": 0, "bytes added": 0}
    same = "changed, and the same values"
    found[same] = 0

    def tried(what: str, content: bytes) -> None:
        if content == whole:
            return
        taken = target.takes(content)
        if taken and what in ("cut", "body bytes changed"):
            raise AssertionError(f"{path.name}: {what}: the file was loaded")
        found[same if taken else what] += 1

    for length in range(len(whole)):
        if choose.random() < share:
            tried("cut", whole[:length])
    inside = data_of(whole, path.suffix)
    header, data = (list(positions) for positions in (set(range(len(whole))) - inside, inside))
    for at in sorted(header):
        if choose.random() < share:
            for byte in {whole[at] ^ 1, whole[at] ^ 0x80, 0, 0xFF, whole[at] + 1 & 0xFF, choose.randrange(256)}:
                tried("header bytes changed", changed(whole, at, byte))
    for _ in range(round(body * share)):
        at = choose.choice(data)
        tried("body bytes changed", changed(whole, at, whole[at] ^ choose.randrange(1, 256)))
    for more in (b"\0", b"PK\5\6" + bytes(18), whole):
        tried("bytes added", whole + more)
        tried("bytes added", more + whole)
    return found


def changed(whole: bytes, at: int, byte: int) -> bytes:
    return whole[:at] + bytes([byte]) + whole[at + 1 :]


def data_of(whole: bytes, suffix: str) -> set[int]:
    """The positions of the arrays' bytes; the others are headers, directories and metadata."""
    if suffix == ".safetensors":
        start = safetensors.LENGTH + int.from_bytes(whole[: safetensors.LENGTH], "little")
        return set(range(start, len(whole)))
    found: set[int] = set()
    for value in ntb.state.snapshot(model()).values():
        start = whole.index(value.tobytes())
        found |= set(range(start, start + value.nbytes))
    return found


def others(path: Path, share: float = 1.0, seed: int = 0) -> dict[str, int]:
    """The same for what `np.savez` wrote, whose checksums are the zip's: it is refused, or gives the very values."""
    choose, found = random.Random(seed), {"refused": 0, "the same values": 0}
    for save in (np.savez, np.savez_compressed):
        buffer = io.BytesIO()
        save(buffer, **ntb.state.snapshot(model()))
        whole = buffer.getvalue()
        target = Target(path, {})
        if not target.takes(whole):
            raise AssertionError("a file of np.savez is refused")
        contents = [whole[:n] for n in range(len(whole))] + [whole + b"\0", b"\0" + whole, whole + whole]
        for at, byte in enumerate(whole):
            contents += [changed(whole, at, new) for new in {byte ^ 1, 0, 0xFF, choose.randrange(256)} - {byte}]
        for content in contents:
            if choose.random() < share:
                found["the same values" if target.takes(content) else "refused"] += 1
    return found


# --- a full disk


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """A block in which no file can grow beyond a size, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def on_a_full_disk(path: Path, count: int) -> int:
    """Save where the disk is full after so many bytes; the old file stays, and nothing beside it."""
    tree = tree_of(1)
    ntb.save(path, tree, {"k": 1})
    whole = path.read_bytes()
    rooms = np.linspace(0, len(whole) - 1, count, dtype=int).tolist()
    for room in rooms:
        try:
            with files_of_at_most(room):
                ntb.save(path, tree_of(2), {"k": 2})
        except OSError:
            pass
        else:
            raise AssertionError(f"a file of {len(whole)} bytes was saved where {room} have room")
        if path.read_bytes() != whole or os.listdir(path.parent) != [path.name]:
            raise AssertionError(f"a disk that is full after {room} bytes cost the old file, or left another")
    return len(rooms)


def measure(scale: float, say: Callable[[str], None]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    share = min(1.0, scale)
    for suffix in FORMATS:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"state{suffix}"
            for what, number in damaged(path, share).items():
                found[f"{suffix}: {what}"] = number
            found[f"{suffix}: full disks"] = on_a_full_disk(path, max(3, round(100 * scale)))
            say(f"{suffix}: damaged files are refused")
            if suffix == ".npz":
                for what, number in others(path, share / 3).items():
                    found[f"np.savez, damaged: {what}"] = number
        with tempfile.TemporaryDirectory() as folder:
            for what, number in killed(Path(folder) / f"state{suffix}", max(3, round(100 * scale))).items():
                found[f"{suffix}: {what}"] = number
            say(f"{suffix}: {found[f'{suffix}: kills']} kills")
    return found
