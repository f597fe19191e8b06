"""Loading in part and under other names: what fits is loaded, the rest stays, and the report says all of it."""

import numpy as np
import pytest

import ntb
from ntb import io, nn
from ntb.fitting import renamed
from ntb.state import restore, snapshot

FORMATS = [".npz", ".safetensors"]


def values(tree):
    return {name: v.numpy() for name, v in ntb.state.named_variables(tree).items()}


@pytest.mark.parametrize("suffix", FORMATS)
def test_what_fits_is_loaded_and_the_rest_stays(tmp_path, suffix):
    path = tmp_path / f"m{suffix}"
    old, new = nn.MLP(4, 8, 2), nn.MLP(4, 8, 3, 5)
    ntb.save(path, {"net": old, "more": ntb.Variable(1.0)}, {"epoch": 3})
    before = values(new)
    report = ntb.load(path, new, strict=False, rename={"net": ""})
    assert report.fitted == ["layers.0.weight", "layers.0.bias"]
    assert list(report.mismatched) == ["layers.2.weight", "layers.2.bias"]
    assert list(report.missing) == ["layers.4.weight", "layers.4.bias"]
    assert list(report.unexpected) == ["more"]
    assert report.metadata == {"epoch": 3} and not report.converted
    after = values(new)
    for name, value in after.items():
        expected = values(old)[name] if name in report.fitted else before[name]
        np.testing.assert_array_equal(value, expected)


def test_a_strict_load_under_other_names_returns_the_metadata(tmp_path):
    path, net, other = tmp_path / "m.npz", nn.MLP(2, 3, 1), {"body": nn.MLP(2, 3, 1)}
    net.layers[0].weight.trainable = False
    ntb.save(path, net, {"epoch": 1})
    assert ntb.load(path, other, rename=lambda name: f"body.{name}") == {"epoch": 1}
    assert [v.trainable for v in other["body"].variables()] == [False, True, True, True]
    with pytest.raises(ntb.InputError, match=r"body\.layers\.0\.weight: missing"):
        ntb.load(path, other)


def test_other_precisions_are_converted_if_it_is_not_strict():
    w, n = ntb.Variable(np.zeros(2, np.float32)), ntb.Variable(0)
    report = restore({"w": w, "n": n}, {"w": np.array([0.5, 1.5]), "n": np.array(2.0)}, strict=False)
    assert w.value.tolist() == [0.5, 1.5] and w.value.dtype == np.float32
    assert report.converted == {"w": "float64 -> float32"}
    assert report.mismatched == {"n": "is float64[]; expected int64[]"} and n.value == 0
    with pytest.raises(ntb.InputError, match=r"w: is float64\[2\]; expected float32\[2\]"):
        restore({"w": w}, {"w": np.zeros(2)})


def test_nothing_that_fits_is_an_error(tmp_path):
    path, net = tmp_path / "m.npz", nn.MLP(2, 3, 1)
    ntb.save(path, {"net": net})
    before = values(net)
    with pytest.raises(ntb.InputError, match=r"m\.npz: nothing fits") as error:
        ntb.load(path, net, strict=False)
    assert "layers.0.weight" in str(error.value) and "net.layers.0.weight" in str(error.value)
    assert all(np.array_equal(before[name], value) for name, value in values(net).items())


def test_only_what_fits_is_read(tmp_path, monkeypatch):
    """A file may be larger than memory."""
    from ntb.io import npz

    path = tmp_path / "m.npz"
    io.write(path, {"w": np.ones(2), "huge": np.ones(5)})
    read, asked = npz.read, []

    def watched(file):
        found = read(file)
        return found._replace(array=lambda name: asked.append(name) or found.array(name))

    monkeypatch.setattr(npz, "read", watched)
    ntb.load(path, {"w": ntb.Variable(np.zeros(2))}, strict=False)
    assert asked == ["w"]
    assert list(io.read(path, names=["huge"])[0]) == ["huge"] and asked == ["w", "huge"]
    assert list(io.contents(path)) == ["w", "huge"] and len(asked) == 2
    with pytest.raises(ntb.InputError, match="no array of the name 'v'"):
        io.read(path, names=["v"])


def test_an_optimizer_gets_the_slots_that_the_file_has(tmp_path):
    path, net = tmp_path / "m.npz", nn.MLP(2, 3, 1)
    optimizer = ntb.optim.Adam(0.1)
    optimizer.minimize(lambda: np.sum(net(np.ones((1, 2))) ** 2), net)
    ntb.save(path, {"net": net, "optimizer": optimizer})
    other, fresh = nn.MLP(2, 3, 1), ntb.optim.Adam(0.1)
    report = ntb.load(path, {"model": other, "optimizer": fresh}, strict=False, rename=_slots_too)
    assert not report.missing and not report.unexpected
    assert int(fresh.step.value) == 1 and len(fresh.slots) == len(optimizer.slots)


def _slots_too(name):
    return name.replace("net.", "model.")


def test_random_generators_take_part():
    tree = {"rng": ntb.random.generator(1), "w": ntb.Variable(0.0)}
    state = snapshot(tree)
    first = tree["rng"].normal(size=3)
    report = restore(tree, {"rng": state["rng"]}, strict=False)
    assert report.fitted == ["rng"] and list(report.missing) == ["w"]
    np.testing.assert_array_equal(tree["rng"].normal(size=3), first)


@pytest.mark.parametrize(
    "rename, expected",
    [
        (None, ["net.0.w", "net.1.w", "network.w", "step"]),
        ({"net": "model.layers"}, ["model.layers.0.w", "model.layers.1.w", "network.w", "step"]),
        ({"net": "", "net.1": "last", "step": None}, ["0.w", "last.w", "network.w"]),
        ({"": "all"}, ["all.net.0.w", "all.net.1.w", "all.network.w", "all.step"]),
        (str.upper, ["NET.0.W", "NET.1.W", "NETWORK.W", "STEP"]),
        (lambda name: name if "net." in name else None, ["net.0.w", "net.1.w"]),
    ],
)
def test_new_names(rename, expected):
    names = ["net.0.w", "net.1.w", "network.w", "step"]
    found = renamed(names, rename)
    assert list(found) == expected and set(found.values()) <= set(names)


@pytest.mark.parametrize(
    "rename, match", [({"nat": "x"}, "begins with 'nat'"), (lambda name: "w", "a name of its own")]
)
def test_new_names_that_cannot_be_meant(rename, match):
    with pytest.raises(ntb.InputError, match=match):
        renamed(["a.w", "b.w"], rename)


def test_a_long_report_is_short():
    report = restore(
        {"w": ntb.Variable(0.0)}, {f"v{i}": np.ones(1) for i in range(40)} | {"w": np.ones(())}, strict=False
    )
    assert "and 28 more" in repr(report) and len(repr(report).splitlines()) == 15
