"""Options and settings take effect or raise: unknown keywords, documented options, attributes that are set later."""

import copy
import inspect

import numpy as np
import pytest

import ntb.compat as ntb
from ntb.compat import GraphError

IMAGES = np.random.default_rng(0).normal(size=(2, 3, 8, 8))
DATA = {"X_train": np.zeros((3, 2)), "y_train": np.zeros(3), "X_val": np.zeros((3, 2)), "y_val": np.zeros(3)}
GREY = np.zeros((4, 784), np.uint8)
PLAIN_IMAGES = np.ones((1, 1, 4, 4))


def calls():
    """For each public callable a call of it, to which keywords are added."""
    x, im, y, s = (ntb.Placeholder(shape) for shape in ([-1, 3], [-1, 3, 8, 8], [-1], []))
    seq, ys = ntb.Placeholder([-1, 4, 3]), ntb.Placeholder([-1, 4])
    w, b = ntb.Variable(value=np.ones((3, 2))), ntb.Variable(value=np.zeros(2))
    l = w.sum() + b.sum()
    lstm = [np.zeros(shape) for shape in ((3, 20), (5, 20), (20,))]
    rnn = [np.zeros(shape) for shape in ((3, 5), (5, 5), (5,))]
    filters, biases, ones = np.ones((2, 3, 3, 3)), np.zeros(2), np.ones(3)
    inputs = dict.fromkeys(
        ("Add", "Sub", "Mult", "Div", "Equals", "Maximum", "Minimum", "Concat", "Stack"), (x, x)
    )  # fmt: skip
    inputs |= dict.fromkeys(
        (
            "Exp",
            "Log",
            "Sqrt",
            "StopGradient",
            "Transpose",
            "OneHot",
            "Relu",
            "Sigmoid",
            "Tanh",
            "Softmax",
            "Maxout",
            "Sum",
            "Mean",
            "BatchFlatten",
            "Sample",
            "L2",
            "L1",
            "Node",
        ),
        (x,),
    )
    inputs |= {
        "Where": (x, x, x),
        "Dot": (x, w), "Affine": (x, w, b), "Function1d": (x,), "Reshape": (x,), "Argmax": (x,), "Subscript": (x,),
        "CrossEntropy": (x, y), "CrossEntropyLogits": (x, y), "ClassAccuracy": (y, y), "TemporalCE": (seq, ys, ys),
        "Conv2d": (im, filters, biases), "MaxPool": (im,), "Batchnorm": (x, ones, ones, s), "Dropout": (x, 0.5),
        "SpatialBatchnorm": (im, ones, ones, s), "TemporalBatchnorm": (seq, ones, ones, s), "Lstm": (4,),
        "LstmCell_Raw": (x, np.zeros((2, 1, 5)), *lstm), "VanillaRnnCell": (x, np.zeros((1, 1, 5)), *rnn),
        "RnnCell": (x, np.zeros((1, 1, 5)), *rnn), "Rnn": (seq, np.zeros((2, 1, 5)), *lstm), "Projection": (x,),
        "TemporalAffine": (seq, w, b), "TemporalDot": (seq, w), "Embed": (ys, w), "Optim": (l,), "Grad": (l, w),
        "Assign": (w, w),
        "Variable": (), "Placeholder": (), "Model": (None,) * 6, "Solver": (DATA, None), "ComputationGraph": (),
        "default_graph": (l.graph,), "affine_layer": (x, 2), "conv_layer": (im, 2, 3, 3), "max_pool_layer": (im, 2, 2),
        "batchnorm_layer": (x, s), "spatial_batchnorm_layer": (im, s), "weight_decay": (l,), "const_init": (1.0,),
        "normal_init": (), "xavier_init": ((2, 2),), "num_grad": (np.sum, np.ones(2)), "test_num_grads": (l, {}),
        "num_grad_sparse_error": (np.sum, np.ones(2), np.ones(2)), "get_pad": (8, 8, 3, 3, 1),
        "im2col": (PLAIN_IMAGES, 2, 2, (0, 0), 1), "im2col_aux": (PLAIN_IMAGES, 2, 2, 1),
        "as_strided": (PLAIN_IMAGES, 2, 2, 1), "col2im": (np.ones((4, 9)), (1, 1, 4, 4), 2, 2, (0, 0), 1),
        "pad_4d": (PLAIN_IMAGES, (1, 1)), "unpad_4d": (PLAIN_IMAGES, (1, 1)), "sum_to_match": (np.ones((2, 2)), ()),
        "fix_ds": (1.0, 1.0, (), ()), "default_result_shape": ((2,),), "shape_matches": ((2,), (2,)),
        "sigmoid": (0.0,), "load_legacy": ("none",),
    }  # fmt: skip
    required = {
        "Function1d": {"f": np.exp, "df": np.exp}, "Reshape": {"shape": [3, -1]}, "Argmax": {"axis": 1},
        "OneHot": {"depth": 3},
        "Subscript": {"index": 0}, "Conv2d": {"stride": 1, "pad": (0, 0)}, "Rnn": {"rnn_cell": ntb.LstmCell_Raw},
        "MaxPool": {"pool_size": (2, 2), "pad": (0, 0)}, "Projection": {"n": 1, "i": 0, "shape": (3,)},
        "Variable": {"value": 1.0},
    }  # fmt: skip
    return {name: (getattr(ntb, name), args, required.get(name, {})) for name, args in inputs.items()}


