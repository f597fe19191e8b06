"""Batches and data sets."""

import gzip
import pickle
from pathlib import Path

import numpy as np

import ntb
from ntb.datasets import cifar10, idx, mnist, shapes32, textdata

from . import mistake


@mistake(ValueError, met="", expected="")
def batches_of_nothing():
    ntb.data.batches(size=10)


@mistake(ValueError, met="", expected="")
def batches_of_arrays_of_different_lengths():
    ntb.data.batches(np.ones((10, 3)), np.ones(9), size=5)


@mistake(ValueError, met="", expected="")
def batches_of_no_rows():
    ntb.data.batches(np.ones(10), size=0)


@mistake(ValueError, met="", expected="")
def batches_of_half_a_row():
    ntb.data.batches(np.ones(10), size=2.5)


@mistake(TypeError, met="", expected="")
def an_unknown_way_to_shuffle():
    ntb.data.batches(np.ones(10), size=5, shuffle="yes")



@mistake(FileNotFoundError, met="", expected="")
def mnist_from_a_wrong_folder():
    mnist.load("downloads")


@mistake(ValueError, met="", expected="")
def a_file_of_mnist_that_is_a_web_page():
    Path("train-images-idx3-ubyte").write_text("<html>not found</html>")
    Path("train-labels-idx1-ubyte").write_text("<html>not found</html>")
    mnist.load(".")


@mistake(ValueError, met="", expected="")
def a_file_of_mnist_that_ends_too_soon():
    idx.write("whole", np.zeros((2, 28, 28), np.uint8))
    Path("train-images-idx3-ubyte").write_bytes(Path("whole").read_bytes()[:-100])
    mnist.load(".")


@mistake(ValueError, met="", expected="")
def a_file_of_mnist_that_ends_in_its_header():
    idx.write("whole", np.zeros((2, 28, 28), np.uint8))
    Path("train-images-idx3-ubyte").write_bytes(Path("whole").read_bytes()[:6])
    mnist.load(".")


@mistake(ValueError, met="", expected="")
def a_file_of_mnist_whose_compression_is_damaged():
    Path("train-images-idx3-ubyte.gz").write_bytes(gzip.compress(b"images")[:-4])
    mnist.load(".")


@mistake(ValueError, met="", expected="")
def images_of_another_size_in_the_place_of_mnist():
    idx.write("train-images-idx3-ubyte", np.zeros((2, 32, 32), np.uint8))
    idx.write("train-labels-idx1-ubyte", np.zeros(2, np.uint8))
    mnist.load(".")


@mistake(ValueError, met="", expected="")
def fewer_labels_than_images():
    idx.write("train-images-idx3-ubyte", np.zeros((2, 28, 28), np.uint8))
    idx.write("train-labels-idx1-ubyte", np.zeros(1, np.uint8))
    mnist.load(".")


@mistake(ValueError, met="", expected="")
def a_label_of_mnist_above_nine():
    idx.write("train-images-idx3-ubyte", np.zeros((2, 28, 28), np.uint8))
    idx.write("train-labels-idx1-ubyte", np.array([3, 11], np.uint8))
    mnist.load(".")


@mistake(TypeError, met="", expected="")
def complex_numbers_in_an_idx_file():
    idx.write("numbers", np.zeros(2, complex))


@mistake(FileNotFoundError, met="", expected="")
def cifar_from_a_wrong_folder():
    cifar10.load("downloads")


def cifar(folder=".", batch=None, names=None):
    """Write the files of CIFAR-10 with few images; for those that are damaged."""
    whole = {"data": np.zeros((2, 3072), np.uint8), "labels": [0, 1]}
    for name in [*[f"data_batch_{i}" for i in range(1, 6)], "test_batch"]:
        Path(folder, name).write_bytes(pickle.dumps(whole if batch is None else batch))
    Path(folder, "batches.meta").write_bytes(pickle.dumps({"label_names": names or list("abcdefghij")}))


