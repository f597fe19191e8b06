"""The graph style.

Here `graph` is the module, `import ntb.compat as graph`, which programs of the earlier ntb import as `ntb`.
"""

import copy
import pickle
from pathlib import Path

import numpy as np

import ntb.compat as graph
from ntb.compat import GraphError
from ntb.errors import InputError

from . import mistake


@mistake(GraphError, met="No graph specified", expected="make nodes inside `with default_graph(g):`, or pass graph=g")
def a_node_without_a_graph():
    graph.Placeholder([-1, 3])


@mistake(
    GraphError,
    met="No value assigned to Placeholder node <Placeholder x of shape (-1, 3), made at program.py:1>",
    expected="put it into the assign_dict of g.run",
)
def a_feed_that_is_missing():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        x = graph.Placeholder([-1, 3])
        y = x.sum()
    g.run([y])


@mistake(
    GraphError,
    met="the value assigned to <Placeholder x of shape (-1, 3), made at program.py:1> has shape (5, 4)",
    expected="expected (-1, 3), where -1 is any size",
)
def a_feed_of_a_wrong_shape():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        x = graph.Placeholder([-1, 3])
        y = x.sum()
    g.run([y], {x: np.ones((5, 4))})


@mistake(
    GraphError,
    met="the value assigned to <Placeholder x of shape (-1,), made at program.py:1> is no array of",
    expected="turn it into numbers first",
)
def a_feed_that_is_text():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        x = graph.Placeholder([-1])
        y = x.sum()
    g.run([y], {x: ["a", "b"]})


@mistake(
    GraphError,
    met="the value assigned to <Placeholder x of shape (-1, -1), made at program.py:1> is no array of",
    expected="The requested array has an inhomogeneous shape after 1 dimensions",
    repair="Pad short rows, so that all are equally long",
)
def a_feed_of_rows_of_unequal_length():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        x = graph.Placeholder([-1, -1])
        y = x.sum()
    g.run([y], {x: [[1.0, 2.0], [3.0]]})


@mistake(
    GraphError,
    met="a value is assigned to 'x', which is no node of this graph",
    expected="the keys of assign_dict are nodes, made in `with default_graph(g):`",
)
def a_feed_for_something_that_is_no_node():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        x = graph.Placeholder([-1])
        y = x.sum()
    g.run([y], {"x": np.ones(3)})


@mistake(
    GraphError,
    met="a value is assigned to <Placeholder x of shape (-1,), made at program.py:1>, which is no node",
    expected="the keys of assign_dict are nodes, made in `with default_graph(g):`",
)
def a_feed_for_a_node_of_another_graph():
    g, other = graph.ComputationGraph(), graph.ComputationGraph()
    with graph.default_graph(other):
        x = graph.Placeholder([-1])
    with graph.default_graph(g):
        y = graph.Variable(value=2.0) * 3.0
    g.run([y], {x: np.ones(3)})


@mistake(
    GraphError,
    met="g.run takes a list of nodes",
    expected="write g.run([y_2], ...), which returns a tuple of one value",
)
def a_node_asked_for_without_a_list():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        y = graph.Variable(value=2.0) * 3.0
    g.run(y)


@mistake(
    GraphError,
    met="'w' is asked for, but is no node of this graph",
    expected="ask for nodes made in `with default_graph(g):`",
)
def something_asked_for_that_is_no_node():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        w = graph.Variable(value=2.0)
        w * w
    g.run(["w"])


@mistake(
    GraphError,
    met="<Placeholder x of shape (-1,), made at program.py:1> is an input of Mult but belongs to another",
    expected="make both inside the same `with default_graph(g):`",
)
def a_node_of_another_graph_as_an_input():
    g, other = graph.ComputationGraph(), graph.ComputationGraph()
    with graph.default_graph(other):
        x = graph.Placeholder([-1])
    with graph.default_graph(g):
        w = graph.Variable(value=2.0)
        w * x


@mistake(
    GraphError,
    met="a Variable of shape (-1, 3) needs a value",
    expected="which says how much -1 is: value=np.zeros(...)",
)
def a_variable_with_an_unknown_size():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Variable(shape=(-1, 3))


