"""Batches and data sets."""

import pickle
from pathlib import Path

import numpy as np

import ntb
from ntb.datasets import cifar10, idx, mnist, shapes32, textdata
from ntb.errors import InputError

from . import mistake


@mistake(InputError, met="batches needs at least one array", expected="as in batches(x, y, size=100)")
def batches_of_nothing():
    ntb.data.batches(size=10)


@mistake(InputError, met="got shapes (10, 3), (9,)", expected="batches needs arrays with equally many rows")
def batches_of_arrays_of_different_lengths():
    ntb.data.batches(np.ones((10, 3)), np.ones(9), size=5)


@mistake(InputError, met="got size=0", expected="the size of a batch is a whole number of rows, 1 or more")
def batches_of_no_rows():
    ntb.data.batches(np.ones(10), size=0)


@mistake(InputError, met="got size=2.5", expected="the size of a batch is a whole number of rows, 1 or more")
def batches_of_half_a_row():
    ntb.data.batches(np.ones(10), size=2.5)


@mistake(TypeError, met="got 'yes'", expected="shuffle is None, True, a seed or a generator with permutation(n)")
def an_unknown_way_to_shuffle():
    ntb.data.batches(np.ones(10), size=5, shuffle="yes")


@mistake(
    FileNotFoundError,
    met="MNIST is not complete in downloads: none of train-images-idx3-ubyte",
    expected="The four files can be had from http://yann.lecun.com/exdb/mnist/ or any of its mirrors",
    repair="load() without a folder needs no files",
)
def mnist_from_a_wrong_folder():
    mnist.load("downloads")


@mistake(
    ValueError,
    met="train-images-idx3-ubyte is not an IDX file",
    expected="it begins with b'<htm', expected two zeros and a known type",
)
def a_file_of_mnist_that_is_a_web_page():
    Path("train-images-idx3-ubyte").write_text("<html>not found</html>")
    Path("train-labels-idx1-ubyte").write_text("<html>not found</html>")
    mnist.load(".")


@mistake(
    ValueError,
    met="train-images-idx3-ubyte is damaged: 1484 bytes, but its header (shape (2, 28, 28), uint8)",
    expected="fetch the file again",
)
def a_file_of_mnist_that_ends_too_soon():
    idx.write("train-labels-idx1-ubyte", np.zeros(2, np.uint8))
    idx.write("whole", np.zeros((2, 28, 28), np.uint8))
    Path("train-images-idx3-ubyte").write_bytes(Path("whole").read_bytes()[:-100])
    mnist.load(".")


@mistake(
    ValueError,
    met="train-images-idx3-ubyte is damaged: it ends within its header of 16 bytes",
    expected="fetch the file again",
)
def a_file_of_mnist_that_ends_in_its_header():
    idx.write("train-labels-idx1-ubyte", np.zeros(2, np.uint8))
    idx.write("whole", np.zeros((2, 28, 28), np.uint8))
    Path("train-images-idx3-ubyte").write_bytes(Path("whole").read_bytes()[:6])
    mnist.load(".")


@mistake(
    ValueError,
    met="train-images-idx3-ubyte.gz is damaged, gzip says: Compressed file ended before the",
    expected="fetch the file again",
)
def a_file_of_mnist_whose_compression_is_damaged():
    idx.write("train-labels-idx1-ubyte", np.zeros(2, np.uint8))
    idx.write("train-images-idx3-ubyte.gz", np.zeros((2, 28, 28), np.uint8))
    whole = Path("train-images-idx3-ubyte.gz").read_bytes()
    Path("train-images-idx3-ubyte.gz").write_bytes(whole[:-4])
    mnist.load(".")


@mistake(
    ValueError,
    met="found uint8 of shape (2, 32, 32)",
    expected="train-images-idx3-ubyte: expected uint8 images of 28 by 28",
)
def images_of_another_size_in_the_place_of_mnist():
    idx.write("train-images-idx3-ubyte", np.zeros((2, 32, 32), np.uint8))
    idx.write("train-labels-idx1-ubyte", np.zeros(2, np.uint8))
    mnist.load(".")


@mistake(
    ValueError,
    met="found uint8 of shape (1,)",
    expected="train-labels-idx1-ubyte: expected 2 uint8 labels, one per image of train-images-idx3-ubyte",
)
def fewer_labels_than_images():
    idx.write("train-images-idx3-ubyte", np.zeros((2, 28, 28), np.uint8))
    idx.write("train-labels-idx1-ubyte", np.zeros(1, np.uint8))
    mnist.load(".")


