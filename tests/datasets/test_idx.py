import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ntb.datasets import idx

ARRAYS = st.sampled_from(sorted(idx.DTYPES.values())).flatmap(
    lambda dtype: hnp.arrays(np.dtype(dtype), hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
)


@given(array=ARRAYS, end=st.sampled_from([".idx", ".gz"]))
def test_what_is_written_is_read(tmp_path_factory, array, end):
    path = tmp_path_factory.mktemp("idx") / f"array{end}"
    idx.write(path, array)
    back = idx.read(path)
    assert back.dtype == array.dtype.newbyteorder("=") and back.dtype.isnative
    np.testing.assert_array_equal(back, array)
    assert back.flags.writeable and (path.read_bytes()[:2] == b"\x1f\x8b") == (end == ".gz")


def test_reads_the_format_as_described(tmp_path):
    path = tmp_path / "by-hand"
    path.write_bytes(b"\0\0\x0b\x02" + b"\0\0\0\x01" + b"\0\0\0\x03" + b"\x00\x01" + b"\x01\x00" + b"\xff\xff")
    assert idx.read(path).tolist() == [[1, 256, -1]]


def test_compression_is_found_by_content_not_by_name(tmp_path):
    idx.write(tmp_path / "a.gz", np.arange(5, dtype=np.uint8))
    (tmp_path / "a").write_bytes((tmp_path / "a.gz").read_bytes())
    assert idx.read(tmp_path / "a").tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not an IDX file"),
        (b"\0\0\x08", "not an IDX file"),
        (b"\x89PNG and so on", "not an IDX file"),
        (b"\0\0\x0a\x01\0\0\0\x00", "not an IDX file"),
        (b"\0\0\x08\x03\0\0\0\x01", "ends within its header"),
        (b"\0\0\x08\x01\0\0\0\x03ab", "promises 11"),
        (b"\0\0\x08\x01\0\0\0\x03abcd", "promises 11"),
        (b"\0\0\x08\x03" + b"\xff" * 12, "promises"),
        (gzip.compress(b"\0\0\x08\x01\0\0\0\x03abc", mtime=0)[:-5], "gzip says"),
        (b"\x1f\x8b\x08 rubbish rubbish", "damaged"),
    ],
)
def test_a_damaged_file_is_named(tmp_path, content, message):
    path = tmp_path / "damaged-file"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        idx.read(path)
    assert "damaged-file" in str(caught.value)


def test_a_type_idx_does_not_have(tmp_path):
    with pytest.raises(TypeError, match="no type for int64"):
        idx.write(tmp_path / "a", np.arange(3))
