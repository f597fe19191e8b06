"""Hostile files are refused by an error that names them, in little time and memory; nothing is run, nothing loaded.

They are made here and read in a process of its own that may take 256 MiB, and seconds of CPU for each.
"""

import gzip
import io
import json
import os
import pickle
import resource
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from time import process_time

import numpy as np
import pytest

import ntb
from ntb import compat
from ntb.datasets import cifar10, idx

CANARY = "the canary flew"


class Attack:
    """Its pickle makes a folder when it is run."""

    def __reduce__(self):
        return os.mkdir, (CANARY,)


# --- .npz


def npy(text, data=b"", version=b"\1\0"):
    size = {b"\1\0": "<H"}.get(version, "<I")
    return b"\x93NUMPY" + version + struct.pack(size, len(text)) + text + data


def header(descr="'<f8'", shape="(2,)", order="False"):
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}".encode().ljust(118) + b"\n"


def zipped(*members, method=zipfile.ZIP_STORED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method, compresslevel=1) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


GOOD = npy(header(), bytes(16))


def objects(value):
    buffer = io.BytesIO()
    np.save(buffer, np.array([value], object), allow_pickle=True)
    return buffer.getvalue()


def patched(content, signature, offset, form, *values):
    """A zip whose directory's entry, or local header, says something else."""
    at = content.index(signature) + offset
    return content[:at] + struct.pack(form, *values) + content[at + struct.calcsize(form) :]


LOCAL, CENTRAL = b"PK\3\4", b"PK\1\2"


def overlapping(count=500, size=1 << 20):
    """Many names for one member, as in D. Fifield's "A better zip bomb" (2019)."""
    whole = zipped(("w.npy", npy(header("'|u1'", f"({size},)"), bytes(size))), method=zipfile.ZIP_DEFLATED)
    start = whole.index(CENTRAL)
    entry = whole[start : whole.index(b"PK\5\6")]
    directory = b"".join(entry.replace(b"w.npy", b"%05d" % n) for n in range(count))
    return whole[:start] + directory + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(directory), start, 0)


def npz():
    yield "a pickle", zipped(("w.npy", objects(Attack())))
    yield "a raw pickle", zipped(("w.npy", pickle.dumps(Attack())))
    for shape in ("(10**9,)", "(1000000000, 1000000000)", "(-1, -2)", "(-2,)", "(2.0,)", "(2)", "2", "[2]", "(True, 2)",
                  "(9" + "9" * 5000 + ",)", f"({'1, ' * 100}2)", f"({'9, ' * 3000})", "(0, 99999999999999999999)",
                  "(2,) if __import__('os').mkdir('the canary flew') else ()"):  # fmt: skip
        yield f"shape {shape[:40]}", zipped(("w.npy", npy(header(shape=shape), bytes(16))))
    for descr in ("'|O'", "'<U2'", "'|V8'", "'<M8[s]'", "[('a', '<f8')]", "('<f8', (1000000000,))", "'f8, f8'", "None",
                  "{'names': ['a'], 'formats': ['O']}", "'<f99'", "'>f4'", "5", "'<f8' * 100000000000"):  # fmt: skip
        yield f"dtype {descr[:40]}", zipped(("w.npy", npy(header(descr), bytes(16))))
    for text in (b"(" * 9000, b"-" * 9000 + b"1", b"[" * 90000, b"{'descr': '<f8'}", b"{}", b"", b"\xff" * 100,
                 b"__import__('os')", header() * 2, b"{" + b"'a':1," * 1500 + b"}"):  # fmt: skip
        yield f"header {text[:20]!r} of {len(text)}", zipped(("w.npy", npy(text[:65000], bytes(16))))
    yield "a long header", zipped(("w.npy", npy(header(), bytes(16), b"\2\0")[:8] + b"\xff" * 4 + header() + bytes(16)))
    yield "another version", zipped(("w.npy", npy(header(), bytes(16), b"\x09\0")))
    yield "too few bytes", zipped(("w.npy", GOOD[:-1]))
    yield "too many bytes", zipped(("w.npy", GOOD + b"\0"))
    yield "a bomb", zipped(("w.npy", npy(header(shape="(37500000,)"), bytes(300_000_000))), method=zipfile.ZIP_DEFLATED)
    yield "overlapping members", overlapping()
    yield "a name twice", zipped(("w.npy", GOOD), ("w", GOOD))
    for name in ("../w.npy", "/w.npy", "w.npy/../w.npy", "C:\\w.npy", "\\\\host\\w.npy", "w.npy/", ".npy", "con.npy"):
        yield f"the name {name!r}", zipped((name, GOOD))
    good = zipped(("w.npy", GOOD))
    yield "a name with a zero", good.replace(b"w.npy", b"w\0npy")
    yield "another name in front", good.replace(b"w.npy", b"v.npy", 1)
    yield "encrypted", patched(patched(good, CENTRAL, 8, "<H", 1), LOCAL, 6, "<H", 1)
    yield "sizes that lie", patched(good, CENTRAL, 20, "<2I", len(GOOD), 0xFFFFFFF0)
    yield "packed sizes that lie", patched(good, CENTRAL, 20, "<2I", 0xFFFFFFF0, 0xFFFFFFF0)
    yield "far away", patched(good, CENTRAL, 42, "<I", 0xFFFFFF00)
    for method in (1, 9, 12, 14, 99):
        yield f"packed by {method}", patched(patched(good, CENTRAL, 10, "<H", method), LOCAL, 8, "<H", method)
    yield "lzma", zipped(("w.npy", GOOD), method=zipfile.ZIP_LZMA)
    yield "no zip", b"PK\5\6" + b"\xff" * 18
    yield "empty", b""
    yield "a zip in front", good + good
    for text in ('["a"]', "[" * 100_000, '{"a": 1', "1" + "0" * 5000, '{"a"}'):
        meta = io.BytesIO()
        np.save(meta, np.array(text))
        yield f"metadata {text[:20]}", zipped(("w.npy", GOOD), ("__metadata__.npy", meta.getvalue()))
    yield "metadata of numbers", zipped(("w.npy", GOOD), ("__metadata__.npy", GOOD))
    yield (
        "metadata that are no text",
        zipped(("w.npy", GOOD), ("__metadata__.npy", npy(header("'<U1'", "()"), b"\xff\xff\xff\x7f"))),
    )


