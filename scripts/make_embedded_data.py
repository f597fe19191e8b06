"""Make the data that ship inside ntb: 7,000 of MNIST's training images, and a text.

python scripts/make_embedded_data.py --mnist FOLDER --text us_constitution.txt

The same input gives the same files, byte for byte.
"""

import argparse
from pathlib import Path

import numpy as np

from ntb.datasets import idx, mnist

SEED = 0
TRAIN, VALIDATION = 600, 100  # images of each digit


def choose(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the images for training and validation: random ones of each digit, in random order, none twice."""
    rng = np.random.default_rng(SEED)
    of_digit = [rng.permutation(np.flatnonzero(labels == digit)) for digit in range(10)]
    train = np.concatenate([positions[:TRAIN] for positions in of_digit])
    validation = np.concatenate([positions[TRAIN : TRAIN + VALIDATION] for positions in of_digit])
    return rng.permutation(train), rng.permutation(validation)


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the data that ship inside ntb.")
    parser.add_argument("--mnist", type=Path, required=True, help="folder with the IDX files of MNIST, plain or .gz")
    parser.add_argument("--text", type=Path, required=True, help="the text, UTF-8")
    parser.add_argument("--out", type=Path, default=mnist.EMBEDDED, help="where the files go (default: into ntb)")
    options = parser.parse_args()

    text = options.text.read_text(encoding="utf-8")
    images, labels = mnist.read_part(options.mnist, "train")
    options.out.mkdir(parents=True, exist_ok=True)
    for part, chosen in zip(("train", "validation"), choose(labels)):
        idx.write(options.out / f"{part}-images-idx3-ubyte.gz", images[chosen, 0])
        idx.write(options.out / f"{part}-labels-idx1-ubyte.gz", labels[chosen].astype(np.uint8))
    (options.out / options.text.name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
