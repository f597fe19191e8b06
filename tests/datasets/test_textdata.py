import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ntb.datasets import textdata


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("text") / "text.txt"


def test_the_constitution():
    data = textdata.load("us_constitution.txt", seq_length=30, stride=10)
    assert data.x_train.shape == data.y_train.shape == (4256, 30)
    assert data.x_val.shape == data.y_val.shape == (224, 30)
    assert len(data.characters) == 70 and data.characters == sorted(data.characters)
    assert data.x_train.dtype == data.y_val.dtype == np.int64


@given(
    text=st.text("abc \näß\0日😀", min_size=12, max_size=80),
    seq_length=st.integers(1, 9),
    stride=st.none() | st.integers(1, 12),
    val_frac=st.sampled_from([0, 0.05, 0.3, 0.5]),
)
def test_rows_come_from_the_text_in_order(path, text, seq_length, stride, val_frac):
    path.write_bytes(text.encode())
    step = stride or seq_length
    starts = range(0, len(text) - seq_length, step)
    try:
        data = textdata.load(path, seq_length=seq_length, stride=stride, val_frac=val_frac)
    except ValueError:
        assert len(starts) <= (seq_length - 1) // step + 2, "refused a text that is long enough"
        return
    n_train, n_val = len(data.x_train), len(data.x_val)
    train, val = starts[:n_train], starts[len(starts) - n_val :]
    for rows, x, y in [(train, data.x_train, data.y_train), (val, data.x_val, data.y_val)]:
        for start, inputs, targets in zip(rows, x, y, strict=True):
            assert data.decode(inputs) == text[start : start + seq_length]
            assert data.decode(targets) == text[start + 1 : start + seq_length + 1]
    if n_val:
        assert val[0] >= train[-1] + seq_length, "a target is in both parts"
        assert len(starts) - n_train - n_val <= (seq_length - 1) // step, "more rows dropped than overlap"
    else:
        assert n_train == len(starts)
    np.testing.assert_array_equal(data.encode(text), [data.characters.index(c) for c in text])
    assert data.decode(data.encode(text).tolist()) == text


def test_encode_and_decode_refuse_what_the_data_do_not_have(path):
    path.write_text("abcabcabcabc")
    data = textdata.load(path, seq_length=2)
    with pytest.raises(ValueError, match=r"no \['x', 'z'\].*'abc'"):
        data.encode("abxz")
    with pytest.raises(ValueError, match="from 0 to 2, got 0 to 3"):
        data.decode([0, 3])
    with pytest.raises(ValueError, match="got -1"):
        data.decode([-1])
    with pytest.raises(ValueError, match="float64"):
        data.decode([0.5])
    with pytest.raises(ValueError, match="one row"):
        data.decode(data.x_train)
    assert data.encode("").shape == (0,) and data.decode(data.encode("")) == ""
    assert data.decode(iter([2, 0])) == "ca"


def test_a_text_that_is_not_there_lists_those_that_are():
    with pytest.raises(FileNotFoundError, match=r"odyssey.*us_constitution\.txt"):
        textdata.load("odyssey")


def test_a_file_that_is_not_text(path):
    path.write_bytes(b"\xff\xfe\xfd" * 100)
    with pytest.raises(ValueError, match="not UTF-8"):
        textdata.load(path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seq_length": 0}, "at least 1"),
        ({"stride": 0}, "at least 1"),
        ({"val_frac": 1.0}, "fraction"),
        ({"val_frac": -0.1}, "fraction"),
        ({"seq_length": 50_000}, "44841 characters"),
    ],
)
def test_options_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        textdata.load("us_constitution.txt", **options)


def test_rows_that_all_overlap_are_all_for_training(path):
    path.write_text("we the people" * 2)
    data = textdata.load(path, seq_length=20, stride=1, val_frac=0.5)
    assert data.x_train.shape == (6, 20) and data.x_val.shape == (0, 20)