@mistake(
    GraphError,
    met="Initial value shape does not match specified shape: the value has (2,), shape=(3,)",
    expected="give one of the two",
)
def a_variable_whose_value_has_another_shape():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Variable(value=np.zeros(2), shape=(3,))


@mistake(GraphError, met="the graph of this node is gone", expected="keep it in a variable")
def a_node_whose_graph_nobody_keeps():
    x = graph.Placeholder([3], graph=graph.ComputationGraph())
    x.graph.run([x], {x: np.ones(3)})


@mistake(
    GraphError,
    met="<Variable w of shape (2,), made at program.py:1> cannot take a value of shape (3,)",
    expected="its shape stays",
)
def a_variable_set_to_another_shape():
    with graph.default_graph(graph.ComputationGraph()):
        w = graph.Variable(value=np.zeros(2))
        w.value = np.zeros(3)


@mistake(
    GraphError,
    met="<Variable w of shape (2,), made at program.py:1> holds numbers, and cannot take a value of",
    expected=".astype converts it",
)
def a_variable_set_to_text():
    with graph.default_graph(graph.ComputationGraph()):
        w = graph.Variable(value=np.zeros(2))
        w.value = np.array(["a", "b"])


@mistake(
    GraphError,
    met="not of dtype <U3",
    expected="a constant of a graph is a number or an array of numbers",
    repair="turn it into numbers",
)
def a_constant_that_is_text():
    with graph.default_graph(graph.ComputationGraph()):
        w = graph.Variable(value=np.zeros(2))
        graph.Add(w, "one")


@mistake(
    InputError,
    met="Add: shapes (-1, 3) and (4,) cannot be broadcast against each other",
    expected="sizes are matched from the last on, and are equal, 1, or -1 where not known",
)
def nodes_that_cannot_be_broadcast():
    with graph.default_graph(graph.ComputationGraph()):
        x, w = graph.Placeholder([-1, 3]), graph.Variable(value=np.zeros(4))
        x + w


@mistake(
    InputError, met="not those of a matrix product, (N, D) and (D, M)", expected="Dot: shapes (-1, 3) and (4, 2) are"
)
def a_product_of_nodes_that_does_not_fit():
    with graph.default_graph(graph.ComputationGraph()):
        x, w = graph.Placeholder([-1, 3]), graph.Variable(value=np.zeros((4, 2)))
        x.dot(w)


@mistake(
    InputError, met="Affine: shapes (-1, 3), (4, 2) and (2,) do not fit", expected="expected (N, D), (D, M) and (M,)"
)
def an_affine_map_that_does_not_fit():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder([-1, 3])
        graph.Affine(x, graph.Variable(value=np.zeros((4, 2))), graph.Variable(value=np.zeros(2)))


@mistake(InputError, met="Sum: axis 2 does not exist in a node of rank 2", expected="axes are counted from 0")
def an_axis_that_a_node_does_not_have():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Placeholder([-1, 3]).sum(axis=2)


@mistake(InputError, met="Subscript", expected="3 indices for a node of shape (-1, 3)")
def too_many_indices_of_a_node():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder([-1, 3])
        x[0, 0, 0]


@mistake(
    InputError, met="Subscript", expected="index 3 is out of bounds for axis 1 with size 3 (a node of shape (-1, 3))"
)
def an_index_that_a_node_does_not_have():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder([-1, 3])
        x[:, 3]


@mistake(
    GraphError,
    met="the exponent of `node ** c` is a number",
    expected="for a node use exp(c * log(x)) in a node of your own",
)
def a_node_as_an_exponent():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder([-1])
        x**x


@mistake(
    GraphError,
    met="`c ** node` is not a node",
    expected="the exponent of `node ** c` is a number",
    repair="Function1d(node, f, df) takes any function with its derivative",
)
def a_number_to_the_power_of_a_node():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder([-1])
        2**x


@mistake(
    GraphError,
    met="<Compare compare_2 of shape (), made at program.py:1> has no truth before a run, which `if`",
    expected="take the value of g.run([compare_2])",
)
def the_truth_of_a_node():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder([])
        if x > 0:
            pass


@mistake(
    GraphError,
    met="<Placeholder _a of shape (2,), made at program.py:1> cannot be iterated or unpacked",
    expected="take its parts by index",
)
def unpacking_a_node():
    with graph.default_graph(graph.ComputationGraph()):
        _a, _b = graph.Placeholder([2])