@mistake(ValueError, met="found 11", expected="train-labels-idx1-ubyte: expected labels from 0 to 9")
def a_label_of_mnist_above_nine():
    idx.write("train-images-idx3-ubyte", np.zeros((2, 28, 28), np.uint8))
    idx.write("train-labels-idx1-ubyte", np.array([3, 11], np.uint8))
    mnist.load(".")


@mistake(
    TypeError,
    met="IDX has no type for complex128",
    expected="convert to one of uint8, int8, int16, int32, float32, float64",
)
def complex_numbers_in_an_idx_file():
    idx.write("numbers", np.zeros(2, complex))


@mistake(
    FileNotFoundError,
    met="CIFAR-10 is not complete in downloads: data_batch_1, data_batch_2, data_batch_3, data_batch_4",
    expected="The set can be had from https://www.cs.toronto.edu/~kriz/cifar.html",
    repair="give the folder into which its files were unpacked",
)
def cifar_from_a_wrong_folder():
    cifar10.load("downloads")


def cifar(folder=".", batch=None, names=None):
    """Write the files of CIFAR-10 with few images; for those that are damaged."""
    whole = {"data": np.zeros((2, 3072), np.uint8), "labels": [0, 1]}
    for name in [*[f"data_batch_{i}" for i in range(1, 6)], "test_batch"]:
        Path(folder, name).write_bytes(pickle.dumps(whole if batch is None else batch))
    Path(folder, "batches.meta").write_bytes(pickle.dumps({"label_names": names or list("abcdefghij")}))


@mistake(
    ValueError,
    met="b'<' is no word of pickle",
    expected="data_batch_1 is not a whole file of saved arrays",
    repair="The set can be had from https://www.cs.toronto.edu/~kriz/cifar.html",
)
def a_file_of_cifar_that_is_no_pickle():
    cifar()
    Path("data_batch_1").write_text("<html>not found</html>")
    cifar10.load(".")


@mistake(
    ValueError,
    met="data_batch_1 was not loaded: the file asks for builtins.print",
    expected="it was not run",
    repair="The set can be had from https://www.cs.toronto.edu/~kriz/cifar.html",
)
def a_file_of_cifar_that_would_run_a_program():
    cifar(batch=print)
    cifar10.load(".")


@mistake(
    ValueError,
    met="data_batch_1 is damaged: expected a dictionary, found list",
    expected="The set can be had from https://www.cs.toronto.edu/~kriz/cifar.html",
)
def a_file_of_cifar_that_holds_a_list():
    cifar(batch=[1, 2, 3])
    cifar10.load(".")


@mistake(
    ValueError,
    met="data_batch_1 is damaged: expected entries 'data' and 'labels', found ['data']",
    expected="The set can be had from https://www.cs.toronto.edu/~kriz/cifar.html",
)
def a_file_of_cifar_without_labels():
    cifar(batch={"data": np.zeros((2, 3072), np.uint8)})
    cifar10.load(".")


@mistake(
    ValueError,
    met="data_batch_1 is damaged: expected uint8 rows of 3072 pixels, found uint8 of shape (2, 784)",
    expected="The set can be had from https://www.cs.toronto.edu/~kriz/cifar.html",
)
def a_file_of_cifar_with_other_images():
    cifar(batch={"data": np.zeros((2, 784), np.uint8), "labels": [0, 1]})
    cifar10.load(".")


@mistake(
    ValueError,
    met="data_batch_1 is damaged: expected 2 labels, found int64 of shape (1,)",
    expected="The set can be had from https://www.cs.toronto.edu/~kriz/cifar.html",
)
def a_file_of_cifar_with_fewer_labels():
    cifar(batch={"data": np.zeros((2, 3072), np.uint8), "labels": [0]})
    cifar10.load(".")


@mistake(
    ValueError,
    met="data_batch_1 is damaged",
    expected="expected at least one image, and labels from 0 to 9. The set can be had from",
)
def a_label_of_cifar_above_nine():
    cifar(batch={"data": np.zeros((2, 3072), np.uint8), "labels": [0, 10]})
    cifar10.load(".")