# --- .safetensors


def tensors(text, data=bytes(16), length=None):
    text = text if isinstance(text, bytes) else text.encode() if isinstance(text, str) else json.dumps(text).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def entry(dtype="F64", shape=(2,), offsets=(0, 16), **more):
    return {"w": {"dtype": dtype, "shape": shape, "data_offsets": offsets}, **more}


def safetensors():
    for length in (0, 1, 17, 2**31, 2**63, 2**64 - 1):
        yield f"length {length}", tensors(entry(), length=length)
    for shape in (
        (-1, -2),
        (2.0,),
        (True, 2),
        ("2",),
        2,
        None,
        {"2": 2},
        (2**62, 2**62),
        (0, 2**70),
        (1,) * 100,
        (10,) * 100_000,
        [[2]],
    ):
        yield f"shape {str(shape)[:30]}", tensors(entry(shape=shape))
    for offsets in (
        (0, 2**62),
        (-16, 0),
        (16, 0),
        (0, 15),
        (8, 24),
        (0,),
        (0, 8, 16),
        (0.0, 16.0),
        "ab",
        None,
        (0, "16"),
    ):
        yield f"offsets {offsets}", tensors(entry(offsets=offsets))
    for dtype in ("O", "object", "F8_E4M3", "", None, 5, [], {}, "f8", "<f8", "V8"):
        yield f"dtype {dtype!r}", tensors(entry(dtype=dtype))
    yield "overlapping", tensors(entry(v={"dtype": "F64", "shape": [2], "data_offsets": [0, 16]}))
    yield "a hole", tensors(entry(v={"dtype": "F64", "shape": [1], "data_offsets": [24, 32]}), bytes(32))
    yield "too much", tensors(entry(), bytes(17))
    yield "too little", tensors(entry(), bytes(15))
    text = json.dumps(entry())
    yield "a name twice", tensors(text[:-1] + "," + text[1:])
    yield "a key twice", tensors(text.replace('"shape": [2]', '"shape": [2], "shape": [2]'))
    for number in ("1e999", "NaN", "-Infinity", "1" * 5000, "1e2", "0x2", "2.0"):
        yield f"the number {number[:10]}", tensors(text.replace("[2]", f"[{number}]"))
    for bad in (
        "[" * 1_000_000,
        '{"a":' * 100_000,
        "{",
        "[]",
        "5",
        '"w"',
        "null",
        '{"w": 1}',
        '{"w": null}',
        '{"w": []}',
        "\xff",
        "{}",
    ):
        yield f"header {bad[:10]!r} of {len(bad)}", tensors(bad)
    yield "UTF-16", tensors(text.encode("utf-16"))
    for metadata in (5, [], None, "text", {"ntb": 5}, {"ntb": "[1]"}, {"ntb": "{"}, {"ntb": "[" * 100_000},
                     {"ntb": ["a"]}, {"ntb": "{}", "ntb.crc32": "{}"}, {"ntb.crc32": "{}", "ntb": "[1]"},
                     {"ntb.crc32": "["}, {"ntb.crc32": 5}, {"ntb.crc32": '{"w": 5}'}, {"trainable": "5"}):  # fmt: skip
        yield f"metadata {str(metadata)[:30]}", tensors({"__metadata__": metadata, **entry()})
    for name in ("../w", "/w", "w\0", ""):
        yield f"the name {name!r}", tensors({name: entry()["w"]})
    yield "a pickle", pickle.dumps(Attack())


