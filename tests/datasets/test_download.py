"""Downloads, from a server of the test's own: checksums, the cache, and errors without a network or a library."""

import builtins
import hashlib
import io
import pickle
import tarfile
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

import ntb
from ntb.datasets import cifar10, download, fashion_mnist, idx, mnist


class Quiet(SimpleHTTPRequestHandler):
    asked = []

    def log_message(self, *args):
        self.asked.append(self.path)


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A folder whose files are served, and its address."""
    pooch = pytest.importorskip("pooch", reason="pooch, of the extra data, fetches files")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(Quiet, "asked", [])
    pooch.get_logger().setLevel("ERROR")
    folder = tmp_path / "served"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def md5(path):
    return hashlib.md5(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("module", [mnist, fashion_mnist])
def test_files_are_fetched_once_and_compared(module, server, tmp_path, monkeypatch):
    served, url = server
    for part, n in (("train", 3), ("t10k", 2)):
        idx.write(served / f"{part}-images-idx3-ubyte.gz", np.full((n, 28, 28), n, np.uint8))
        idx.write(served / f"{part}-labels-idx1-ubyte.gz", np.arange(n, dtype=np.uint8))
    monkeypatch.setattr(module, "_URL", url)
    monkeypatch.setattr(module, "_FILES", {name: md5(served / name) for name in module._FILES})
    home = tmp_path / "home"
    for _ in range(2):
        assert module.download(home) == home
    assert len(Quiet.asked) == 4
    assert repr(module.load(home)).startswith("Dataset(3 for training, 2 for validation")
    (home / "t10k-labels-idx1-ubyte.gz").write_bytes(b"damaged")
    module.download(home)
    assert len(module.load(home).classes) == 10 and len(Quiet.asked) == 5


def test_cifar10_is_unpacked(server, tmp_path, monkeypatch):
    served, url = server
    rng = np.random.default_rng(0)
    with tarfile.open(served / "cifar-10-python.tar.gz", "w:gz") as archive:
        for name in [*cifar10.BATCHES, "batches.meta"]:
            batch = {
                "data": rng.integers(0, 256, (2, 3072), np.uint8),
                "labels": [0, 1],
                "label_names": [*"abcdefghij"],
            }
            content = pickle.dumps(batch, protocol=2)
            info = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    monkeypatch.setattr(cifar10, "_URL", url)
    monkeypatch.setattr(cifar10, "_FILES", {name: md5(served / name) for name in cifar10._FILES})
    folder = cifar10.download(tmp_path / "home")
    assert cifar10.load(folder).x_train.shape == (10, 3, 32, 32)
    (folder / "test_batch").unlink()
    assert cifar10.load(cifar10.download(tmp_path / "home")).x_val.shape == (2, 3, 32, 32)
    assert len(Quiet.asked) == 1


def test_another_file_is_refused(server, tmp_path):
    served, url = server
    (served / "a.txt").write_text("something else")
    with pytest.raises(ntb.InputError, match="not the file that is known by the MD5 0000"):
        download.fetched("letters", url, {"a.txt": "0" * 32}, tmp_path)
    assert not (tmp_path / "a.txt").exists()


def test_what_cannot_be_fetched_says_what_to_do(server, tmp_path, monkeypatch):
    _, url = server
    text = r"b.txt could not be fetched from .* \(\w+\); without a network put the file there by hand"
    for address in (url, "http://127.0.0.1:9/"):  # without the file; without a server
        with pytest.raises(OSError, match=text):
            download.fetched("letters", address, {"b.txt": "0" * 32}, tmp_path)


def test_without_pooch(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "pooch":
            raise ImportError
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ntb.InputError, match=r'needs pooch, pip install "ntb\[data\]"; without it fetch cifar-10'):
        cifar10.download()


def test_nothing_is_fetched_unasked(server, monkeypatch, tmp_path):
    import pooch

    monkeypatch.setattr(pooch, "retrieve", lambda *args, **kwargs: pytest.fail("a file was fetched"))
    assert len(mnist.load().x_train) == 6000
    for load in (mnist.load, fashion_mnist.load, cifar10.load):
        with pytest.raises(FileNotFoundError, match=r"download\(\) fetches"):
            load(tmp_path / "nowhere")


def test_the_cache_is_that_of_the_user(server, monkeypatch):
    import pooch

    seen = []
    monkeypatch.setattr(pooch, "retrieve", lambda *args, **options: seen.append(options["path"]))
    for fetch, name in ((mnist.download, "mnist"), (fashion_mnist.download, "fashion_mnist")):
        assert fetch() == seen[-1] == Path(pooch.os_cache("ntb")) / name