@mistake(
    ValueError,
    met="found 9. The set can be had from https://www.cs.toronto.edu/~kriz/cifar.html",
    expected="batches.meta is damaged: expected the names of 10 classes",
)
def names_of_nine_classes():
    cifar(names=list("abcdefghi"))
    cifar10.load(".")


@mistake(
    ValueError,
    met="not a multiple of the 3073 that an image takes",
    expected="data_batch_1.bin is damaged: 3000 bytes are",
    repair="The set can be had from https://www.cs.toronto.edu/~kriz/cifar.html",
)
def a_binary_file_of_cifar_that_ends_too_soon():
    for name in [*[f"data_batch_{i}.bin" for i in range(1, 6)], "test_batch.bin"]:
        Path(name).write_bytes(bytes(3000))
    Path("batches.meta.txt").write_text("\n".join("abcdefghij"))
    cifar10.load(".")


@mistake(
    TypeError, met="scaled images lie between 0 and 1 and need a float dtype, got int64", expected="try np.float32"
)
def images_scaled_to_integers():
    mnist.load().scaled(np.int64)


@mistake(TypeError, met="got float32: call it once, on loaded data", expected="scaled() expects uint8 images")
def images_scaled_twice():
    mnist.load().scaled().scaled()


@mistake(ValueError, met="got n_train=-1 and n_val=10", expected="the numbers of pictures cannot be negative")
def a_negative_number_of_pictures():
    shapes32.load(-1, 10)


@mistake(
    FileNotFoundError,
    met="shakespeare.txt is neither a file nor one of the texts that come with ntb",
    expected="us_constitution.txt",
)
def a_text_that_is_not_there():
    textdata.load("shakespeare.txt")


@mistake(
    ValueError,
    met="short.txt has 5 characters, a row of seq_length=10 with its targets needs 11",
    expected="choose a smaller seq_length",
)
def a_text_shorter_than_a_row():
    Path("short.txt").write_text("short")
    textdata.load("short.txt", seq_length=10)


@mistake(
    ValueError,
    met="short.txt gives 2 rows, none of them left for training beside 2 for validation",
    expected="choose a smaller seq_length or stride",
)
def a_text_that_is_all_for_validation():
    Path("short.txt").write_text("a short text")
    textdata.load("short.txt", seq_length=5, stride=5, val_frac=0.9)


@mistake(
    ValueError,
    met="latin.txt is not UTF-8: 'utf-8' codec can't decode byte 0xfc in position 1: invalid start byte",
    expected="convert it first",
)
def a_text_that_is_not_utf_8():
    Path("latin.txt").write_bytes("Füße".encode("latin1"))
    textdata.load("latin.txt")


@mistake(ValueError, met="got 0 and 0", expected="seq_length and stride must be at least 1")
def rows_of_no_characters():
    textdata.load("us_constitution", seq_length=0)


@mistake(ValueError, met="got 10", expected="val_frac is a fraction, 0 <= val_frac < 1")
def a_fraction_in_percent():
    textdata.load("us_constitution", val_frac=10)


@mistake(
    ValueError,
    met="the data have no ['c', 'k']",
    expected="their 9 characters are ' aehorstx'",
    repair="leave others out, or load a text that has them",
)
def a_character_that_the_text_does_not_have():
    Path("short.txt").write_text("a short text")
    textdata.load("short.txt", seq_length=3).encode("attack")


@mistake(ValueError, met="got 0 to 99", expected="decode expects numbers from 0 to 8")
def a_number_that_is_no_character():
    Path("short.txt").write_text("a short text")
    textdata.load("short.txt", seq_length=3).decode([0, 99])


@mistake(ValueError, met="got float64 of shape (2, 3)", expected="decode expects integers in one row")
def probabilities_decoded():
    Path("short.txt").write_text("a short text")
    textdata.load("short.txt", seq_length=3).decode(np.ones((2, 3)))


@mistake(
    InputError,
    met="not from generator",
    expected="batches picks rows from arrays and lists",
    repair="list(...) reads it once",
)
def batches_of_a_generator():
    ntb.data.batches((i for i in range(10)), size=5)


@mistake(
    InputError,
    met="the rows of a list must be of equal lengths",
    expected="pad them, or give an array of objects",
)
def batches_of_unequal_rows():
    ntb.data.batches([[1, 2], [3]], size=1)


@mistake(InputError, met="got shuffle=-1", expected="a seed is a whole number, 0 or more")
def a_negative_seed():
    ntb.data.batches(np.ones(10), size=5, shuffle=-1)