# --- pickles


def text(x):
    return b"X" + struct.pack("<I", len(x)) + x.encode()


MKDIR = b"cos\nmkdir\n" + text(CANARY)
ARRAY = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\0tU\1btR"
FLOATS = b"cnumpy\ndtype\n(U\2f8K\0K\1tR"


def array(shape, dtype, content, version=b"K\1"):
    return ARRAY + b"(" + version + shape + dtype + b"\x89" + content + b"tb"


def doubled(start, times, word=b"\x86"):
    """Something of two to the power `times` parts."""
    return start + (b"q\0h\0" + word) * times


class Call:
    """Its pickle asks for a call; and, where there is one, for a state of the result."""

    def __init__(self, *reduced):
        self.reduced = reduced

    def __reduce__(self):
        return self.reduced


reconstruct = np.empty(0).__reduce__()[0]
EMPTY = (np.ndarray, (0,), b"b")
OBJECTS = {
    "eval": Call(eval, ("1",)),
    "exec": Call(exec, ("",)),
    "getattr": Call(getattr, ("text", "upper")),
    "import": Call(__import__, ("os",)),
    "numpy.frombuffer": Call(np.frombuffer, (b"x",)),
    "a function": header,
    "a class": pickle.Pickler,
    "an array of objects": np.array([1, "a", None], object),
    "an array of texts": np.array(["a", "b"]),
    "an array without content": Call(reconstruct, EMPTY),
    "an empty array of much": Call(reconstruct, (np.ndarray, (10**9, 10**3), b"d")),
    "a wrong state": Call(reconstruct, EMPTY, [1, 2]),
    "objects in a state": Call(reconstruct, EMPTY, (1, (1,), np.dtype("O"), False, [1])),
    "another class as array": Call(reconstruct, (dict, (0,), b"b"), (1, (1,), np.dtype("O"), False, [1])),
    "a set": {1, 2},
    "a date": np.datetime64("2020-01-01"),
    "a range": range(3),
}


