"""Files for ntb.load and ntb.compat.load_legacy: refused with InputError and nothing changed, or read as they are.

An input is one byte that says what it is, and the content: a file as it stands; or parts of a file, which are put
together with checksums that are right, since chance does not find those.
"""

from __future__ import annotations

import io
import pickle
import tempfile
import warnings
import zipfile
from pathlib import Path

import atheris
import numpy as np

from .harness import fuzz

with atheris.instrument_imports(include=["ntb"]):
    import ntb
    from ntb import nn
    from ntb.compat import load_legacy
    from ntb.io import safetensors

FOLDER = Path(tempfile.mkdtemp())
BETWEEN = b"\xffBETWEEN\xff"
"""What stands between the parts of an input."""


LAYERS = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm(3))
TREE = {"net": LAYERS, "w": ntb.Variable(np.arange(4.0)), "n": ntb.Variable(0), "rng": ntb.random.generator(1)}
BEFORE = ntb.state.snapshot(TREE)


def packed(content: bytes) -> bytes:
    """A zip of the parts, name and content by turns, with the checksums that are right."""
    parts = content.split(BETWEEN)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in zip(parts[::2], parts[1::2], strict=False):
            method = zipfile.ZIP_DEFLATED if name[:1] == b"z" else zipfile.ZIP_STORED
            archive.writestr(zipfile.ZipInfo(name.decode("latin1") or "x"), data, method)
    return file.getvalue()


def headed(content: bytes) -> bytes:
    """A safetensors file of two parts, header and data, with the right length."""
    header, _, data = content.partition(BETWEEN)
    return len(header).to_bytes(safetensors.LENGTH, "little") + header + data


FORMS = [
    (".npz", bytes), (".npz", packed), (".safetensors", bytes), (".safetensors", headed), (".pickle", bytes),
]  # fmt: skip


def try_load(data: bytes) -> str:
    suffix, form = FORMS[data[0] % len(FORMS) if data else 0]
    path = FOLDER / f"file{suffix}"
    path.write_bytes(form(data[1:]))
    return try_pickle(path) if suffix == ".pickle" else try_checkpoint(path)


def try_pickle(path: Path) -> str:
    try:
        load_legacy(path)
    except ntb.InputError:
        return f"{path.suffix} refused"
    return f"{path.suffix} read"


def try_checkpoint(path: Path) -> str:
    try:
        metadata = ntb.load(path, TREE)
    except ntb.InputError:
        after = ntb.state.snapshot(TREE)
        assert all(np.array_equal(after[name], BEFORE[name]) for name in BEFORE), "refused, and the state is another"
        return f"{path.suffix} refused"
    arrays, _ = ntb.io.read(path)
    after = ntb.state.snapshot(TREE)
    assert type(metadata) is dict and after.keys() == arrays.keys()
    for name, array in after.items():
        assert array.dtype == arrays[name].dtype
        np.testing.assert_array_equal(array, arrays[name])
    ntb.state.restore(TREE, BEFORE)
    return f"{path.suffix} read"


def seeds() -> list[bytes]:
    """Whole files of all forms, and their parts."""
    found = []
    for suffix in (".npz", ".safetensors"):
        for tree in (TREE, {"w": ntb.Variable(1.0)}):
            path = FOLDER / f"seed{suffix}"
            ntb.save(path, tree, {"epoch": 3})
            content = path.read_bytes()
            whole = [form for form in FORMS if form[0] == suffix]
            found.append(bytes([FORMS.index(whole[0])]) + content)
            if suffix == ".npz":
                with zipfile.ZipFile(path) as archive:
                    parts = [part for name in archive.namelist() for part in (name.encode(), archive.read(name))]
            else:
                length = int.from_bytes(content[:8], "little")
                parts = [content[8 : 8 + length], content[8 + length :]]
            found.append(bytes([FORMS.index(whole[1])]) + BETWEEN.join(parts))
    np.savez(FOLDER / "foreign.npz", **BEFORE)
    found.append(b"\0" + (FOLDER / "foreign.npz").read_bytes())
    state = [np.arange(3.0), (np.float32(1), [np.ones((2, 2), np.float32)], {"a": np.arange(2)}), None, True, 3, 0.5]
    return found + [b"\4" + pickle.dumps(state, protocol) for protocol in range(6)]


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # of zipfile, about names that occur twice, and of NumPy, about odd headers
    fuzz(try_load, seeds())