def other_calls():
    load = {"num_train": 2, "num_val": 2}
    datasets, pictures = ntb.datasets, ntb.datasets.vis
    answers = {"X_val": GREY, "y_val": np.array([0, 1, 0, 1]), "classes": ["a", "b"]}
    g = ntb.ComputationGraph()
    return {
        "mnist.load": (datasets.mnist.load, (), load), "cifar10.load": (datasets.cifar10.load, (), load),
        "textdata.load": (datasets.textdata.load, ("us_constitution.txt",), {}),
        "render_cnn_filters": (ntb.vis.render_cnn_filters, (np.ones((2, 1, 3, 3)),), {}),
        "render_images": (pictures.render_images, (GREY, [0, 1, 0, 1], ["a", "b"]), {}),
        "render_images_1": (pictures.render_images_1, (GREY,), {}),
        "render_predictions": (pictures.render_predictions, (GREY, [0, 1, 0, 1], [1, 1, 0, 1], ["a", "b"]), {}),
        "render_confusion_sample": (
            pictures.render_confusion_sample, (answers,), {"pred_fn": lambda X: np.array([0, 0, 0, 1])}
        ),
        "visualize": (datasets.mnist.load(num_train=20, num_val=2)[1], (), {}),
        "run": (g.run, ([],), {}), "program": (g.program, ([],), {}), "save": (g.save, (), {}),
    }  # fmt: skip


@pytest.mark.parametrize("name", [n for n in ntb.__all__ if callable(getattr(ntb, n)) and n != "GraphError"])
def test_an_unknown_keyword_is_named(g, name):
    function, args, kwargs = calls()[name]
    with pytest.raises(TypeError, match="nonsense"):
        function(*args, **kwargs, nonsense=1)


@pytest.mark.parametrize("name", [
    "mnist.load", "cifar10.load", "textdata.load", "visualize", "run", "program", "save",
    "render_cnn_filters", "render_images", "render_images_1", "render_predictions", "render_confusion_sample",
])  # fmt: skip
def test_an_unknown_keyword_of_other_functions_is_named(name):
    function, args, kwargs = other_calls()[name]
    if name == "visualize" or name.startswith("render"):
        pytest.importorskip("matplotlib", reason="pictures are drawn by matplotlib, which is not installed")
    with pytest.raises(TypeError, match="nonsense"):
        function(*args, **kwargs, nonsense=1)


def test_too_few_and_too_many_inputs_are_refused(g):
    x = ntb.Placeholder([-1, 3])
    for name in ("Add", "Sub", "Mult", "Div", "Equals", "Dot", "Affine", "CrossEntropyLogits", "Embed"):
        with pytest.raises((TypeError, GraphError)):
            getattr(ntb, name)(x)
    for name in ("Relu", "Sigmoid", "Tanh", "Softmax", "Maxout", "Sum", "Mean", "BatchFlatten", "Sample"):
        with pytest.raises((TypeError, GraphError)):
            getattr(ntb, name)(x, x)


# --- documented options, each with another value: the result is another, or it is refused


def test_options_of_layers(g):
    x = ntb.Placeholder([-1, 3, 8, 8])
    shapes = {
        (stride, padding): ntb.conv_layer(x, 2, 3, 3, stride=stride, padding=padding)[0].shape
        for stride in (1, 2) for padding in ("same", "minimal")
    }  # fmt: skip
    assert shapes == {
        (1, "same"): (-1, 2, 9, 9), (1, "minimal"): (-1, 2, 6, 6),
        (2, "same"): (-1, 2, 5, 5), (2, "minimal"): (-1, 2, 4, 4),
    }  # fmt: skip
    for padding in ("valid", "SAME", None, 1):
        with pytest.raises(GraphError, match="padding"):
            ntb.conv_layer(x, 2, 3, 3, padding=padding)
        with pytest.raises(GraphError, match="padding"):
            ntb.get_pad(8, 8, 3, 3, 1, padding)
    assert ntb.max_pool_layer(x, 2, 2).shape != ntb.max_pool_layer(x, 2, 2, stride=1).shape