def pickles():
    for name, value in OBJECTS.items():
        for protocol in (2, 4):
            yield f"{name}, protocol {protocol}", pickle.dumps([np.ones(2), value], protocol)
    yield "reduce", b"\x80\x02" + MKDIR + b"\x85R."
    yield "stack global", b"\x80\x04\x8c\x02os\x8c\x05mkdir\x93" + text(CANARY) + b"\x85R."
    yield "instance", f"(S'{CANARY}'\nios\nmkdir\n.".encode()
    yield "object", b"(" + MKDIR + b"o."
    yield "new object", b"\x80\x02cos\nmkdir\n" + text(CANARY) + b"\x85\x81."
    yield "new object with names", b"\x80\x04cos\nmkdir\n)}\x92."
    yield "built", b"\x80\x02cnumpy\nndarray\n}" + text("__setstate__") + b"cos\nmkdir\nsb" + text(CANARY) + b"b."
    yield "built on an array", b"\x80\x02" + ARRAY + MKDIR + b"\x85Rb."
    yield "an argument that is called", b"\x80\x02cnumpy\ndtype\n" + MKDIR + b"\x85R\x85R."
    yield "by memo", b"\x80\x02cos\nmkdir\nq\x000" + text(CANARY) + b"\x85q\x010h\0h\1R."
    for n in (1, 2, 4):
        yield f"extension of {n}", b"\x80\x02" + bytes([0x81 + {1: 1, 2: 2, 4: 3}[n]]) + b"\1" * n + b")R."
    yield "persistent", b"Pos\n."
    yield "persistent from the stack", b"\x80\x02" + text("os") + b"Q."
    yield "a buffer elsewhere", b"\x80\x05\x97\x98."
    yield "a dotted name", b"\x80\x04" + text("numpy") + text("ndarray.tofile") + b"\x93" + text(CANARY) + b"\x85R."
    yield "a name with a space", b"\x80\x04" + text("numpy ndarray") + text("x") + b"\x93."
    yield "numpy's own loader", b"\x80\x02cnumpy\nload\n" + text("x") + b"\x85R."
    yield (
        "a forged reconstruct",
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n(cos\nmkdir\n(K\0tU\1btR" + text(CANARY) + b"b.",
    )
    yield (
        "reconstruct of much",
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(J\xff\xff\xff\x7ftU\1dtR.",
    )
    yield "an array of much", b"\x80\x02cnumpy\nndarray\n(J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86tR."
    yield "shapes that lie", b"\x80\x02" + array(b"J\xff\xff\xff\x7f\x85", FLOATS, b"U\0") + b"."
    yield "negative", b"\x80\x02" + array(b"J\xff\xff\xff\xffJ\xff\xff\xff\xff\x86", FLOATS, b"U\x08" + bytes(8)) + b"."
    yield "a shape of numbers without end", b"\x80\x02" + array(b"(" + b"K\t" * 50_000 + b"t", FLOATS, b"U\0") + b"."
    yield (
        "a size of a million digits",
        b"\x80\x02" + array(b"\x8b\x00\x00\x10\x00" + b"\x7f" * (1 << 20) + b"\x85", FLOATS, b"U\0") + b".",
    )
    yield "objects", b"\x80\x02" + array(b"K\1\x85", FLOATS.replace(b"f8", b"O8"), b"]" + MKDIR + b"\x85Ra") + b"."
    yield (
        "a dtype with a forged state",
        b"\x80\x02" + array(b"K\1\x85", FLOATS + b"(K\3U\1|NNN" + b"J\xff\xff\xff\x7f" * 3 + b"tb", b"U\1a") + b".",
    )
    yield "records", b"\x80\x02" + array(b"K\1\x85", FLOATS.replace(b"f8", b"V8"), b"U\x08" + bytes(8)) + b"."
    for word, size in ((b"\x8e", 8), (b"\x8d", 8), (b"\x96", 8), (b"B", 4), (b"X", 4), (b"T", 4), (b"\x8b", 4)):
        yield f"{word!r} of much", b"\x80\x05" + word + (2 ** (8 * size - 1) - 1).to_bytes(size, "little") + b"."
        yield f"{word!r} of less than none", b"\x80\x05" + word + b"\xff" * size + b"."
    yield "deep lists", b"\x80\x02" + b"]" * 30_000 + b"a" * 29_999 + b"."
    yield "deep tuples", b"\x80\x02K\1" + b"\x85" * 30_000 + b"."
    yield "a key of tuples without end", b"\x80\x02}" + doubled(b"K\1K\1\x86", 60) + b"K\1s."
    yield "numbers with one hash", b"\x80\x02}(" + b"".join(
        b"\x8a\x0c" + (n * (2**61 - 1)).to_bytes(12, "little", signed=True) + b"N" for n in range(1, 20_000)
    ) + b"u."  # fmt: skip
    share = b"T" + struct.pack("<i", 1 << 20) + bytes(1 << 20) + b"q\x010"
    one = array(b"J" + struct.pack("<i", 1 << 17) + b"\x85", FLOATS, b"h\1")
    yield "one content for many arrays", b"\x80\x02" + share + b"](" + one * 2000 + b"e."
    latin = b"X" + struct.pack("<I", 1 << 20) + b"a" * (1 << 20) + b"q\1" + text("latin1") + b"q\x0200"
    yield "one text for many bytes", b"\x80\x02" + latin + b"](" + b"c_codecs\nencode\nh\1h\2\x86R" * 2000 + b"e."
    yield "a codec of no text", b"\x80\x02c_codecs\nencode\nK\x01" + text("latin1") + b"\x86R."
    yield "a codec", b"\x80\x02c_codecs\nencode\n" + text("x") + text("unicode_escape") + b"\x86R."
    yield "an item of an array", b"\x80\x02" + array(b"K\1\x85", FLOATS, b"U\x08" + bytes(8)) + b"K\0K\1s."
    yield "attributes of a function", b"\x80\x02c_codecs\nencode\nN}" + text("__doc__") + b"K\1s\x86b."
    yield "a name alone", b"\x80\x02cnumpy\nndarray\n."
    yield "a key that is an array", b"\x80\x02}cnumpy\nndarray\n)RK\x01s."
    yield "items for a name", b"\x80\x02cnumpy\ndtype\n(K\1K\2e."
    yield "in a circle", b"\x80\x02]q\0(h\0h\0e."
    yield "an array that holds itself", b"\x80\x02" + ARRAY + b"q\0(K\1h\0h\0\x89h\0tb."
    yield "the stack below a mark", b"\x80\x02](\x85."
    yield "a mark too many", b"\x80\x02]t."
    yield "nothing to build", b"\x80\x02b."
    yield "a place that is empty", b"\x80\x02h\7."
    yield "a set", b"\x80\x04\x8f."
    yield "a digit too much", b"I" + b"1" * 100_000 + b"\n."
    yield "cut", pickle.dumps([np.ones(100)])[:-40]
    yield "empty", b""
    yield "text", b"hello"
    yield "no end", b"\x80\x02]"
    yield "nothing on the stack", b"\x80\x02."


def idxs():
    yield "much", b"\0\0\x0e\x03" + b"\xff" * 12
    yield "much, compressed", gzip.compress(b"\0\0\x0e\x03" + b"\xff" * 12)
    yield "many axes", b"\0\0\x08\xff" + bytes(4 * 255)
    yield "a bomb behind a small header", gzip.compress(b"\0\0\x08\x01\0\0\0\1" + bytes(300_000_000), 1)
    yield "cut", gzip.compress(b"\0\0\x08\x01\0\0\0\3abc")[:-4]
    yield "a checksum that is wrong", gzip.compress(b"\0\0\x08\x01\0\0\0\3abc")[:-8] + bytes(8)
    yield "a pickle", pickle.dumps(Attack())


GROUPS = {"npz": npz, "safetensors": safetensors, "pickle": pickles, "idx": idxs}


def read_all(folder):
    """In the process of its own: read every file; tell what became of it."""
    for path in sorted(Path(folder).iterdir()):
        w = ntb.Variable([1.0, 2.0])
        began = process_time()
        try:
            if path.suffix in (".npz", ".safetensors"):
                ntb.load(path, {"w": w})
            elif path.suffix == ".pickle":
                as_cifar(path)
                compat.load_legacy(path)
            else:
                idx.read(path)
            outcome = "loaded"
        except (ntb.InputError, ValueError) as error:
            right = path.name in str(error) and "allocate" not in str(error)
            outcome = "refused" if right else f"an error that names no file, or came too late: {error}"
        except BaseException as error:
            outcome = f"{type(error).__name__}: {error}"[:300]
        if w.value.tolist() != [1.0, 2.0]:
            outcome += ", and something was changed"
        print(json.dumps([path.name, outcome, round(process_time() - began, 2)]), flush=True)


def as_cifar(path):
    """The same file as a batch of CIFAR-10."""
    with tempfile.TemporaryDirectory() as folder:
        for name in (*cifar10.BATCHES, "batches.meta"):
            (Path(folder) / name).symlink_to(path)
        with pytest.raises(ValueError, match=r"data_batch_1 (is damaged|is not a whole file|was not loaded)"):
            cifar10.load(folder)


def outcomes(folder):
    """What the process says of each file."""
    code = f"from tests.reliability.test_hostile_files import read_all; read_all({str(folder)!r})"

    def limits():
        resource.setrlimit(resource.RLIMIT_CPU, (600, 600))

    limited = f"import resource; exec({LIMIT!r}); {code}"
    process = subprocess.run(
        [sys.executable, "-c", limited], capture_output=True, text=True, cwd=ROOT, preexec_fn=limits, check=False
    )
    assert process.returncode == 0, process.stderr[-2000:]
    return [json.loads(line) for line in process.stdout.splitlines()]


ROOT = Path(ntb.__file__).parent.parent
# What the interpreter with its libraries has already counts too, so the limit is set once they are there.
LIMIT = """
import tests.reliability.test_hostile_files
pages = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (pages + (256 << 20),) * 2)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the size of a process is read from /proc")
def test_hostile_files(tmp_path):
    names = {}
    for group, files in GROUPS.items():
        for n, (name, content) in enumerate(files()):
            names[f"{n:03}.{group}"] = f"{group}: {name}"
            (tmp_path / f"{n:03}.{group}").write_bytes(content)
    found = outcomes(tmp_path)
    assert len(found) == len(names)
    wrong = [f"{names[file]}: {outcome}" for file, outcome, _ in found if outcome != "refused"]
    slow = [f"{names[file]}: {seconds} s" for file, _, seconds in found if seconds > 5]
    assert not wrong + slow, "\n".join(wrong + slow)
    assert not (ROOT / CANARY).exists()


def test_members_that_overlap_are_refused_without_a_tree_too(tmp_path):
    (tmp_path / "w.npz").write_bytes(overlapping())
    with pytest.raises(ntb.InputError, match="its members overlap"):
        ntb.io.read(tmp_path / "w.npz")