@mistake(ValueError, met="", expected="")
def a_file_of_cifar_that_is_no_pickle():
    cifar()
    Path("data_batch_1").write_text("<html>not found</html>")
    cifar10.load(".")


@mistake(ValueError, met="", expected="")
def a_file_of_cifar_that_would_run_a_program():
    cifar(batch=print)
    cifar10.load(".")


@mistake(ValueError, met="", expected="")
def a_file_of_cifar_that_holds_a_list():
    cifar(batch=[1, 2, 3])
    cifar10.load(".")


@mistake(ValueError, met="", expected="")
def a_file_of_cifar_without_labels():
    cifar(batch={"data": np.zeros((2, 3072), np.uint8)})
    cifar10.load(".")


@mistake(ValueError, met="", expected="")
def a_file_of_cifar_with_other_images():
    cifar(batch={"data": np.zeros((2, 784), np.uint8), "labels": [0, 1]})
    cifar10.load(".")


@mistake(ValueError, met="", expected="")
def a_file_of_cifar_with_fewer_labels():
    cifar(batch={"data": np.zeros((2, 3072), np.uint8), "labels": [0]})
    cifar10.load(".")


@mistake(ValueError, met="", expected="")
def a_label_of_cifar_above_nine():
    cifar(batch={"data": np.zeros((2, 3072), np.uint8), "labels": [0, 10]})
    cifar10.load(".")


@mistake(ValueError, met="", expected="")
def names_of_nine_classes():
    cifar(names=list("abcdefghi"))
    cifar10.load(".")


@mistake(ValueError, met="", expected="")
def a_binary_file_of_cifar_that_ends_too_soon():
    for name in [*[f"data_batch_{i}.bin" for i in range(1, 6)], "test_batch.bin"]:
        Path(name).write_bytes(bytes(3000))
    Path("batches.meta.txt").write_text("\n".join("abcdefghij"))
    cifar10.load(".")


@mistake(TypeError, met="", expected="")
def images_scaled_to_integers():
    mnist.load().scaled(np.int64)


@mistake(TypeError, met="", expected="")
def images_scaled_twice():
    mnist.load().scaled().scaled()


@mistake(ValueError, met="", expected="")
def a_negative_number_of_pictures():
    shapes32.load(-1, 10)


@mistake(FileNotFoundError, met="", expected="")
def a_text_that_is_not_there():
    textdata.load("shakespeare.txt")


@mistake(ValueError, met="", expected="")
def a_text_shorter_than_a_row():
    Path("short.txt").write_text("short")
    textdata.load("short.txt", seq_length=10)


@mistake(ValueError, met="", expected="")
def a_text_that_is_all_for_validation():
    Path("short.txt").write_text("a short text")
    textdata.load("short.txt", seq_length=5, stride=5, val_frac=0.9)


@mistake(ValueError, met="", expected="")
def a_text_that_is_not_utf_8():
    Path("latin.txt").write_bytes("Füße".encode("latin1"))
    textdata.load("latin.txt")


@mistake(ValueError, met="", expected="")
def rows_of_no_characters():
    textdata.load("us_constitution", seq_length=0)


@mistake(ValueError, met="", expected="")
def a_fraction_in_percent():
    textdata.load("us_constitution", val_frac=10)


@mistake(ValueError, met="", expected="")
def a_character_that_the_text_does_not_have():
    Path("short.txt").write_text("a short text")
    textdata.load("short.txt", seq_length=3).encode("attack")


@mistake(ValueError, met="", expected="")
def a_number_that_is_no_character():
    Path("short.txt").write_text("a short text")
    textdata.load("short.txt", seq_length=3).decode([0, 99])


@mistake(ValueError, met="", expected="")
def probabilities_decoded():
    Path("short.txt").write_text("a short text")
    textdata.load("short.txt", seq_length=3).decode(np.ones((2, 3)))