@pytest.mark.parametrize(("option", "value"), [("mu", 1.0), ("var", 4.0), ("eps", 1.0), ("learning_rate", 0.5)])
def test_options_of_batchnorm(g, option, value):
    x, train = ntb.Placeholder([-1, 3]), ntb.Placeholder()
    data = np.random.default_rng(0).normal(size=(5, 3))

    def outputs(node):
        return [g.run([node], {x: data, train: mode})[0] for mode in (0.0, 1.0, 0.0)]

    changed, usual, later = (
        ntb.Batchnorm(x, np.ones(3), np.zeros(3), train, **options) for options in ({option: value}, {}, {})
    )
    g.run([later], {x: data, train: 0.0})
    setattr(later, "lr" if option == "learning_rate" else option, value)
    a, b, c = map(outputs, (changed, usual, later))
    assert any(not np.allclose(p, q) for p, q in zip(a, b)) and all(np.array_equal(p, q) for p, q in zip(a, c))


PICTURE_OPTIONS = [{"figsize": (3.0, 2.0)}, {"cmap": "viridis"}, {"interpolation": "bilinear"}, {"title": "a"}]


@pytest.mark.parametrize("options", PICTURE_OPTIONS)
@pytest.mark.parametrize("name", ["render_cnn_filters", "render_images", "render_images_1", "render_confusion_sample"])
def test_options_of_pictures(name, options):
    pytest.importorskip("matplotlib", reason="pictures are drawn by matplotlib, which is not installed")

    def seen(figure):
        grey = [image for axes in figure.axes for image in axes.images][-1]
        title = figure._suptitle.get_text() if figure._suptitle else None
        return tuple(figure.get_size_inches()), grey.get_cmap().name, grey.get_interpolation(), title

    function, args, kwargs = other_calls()[name]
    assert seen(function(*args, **kwargs)) != seen(function(*args, **kwargs, **options))


def test_attributes_that_are_set_after_a_run(g):
    """In the earlier ntb they took effect in the next run."""
    x, im = ntb.Placeholder([3, 3]), ntb.Placeholder([-1, 3, 8, 8])
    a = np.arange(9.0).reshape(3, 3)
    cases = [
        (ntb.Function1d(x, f=np.exp, df=np.exp), "f", np.sin, x, a), (ntb.Sum(x, axis=0), "axis", 1, x, a),
        (ntb.Mean(x, axis=0), "axis", 1, x, a), (ntb.Argmax(x, axis=0), "axis", 1, x, a.T % 5),
        (ntb.Subscript(x, index=0), "index", 1, x, a), (x**2, "exponent", 3, x, a),
        (ntb.MaxPool(im, pool_size=(2, 2), pad=(0, 0)), "pool_size", (1, 1), im, IMAGES),
        (ntb.Conv2d(im, np.ones((1, 3, 2, 2)), np.zeros(1), stride=2, pad=(0, 0)), "stride", 3, im, IMAGES),
        (ntb.Conv2d(im, np.ones((1, 3, 2, 2)), np.zeros(1), stride=2, pad=(0, 0)), "pad", (2, 2), im, IMAGES),
        (ntb.Reshape(x, shape=(1, 9)), "shape", (9, 1), x, a),
    ]  # fmt: skip
    for node, name, value, fed, data in cases:
        before = [g.run([node], {fed: data})[0] for _ in range(3)][-1]
        setattr(node, name, value)
        after = g.run([node], {fed: data})[0]
        assert before.shape != after.shape or not np.array_equal(before, after), (node, name)


def test_what_cannot_be_set_says_so(g):
    w = ntb.Variable(value=1.0)
    l = w * w
    opt = ntb.Optim(l, lr=0.1)
    with pytest.raises(AttributeError):
        g.dtype = np.float32
    with pytest.raises(TypeError):
        g.inputs[l][0] = w
    with pytest.raises((TypeError, GraphError)):
        g.inputs[l] = [w]
    with pytest.raises(AttributeError):
        g.bp_subtree[l].add(w)
    with pytest.raises(GraphError, match="keeps its rule"):
        opt.update_rule = "adam"


# --- optimizers: what is put into `configs`, `nodes` and loaded states


def model(rule="sgd", **options):
    g = ntb.ComputationGraph()
    with ntb.default_graph(g):
        a, b = ntb.Variable(value=1.0), ntb.Variable(value=np.array([1.0, 2.0]))
        opt = ntb.Optim(a * a + (b * b).sum(), lr=0.1, update_rule=rule, config=options)
    return g, a, b, opt


def steps(g, opt, count=3):
    for _ in range(count):
        g.run([opt])


OPTIONS = [
    ("sgd", "momentum", 0.0), ("sgd", "momentum", 0.5), ("rmsprop", "decay_rate", 0.5), ("rmsprop", "epsilon", 0.1),
    ("adam", "beta1", 0.5), ("adam", "beta2", 0.5), ("adam", "epsilon", 0.1),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "option", "value"), OPTIONS)
