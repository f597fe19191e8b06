"""Section 1: every public name is there, and nothing of other packages."""

import inspect
import subprocess
import sys

import numpy as np
import pytest

import ntb.compat as ntb
from ntb.naming import TakenNames

CLASSES = [
    "ComputationGraph",
    "default_graph",
    "Node",
    "Variable",
    "Placeholder",
    "Add",
    "Sub",
    "Mult",
    "Div",
    "Dot",
    "Affine",
    "Function1d",
    "Reshape",
    "BatchFlatten",
    "Sum",
    "Mean",
    "Argmax",
    "Sample",
    "Equals",
    "Subscript",
    "Relu",
    "Sigmoid",
    "Tanh",
    "Maxout",
    "Softmax",
    "CrossEntropy",
    "CrossEntropyLogits",
    "ClassAccuracy",
    "Conv2d",
    "MaxPool",
    "Batchnorm",
    "TemporalBatchnorm",
    "SpatialBatchnorm",
    "Dropout",
    "L2",
    "L1",
    "RnnCell",
    "VanillaRnnCell",
    "LstmCell_Raw",
    "Rnn",
    "Projection",
    "Lstm",
    "TemporalAffine",
    "TemporalDot",
    "TemporalCE",
    "Embed",
    "Optim",
    "Grad",
    "Model",
    "Solver",
]
FUNCTIONS = [
    "affine_layer",
    "conv_layer",
    "max_pool_layer",
    "batchnorm_layer",
    "spatial_batchnorm_layer",
    "weight_decay",
    "const_init",
    "normal_init",
    "xavier_init",
    "num_grad",
    "num_grad_sparse_error",
    "test_num_grads",
    "get_pad",
    "im2col",
    "col2im",
    "im2col_aux",
    "as_strided",
    "pad_4d",
    "unpad_4d",
    "sum_to_match",
    "fix_ds",
    "default_result_shape",
    "shape_matches",
    "sigmoid",
]
PATHS = [
    "graph.ComputationGraph",
    "graph.default_graph",
    "solver.Solver",
    "model.Model",
    "misc.shape_matches",
    "misc.default_result_shape",
    "layers.affine_layer",
    "layers.conv_layer",
    "initializers.xavier_init",
    "vis.render_cnn_filters",
    "nodes.Node",
    "nodes.Variable",
    "nodes.Placeholder",
    "nodes.Add",
    "nodes.Reshape",
    "nodes.Subscript",
    "nodes.Sample",
    "rnn.Lstm",
    "rnn.Embed",
    "rnn.TemporalAffine",
    "loss.CrossEntropy",
    "loss.TemporalCE",
    "loss.ClassAccuracy",
    "conv.Conv2d",
    "conv.MaxPool",
    "conv.im2col",
    "conv.get_pad",
    "reg.L2",
    "reg.weight_decay",
    "reg.Dropout",
    "optim.Optim",
    "grad.Grad",
    "nonlinearities.Relu",
    "nonlinearities.sigmoid",
    "datasets.mnist.load",
    "datasets.cifar10.load",
    "datasets.textdata.load",
    "datasets.vis.render_images",
]


@pytest.mark.parametrize("name", CLASSES + FUNCTIONS)
def test_public_names(name):
    assert callable(getattr(ntb, name)) and name in ntb.__all__


@pytest.mark.parametrize("path", PATHS)
def test_paths_of_submodules(path):
    x = ntb
    for part in path.split("."):
        x = getattr(x, part)
    assert callable(x)


def test_num_grad_is_the_function():
    assert inspect.isfunction(ntb.num_grad)


@pytest.mark.parametrize("name", ["np", "product", "randrange", "copy", "deepcopy", "zip_longest", "compress"])
def test_nothing_leaks(name):
    assert not hasattr(ntb, name)


def test_all_is_complete_and_exists():
    public = {n for n, x in vars(ntb).items() if not n.startswith("_") and not inspect.ismodule(x) and n != "install"}
    assert public <= set(ntb.__all__)
    assert all(hasattr(ntb, name) for name in ntb.__all__)


def test_modules_that_are_public():
    modules = {name for name in ntb.__all__ if inspect.ismodule(getattr(ntb, name))}
    assert modules == {path.partition(".")[0] for path in PATHS}


def test_a_star_import_collects_no_test():
    assert ntb.test_num_grads.__test__ is False


def test_datasets_after_from_import():
    from ntb.compat.datasets import cifar10, mnist, textdata

    assert ntb.datasets.mnist is mnist and ntb.datasets.cifar10 is cifar10 and ntb.datasets.textdata is textdata


def test_import_needs_numpy_alone():
    code = "import sys, ntb.compat; sys.exit(any(n in sys.modules for n in ('matplotlib', 'scipy', 'PIL')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_function_and_class_has_a_docstring():
    assert [n for n in CLASSES + FUNCTIONS if not inspect.getdoc(getattr(ntb, n))] == []


def test_readme_program_of_the_earlier_ntb():
    g = ntb.ComputationGraph()
    with ntb.default_graph(g):
        x = ntb.Placeholder()
        y = ntb.Variable(value=3.0)
        z = x * y
        w = z + 1
    assert g.run([z, w], assign_dict={x: 2.0}) == (6.0, 7.0)
    with ntb.default_graph(g):
        r = ntb.Placeholder([-1])
        m = ntb.Variable()
        l = ((r - m) ** 2).mean()
        opt = ntb.Optim(l, lr=1e-1)
    rr = np.array([1.0, 2.0, 3.0])
    for _ in range(300):
        (_,) = g.run([opt], assign_dict={r: rr})
    np.testing.assert_allclose(m.value, 2.0, atol=1e-6)


def test_a_name_of_many_nodes_is_numbered_without_counting_anew():
    """Each search begins where the last one ended; from the beginning it would take half a minute."""
    names = TakenNames()
    assert [names.take("x") for _ in range(30_000)][-1] == "x_30000"