@mistake(
    GraphError,
    met="Node is not a scalar: a gradient is of a node of shape (), not (2,)",
    expected="take its sum or mean",
)
def a_gradient_of_a_node_that_is_not_a_scalar():
    with graph.default_graph(graph.ComputationGraph()):
        w = graph.Variable(value=np.zeros(2))
        graph.Grad(w * w, w)


@mistake(
    GraphError,
    met="Not a valid loss node: <Mult mult_1 of shape (2,), made at program.py:1>",
    expected="a loss is a node of shape (), as .sum() or .mean() makes it",
)
def an_optimizer_of_a_loss_that_is_not_a_scalar():
    with graph.default_graph(graph.ComputationGraph()):
        w = graph.Variable(value=np.zeros(2))
        graph.Optim(w * w, lr=0.1)


@mistake(GraphError, met='Invalid update_rule "adagrad"', expected="there are sgd, rmsprop, adam")
def an_unknown_update_rule():
    with graph.default_graph(graph.ComputationGraph()):
        w = graph.Variable(value=0.0)
        graph.Optim(w * w, lr=0.1, update_rule="adagrad")


@mistake(GraphError, met="adam has no options ['beta']", expected="it has ['beta1', 'beta2', 'epsilon']")
def an_unknown_key_of_config():
    with graph.default_graph(graph.ComputationGraph()):
        w = graph.Variable(value=0.0)
        graph.Optim(w * w, lr=0.1, update_rule="adam", config={"beta": 0.9})


@mistake(
    GraphError,
    met="Nodes with the 'disruptive' flag cannot serve as inputs to other nodes: <Optim opt of shape ()",
    expected="which is only asked for, g.run([opt])",
)
def an_optimizer_as_an_input():
    with graph.default_graph(graph.ComputationGraph()):
        w = graph.Variable(value=0.0)
        opt = graph.Optim(w * w, lr=0.1)
        opt * 2.0


@mistake(
    GraphError,
    met="<Mult mult_1 of shape (), made at program.py:1> depends on no learnable variable of rank 2 or",
    expected="leave weight_decay out, or name nodes by L2(w)",
)
def weight_decay_of_a_loss_without_matrices():
    with graph.default_graph(graph.ComputationGraph()):
        w = graph.Variable(value=0.0)
        graph.weight_decay(w * w)


@mistake(
    GraphError,
    met="these reach from 0 to 3",
    expected="<CrossEntropyLogits loss of shape (), made at program.py:1> failed on (float64[2, 3]",
    repair="count them from 0, or allow for more than 3",
)
def a_label_out_of_range_in_a_run():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        scores, labels = graph.Placeholder([-1, 3]), graph.Placeholder([-1])
        loss = graph.CrossEntropyLogits(scores, labels)
    g.run([loss], {scores: np.zeros((2, 3)), labels: np.array([0, 3])})


@mistake(
    GraphError,
    met="these reach from 0 to 3",
    expected="<CrossEntropyLogits loss of shape (), made at program.py:1> failed on (float64[2, 3]",
    repair="count them from 0, or allow for more than 3",
)
def a_label_out_of_range_in_a_later_run():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        scores, labels = graph.Placeholder([-1, 3]), graph.Placeholder([-1])
        loss = graph.CrossEntropyLogits(scores, labels)
    g.run([loss], {scores: np.zeros((2, 3)), labels: np.array([0, 2])})
    g.run([loss], {scores: np.zeros((2, 3)), labels: np.array([0, 3])})


@mistake(
    InputError,
    met="CrossEntropyLogits: scores of shape (-1, 3) and labels of shape (-1, 3) do not fit",
    expected="expected (N, C) and (N,)",
)
def labels_in_a_matrix():
    with graph.default_graph(graph.ComputationGraph()):
        scores, labels = graph.Placeholder([-1, 3]), graph.Placeholder([-1, 3])
        graph.CrossEntropyLogits(scores, labels)


@mistake(
    InputError,
    met="TemporalCE: shapes (-1, 3), (-1,) and (-1,) do not fit",
    expected="expected (N, T, V), (N, T) and (N, T)",
)
def a_temporal_loss_of_wrong_shapes():
    with graph.default_graph(graph.ComputationGraph()):
        scores, labels, mask = graph.Placeholder([-1, 3]), graph.Placeholder([-1]), graph.Placeholder([-1])
        graph.TemporalCE(scores, labels, mask)