def test_an_option_of_one_parameter_or_of_all(rule, option, value):
    expected, usual = model(rule, **{option: value}), model(rule)
    for how in ("configs", "state", "first"):
        g, a, b, opt = changed = model(rule)
        if how == "configs":
            for config in opt.configs:
                config[option] = value
        elif how == "first":
            opt.configs[0][option] = value
        else:
            state = g.save()
            state[-1] = [{**entry, option: value} for entry in state[-1]]
            g.load(state)
        assert opt.configs[0][option] == value
        for graph, _, _, optim in (changed, expected, usual):
            if graph is g or how == "configs":
                steps(graph, optim)
        assert a.value == expected[1].value
        np.testing.assert_array_equal(b.value, (usual if how == "first" else expected)[2].value)
        assert a.value != usual[1].value


@pytest.mark.parametrize(("rule", "option", "value"), OPTIONS)
def test_an_option_that_is_changed_between_steps(rule, option, value):
    """The state stays; the steps are those of the rule with the new option."""
    g, _, b, opt = model(rule)
    steps(g, opt)
    opt.configs[1][option] = value
    saved = g.save()
    other, _, other_b, other_opt = model(rule, **{option: value})
    other.load(saved)
    steps(g, opt)
    steps(other, other_opt)
    np.testing.assert_array_equal(b.value, other_b.value)
    g.reset()
    assert opt.configs[1][option] == opt.configs[0][option]


def test_state_through_configs():
    g, a, _, opt = model()
    opt.configs[0]["velocity"] = 1.0
    g.run([opt])
    np.testing.assert_allclose(a.value, 1.0 + 0.9 - 0.2)
    opt.configs[1].update(velocity=np.array([5.0, 5.0]))
    assert g.save()[-1][1]["velocity"].tolist() == [5, 5]


def test_what_is_taken_out_of_configs_is_as_at_the_beginning():
    g, _, _, opt = model(momentum=0.5)
    steps(g, opt)
    first, second = opt.configs
    assert first.pop("momentum") == 0.5 and "momentum" not in first
    del second["velocity"]
    second |= {"momentum": 0.25}
    assert opt.configs[0]["momentum"] == 0.9 and np.any(opt.configs[0]["velocity"])
    assert opt.configs[1]["momentum"] == 0.25 and not np.any(opt.configs[1]["velocity"])
    assert copy.deepcopy(first) == dict(first) and type(copy.deepcopy(first)) is dict


def test_the_number_of_steps_is_each_parameters_own():
    g, a, b, opt = model("adam")
    steps(g, opt)
    other, other_a, other_b, other_opt = model("adam")
    other.load(g.save())
    other_opt.configs[0]["t"] = 100
    assert [config["t"] for config in other_opt.configs] == [100, 3]
    g.run([opt])
    other.run([other_opt])
    assert [config["t"] for config in other_opt.configs] == [101, 4]
    assert a.value != other_a.value and np.array_equal(b.value, other_b.value)


def test_other_nodes_to_train():
    g, a, b, opt = model(momentum=0.0)
    assert opt.nodes == [a, b]
    opt.nodes = [b]
    g.run([opt])
    np.testing.assert_allclose(b.value, [0.8, 1.6])
    assert a.value == 1.0 and len(opt.configs) == 1
    opt.nodes = [a, b]
    g.run([opt])
    np.testing.assert_allclose(a.value, 0.8)


@pytest.mark.parametrize("rule", ["sgd", "adam", "rmsprop"])
def test_freezing_and_unfreezing_between_runs(rule):
    g, a, b, opt = model(rule)
    steps(g, opt)
    a.learnable = False
    frozen, moving = a.value, b.value
    steps(g, opt)
    assert a.value == frozen and np.all(b.value != moving)
    a.learnable = True
    steps(g, opt)
    assert a.value != frozen


def test_a_state_before_the_first_step_and_of_another_rule():
    g, _, _, opt = model("adam")
    steps(g, opt)
    state = g.save()
    g.load([*state[:-1], [{}, {}]])  # as the earlier ntb saved it
    assert opt.configs[0]["t"] == 0 and not np.any(opt.configs[1]["m"]) and opt.configs[0]["beta1"] == 0.9
    sgd, *_ = model()
    with pytest.raises(GraphError, match="none of sgd's"):
        sgd.load(state)


def test_signatures_say_what_they_take():
    for name in ("affine_layer", "conv_layer", "Optim", "Solver", "Dropout", "Variable", "Placeholder"):
        kinds = {p.kind for p in inspect.signature(getattr(ntb, name)).parameters.values()}
        assert inspect.Parameter.VAR_KEYWORD not in kinds
