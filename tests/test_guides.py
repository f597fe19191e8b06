"""docs/guides: the index leads to each task, and tasks take no more lines than elsewhere."""

import re
from pathlib import Path

import pytest

import ntb
from tests.fences import fences

GUIDES = Path(ntb.__file__).parent.parent / "docs" / "guides"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted(GUIDES.glob("*.md"))}
INDEX = PAGES.pop("index.md")
LINES = {
    "Logistic regression": 8,
    "Rows for training, rows for validation": 1,
    "Stop early, and keep the best weights": 10,
    "Class weights": 1,
    "Label smoothing": 1,
    "Accuracy, and what else tells how good a model is": 8,
    'A learning rate that warms up and falls ("scheduler")': 3,
    "Clip gradients": 1,
    "No weight decay on biases and norms": 4,
    "All data at once, by SciPy's L-BFGS": 5,
    "An optimizer of your own": 9,
    "A residual network (ResNet)": 9,
    "Augmentation": 7,
    'Small images to large ones ("transposed convolution", "deconvolution")': 1,
    "Group norm": 1,
    "Data larger than memory (memmap)": 5,
    "Sequences of unequal lengths (padding, BiLSTM)": 6,
    'Batches of like lengths ("bucketing")': 10,
    "Several layers, one above the other (stacked GRU)": 1,
    "A causal convolution": 4,
    "A number that stands for nothing (padding index)": 1,
    "A small GPT": 35,
    "A variational autoencoder (VAE)": 15,
    "Two networks against each other (GAN, two optimizers)": 14,
    'What a model is made of ("summary", number of parameters)': 1,
    'Freeze a part ("requires_grad")': 2,
    "A layer of your own": 6,
    'A gradient of your own ("autograd.Function")': 7,
    "Go on where it was killed, exactly": 3,
    "A part of a model, under other names (transfer learning)": 6,
    "Weights of PyTorch and Keras": 3,
    "Take a model elsewhere: ONNX": 4,
    "Eigenvalues of a Hessian": 2,
    "The gradient of each example": 3,
    "A neural differential equation": 12,
    "How large are the gradients of each layer?": 2,
    "In a notebook (Jupyter)": 5,
}
"""How many lines a task takes in PyTorch, or in Keras, whose loop of training is shorter: the less of both."""


def tasks(page):
    """By title, the text of each task of a page."""
    parts = re.split(r"^## (.*)\n", PAGES[page], flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


TASKS = {title: text for page in PAGES for title, text in tasks(page).items()}


@pytest.mark.parametrize("task", TASKS)
def test_a_task_shows_what_its_program_prints(task):
    kinds = [kind for kind, _ in fences(TASKS[task])]
    assert kinds[-1:] != ["python"] or re.search(r"^print\(", fences(TASKS[task])[-1][1], re.M) is None
    assert "text" in kinds or task == "More than one core"


@pytest.mark.parametrize("task", LINES)
def test_a_task_takes_no_more_lines_than_in_other_libraries(task):
    """Its program is the block above what is printed first. What prepares data stands in blocks before."""
    kinds, texts = zip(*fences(TASKS[task]))
    lines = texts[kinds.index("text") - 1].splitlines()
    counted = [line for line in lines if line and not re.match(r"print\(|import |from ", line)]
    assert 0 < len(counted) <= LINES[task], counted
    assert all(";" not in line for line in counted)


def test_the_index_leads_to_every_task():
    for page in PAGES:
        for title in tasks(page):
            anchor = re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")
            assert f"({page}#{anchor})" in INDEX, f"{page}#{anchor}"


@pytest.mark.parametrize("page", PAGES)
def test_lines_fit_a_screen(page):
    assert all(len(line) <= 92 for kind, code in fences(PAGES[page]) for line in code.splitlines())