@mistake(GraphError, met="(float64[3], float64[4])", expected="operands could not be broadcast together")
def nodes_that_do_not_fit_in_a_run():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        x, y = graph.Placeholder([-1]), graph.Placeholder([-1])
        z = x + y
    g.run([z], {x: np.zeros(3), y: np.zeros(4)})


@mistake(
    InputError,
    met="Conv2d: shapes (-1, 3, 8, 8), (16, 1, 3, 3) and (16,) do not fit",
    expected="expected (N, C, H, W), (F, C, HH, WW) and (F,)",
)
def a_convolution_node_that_does_not_fit():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder([-1, 3, 8, 8])
        w, b = graph.Variable(value=np.zeros((16, 1, 3, 3))), graph.Variable(value=np.zeros(16))
        graph.Conv2d(x, w, b, stride=1, pad=(2, 2))


@mistake(
    InputError,
    met="height does not work: windows of (3, 3) at stride 2 do not fill (8, 8) with a padding of (0, 0)",
    expected="get_pad gives one that fits",
)
def windows_that_do_not_fill_the_image():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder([-1, 3, 8, 8])
        w, b = graph.Variable(value=np.zeros((16, 3, 3, 3))), graph.Variable(value=np.zeros(16))
        graph.Conv2d(x, w, b, stride=2, pad=(0, 0))


@mistake(
    InputError, met="not (-1, 3, -1, -1)", expected="MaxPool: expected x of shape (N, C, H, W) with C, H and W known"
)
def pooling_of_an_image_of_unknown_size():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder([-1, 3, -1, -1])
        graph.MaxPool(x, pool_size=(2, 2), pad=(0, 0))


@mistake(InputError, met="Batchnorm: gamma (4,) and beta (4,) do not fit x (-1, 3)", expected="expected (3,)")
def a_batchnorm_node_that_does_not_fit():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder([-1, 3])
        gamma, beta = graph.Variable(value=np.ones(4)), graph.Variable(value=np.zeros(4))
        graph.Batchnorm(x, gamma, beta, True)


@mistake(InputError, met="not (3,)", expected="Sample: probabilities have shape (N, K) or (N, T, K)")
def a_sample_of_scores_in_a_vector():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Sample(graph.Placeholder([3]))


@mistake(InputError, met="TemporalDot: shapes (-1, 3) and (3, 2) do not fit", expected="expected (N, T, D) and (D, M)")
def a_temporal_map_of_a_matrix():
    with graph.default_graph(graph.ComputationGraph()):
        x, w = graph.Placeholder([-1, 3]), graph.Variable(value=np.zeros((3, 2)))
        graph.TemporalDot(x, w)


@mistake(GraphError, met="not (-1, 3, 8, 8)", expected="Invalid input shape: an Lstm takes (N, D) or (N, T, D)")
def an_lstm_of_images():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Lstm(16)(graph.Placeholder([-1, 3, 8, 8]), np.zeros((2, 5, 16)))


@mistake(
    InputError,
    met="LstmCell_Raw: shapes (-1, 3), (2, 5, 8), (3, 64), (16, 64) and (64,) do not fit",
    expected="expected (N, D), (2, N, H), (D, 4H), (H, 4H) and (4H,)",
)
def a_state_of_an_lstm_of_another_size():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Lstm(16)(graph.Placeholder([-1, 3]), np.zeros((2, 5, 8)))


@mistake(InputError, met="not (-1, 3)", expected="Rnn: expected x of shape (N, T, D)")
def a_recurrent_network_of_a_matrix():
    with graph.default_graph(graph.ComputationGraph()):
        weights = [graph.Variable(value=np.zeros(s)) for s in ((3, 16), (16, 16), (16,))]
        graph.Rnn(graph.Placeholder([-1, 3]), np.zeros((1, 5, 16)), *weights, rnn_cell=graph.VanillaRnnCell)


@mistake(
    GraphError, met="an Rnn as a whole cannot be assigned a value", expected="assign its outputs or its last state"
)
def a_recurrent_network_assigned_a_value():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        weights = [graph.Variable(value=np.zeros(s)) for s in ((3, 16), (16, 16), (16,))]
        rnn = graph.Rnn(graph.Placeholder([-1, 7, 3]), np.zeros((1, 5, 16)), *weights, rnn_cell=graph.VanillaRnnCell)
        outputs, _state = rnn
    g.run([outputs], {rnn: np.zeros((5, 7, 16))})


@mistake(GraphError, met="Cell does not say how it runs along sequences", expected="define `sequence`")
def a_cell_of_ones_own_along_a_sequence():
    class Cell(graph.RnnCell):
        def compute(self, x, state, Wx, Wh, b):
            return state

    g = graph.ComputationGraph()
    with graph.default_graph(g):
        weights = [graph.Variable(value=np.zeros(s)) for s in ((3, 16), (16, 16), (16,))]
        x = graph.Placeholder([-1, 7, 3])
        outputs, _state = graph.Rnn(x, np.zeros((1, 5, 16)), *weights, rnn_cell=Cell)
    g.run([outputs], {x: np.zeros((5, 7, 3))})


@mistake(
    GraphError,
    met="a graph keeps no values between runs, so there is no graph.fp_eval",
    expected="ask for what you need, as in g.run([node]) for a value and g.run([Grad(scalar, node)]) for a",
)
def values_kept_by_the_earlier_ntb():
    g = graph.ComputationGraph()
    g.fp_eval


@mistake(
    AttributeError, met="a ComputationGraph has no attribute 'execute'", expected="it runs by run(nodes, assign_dict)"
)
def an_attribute_that_a_graph_does_not_have():
    graph.ComputationGraph().execute


@mistake(InputError, met="not int64", expected="a graph computes in a floating-point dtype, np.float32 or np.float64")
def a_graph_of_integers():
    graph.ComputationGraph(dtype=int)


@mistake(
    GraphError,
    met="<Placeholder x of shape (-1,), made at program.py:1> is in the graph already",
    expected="its constructor calls add_node by itself",
)
def a_node_added_twice():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        x = graph.Placeholder([-1])
    g.add_node(x)


@mistake(GraphError, met="Double gave no shape", expected="infer_shape returns a tuple, with -1 for unknown sizes")
def a_node_of_ones_own_without_a_shape():
    class Double(graph.Node):
        def infer_shape(self, x):
            pass

    with graph.default_graph(graph.ComputationGraph()):
        Double(graph.Placeholder([-1]))


@mistake(GraphError, met="back_eval returned 1 gradients", expected="for 2 inputs", repair="return one for each")
def a_node_of_ones_own_with_too_few_gradients():
    class Product(graph.Node):
        def forw_eval(self, x, y):
            return x * y, (x, y)

        def back_eval(self, Dout, cache, bp_mask):
            return Dout * cache[1]

    g = graph.ComputationGraph()
    with graph.default_graph(g):
        v, w = graph.Variable(value=2.0), graph.Variable(value=3.0)
        d = graph.Grad(Product(v, w), v)
    g.run([d])


@mistake(
    GraphError,
    met="<Double double_1 of shape (), made at program.py:1> failed on (float64[]): TypeError",
    expected="'float' and 'NoneType'",
)
def a_node_of_ones_own_that_fails_on_the_way_back():
    class Double(graph.Node):
        def forw_eval(self, x):
            return 2 * x, None

        def back_eval(self, Dout, cache, bp_mask):
            return Dout * cache

    g = graph.ComputationGraph()
    with graph.default_graph(g):
        w = graph.Variable(value=3.0)
        d = graph.Grad(Double(w), w)
    g.run([d])


@mistake(InputError, met="1 gradients for 2 shapes", expected="there must be one for each, 0 for zeros")
def fewer_gradients_than_shapes():
    graph.fix_ds([np.ones(3)], [(3,), (2,)])


@mistake(
    GraphError,
    met="2 saved values for 1 nodes with state: w",
    expected="expected a list with one for each, as g.save() gives it",
)
def a_saved_state_of_another_graph():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        w = graph.Variable(value=np.zeros(2))
    g.load([w.value, w.value])


@mistake(
    GraphError,
    met="saved value 0 does not fit <Variable variable_0 of shape (2,), made at program.py:1>, and",
    expected="its shape stays",
)
def a_saved_state_of_another_shape():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        graph.Variable(value=np.zeros(2))
    g.load([np.zeros(3)])


@mistake(
    GraphError,
    met="saved value 2 does not fit <Optim optim_3 of shape (), made at program.py:1>, and nothing was",
    expected="array(0.)",
)
def a_saved_state_of_an_optimizer_that_is_none():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        w = graph.Variable(value=0.0)
        graph.Optim(w * w, lr=0.1)
    g.load([np.zeros(()), np.zeros(()), np.zeros(())])


@mistake(
    InputError,
    met="the data of a Solver lack X_val, y_val",
    expected="they are a dict of X_train, y_train, X_val, y_val",
)
def a_solver_without_validation_data():
    graph.Solver({"X_train": np.zeros((5, 3)), "y_train": np.zeros(5, int)}, model=None)


@mistake(InputError, met="no number 'accuracy' was reported by epoch_step", expected="only ['val_acc']")
def a_solver_of_a_graph_that_looks_for_an_unknown_number():
    data = {"X_train": np.zeros((5, 3)), "y_train": np.zeros(5), "X_val": np.zeros((5, 3)), "y_val": np.zeros(5)}
    model = graph.Model(
        train_step=lambda x, y: [("loss", 1.0)], epoch_step=lambda *_: [("val_acc", 0.5)],
        predict=lambda x: x, reset=lambda: None, save=lambda: None, load=lambda s: None,
    )  # fmt: skip
    graph.Solver(data, model, metric="accuracy", verbose=False).train(1)


@mistake(InputError, met="not '3d'", expected='mode is "1d" or "2d"')
def an_unknown_mode_of_mnist():
    graph.datasets.mnist.load(mode="3d")


@mistake(
    InputError,
    met="50000 + 10000 images are asked for, and there are 7000",
    expected="the whole of MNIST has 60000: name the folder of its files as path=",
)
def more_digits_than_there_are():
    graph.datasets.mnist.load(num_train=50000, num_val=10000)


@mistake(InputError, met="not (5, 10)", expected="images have shape (N, C, H, W), or (N, D) with D a square number")
def rows_that_are_no_square_images():
    graph.datasets.vis.render_images_1(np.zeros((5, 10)))


@mistake(
    InputError,
    met="no prediction is right, so there is nothing to show",
    expected="the others are shown with correct=False",
)
def right_predictions_where_none_is():
    graph.datasets.vis.render_predictions(np.zeros((2, 784)), [0, 1], [1, 0], ["a", "b"], correct=True)


@mistake(InputError, met="render_confusion_sample", expected="needs a model, or a function pred_fn")
def a_confusion_without_a_model():
    graph.datasets.vis.render_confusion_sample({"X_val": np.zeros((2, 784)), "y_val": [0, 1], "classes": ["a", "b"]})


@mistake(
    InputError, met="weights.pkl is not a whole file of saved arrays", expected="at position 0, opcode b'<' unknown"
)
def an_old_checkpoint_that_is_a_web_page():
    Path("weights.pkl").write_text("<html>not found</html>")
    graph.load_legacy("weights.pkl")


@mistake(
    InputError,
    met="weights.pkl was not loaded: the file asks for os.system",
    expected="which is no array or plain container",
)
def an_old_checkpoint_that_would_run_a_program():
    Path("weights.pkl").write_bytes(b"cos\nsystem\n(S'echo'\ntR.")
    graph.load_legacy("weights.pkl")


@mistake(FileNotFoundError, met="No such file or directory")
def an_old_checkpoint_that_is_not_there():
    graph.load_legacy("weights.pkl")


@mistake(
    GraphError,
    met="a graph cannot be copied or pickled",
    expected="run the code that describes it again, and move the state",
    repair="g.save() gives and other.load(...) takes",
)
def a_copy_of_a_graph():
    copy.deepcopy(graph.ComputationGraph())


@mistake(
    GraphError,
    met="<Variable w of shape (), made at program.py:1> cannot be copied or pickled without its graph",
    expected="run the code that describes the graph again, and move the state",
    repair="g.save() gives and other.load(...) takes",
)
def a_pickle_of_a_node():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        w = graph.Variable(value=2.0)
    pickle.dumps(w)
