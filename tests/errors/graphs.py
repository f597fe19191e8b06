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
    expected="write g.run([y], ...), which returns a tuple of one value",
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
    met="<Placeholder placeholder_0 of shape (2,), made at program.py:1> cannot be iterated or unpacked",
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


@mistake(
    GraphError,
    met="Cell says how it makes a step, and not how it runs along sequences",
    expected="define the classmethod `sequence(x, state, Wx, Wh, b)`",
    repair="or unroll it: a cell for each x[:, t]",
)
def a_cell_of_ones_own_along_a_sequence():
    class Cell(graph.LstmCell_Raw):
        def compute(self, x, state, Wx, Wh, b):
            return 2 * super().compute(x, state, Wx, Wh, b)

    with graph.default_graph(graph.ComputationGraph()):
        weights = [graph.Variable(value=np.zeros(s)) for s in ((3, 8), (2, 8), (8,))]
        graph.Rnn(graph.Placeholder([-1, 7, 3]), np.zeros((2, 5, 2)), *weights, rnn_cell=Cell)


@mistake(GraphError, met="not 'lstm'", expected="rnn_cell is a subclass of RnnCell, such as LstmCell_Raw")
def a_cell_by_name():
    with graph.default_graph(graph.ComputationGraph()):
        weights = [graph.Variable(value=np.zeros(s)) for s in ((3, 8), (2, 8), (8,))]
        graph.Rnn(graph.Placeholder([-1, 7, 3]), np.zeros((2, 5, 2)), *weights, rnn_cell="lstm")


def optimizer():
    w = graph.Variable(value=1.0)
    return graph.Optim(w * w, lr=0.1)


@mistake(GraphError, met="depends on no learnable Variable", expected="so that there is nothing to train")
def an_optimizer_without_parameters():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder()
        graph.Optim(x * x)


@mistake(GraphError, met="not ['momentum']", expected="config is a dict of options, such as {'momentum': 0.5}")
def options_of_an_optimizer_in_a_list():
    with graph.default_graph(graph.ComputationGraph()):
        w = graph.Variable(value=1.0)
        graph.Optim(w * w, config=["momentum"])


@mistake(GraphError, met="has the shape (2,)", expected="lr is a number or a scalar node")
def a_rate_of_an_optimizer_that_is_a_vector():
    with graph.default_graph(graph.ComputationGraph()):
        w = graph.Variable(value=1.0)
        graph.Optim(w * w, lr=graph.Placeholder([2]))


@mistake(InputError, met="not '0.1'", expected="lr is a number")
def a_rate_of_an_optimizer_that_is_text():
    with graph.default_graph(graph.ComputationGraph()):
        w = graph.Variable(value=1.0)
        graph.Optim(w * w, lr="0.1")


@mistake(GraphError, met="['beta'] are none of sgd's", expected="it keeps ['momentum', 'velocity']")
def an_option_that_a_rule_does_not_have():
    with graph.default_graph(graph.ComputationGraph()):
        optimizer().configs[0]["beta"] = 0.5


@mistake(
    GraphError,
    met="and not taken away",
    expected="the options of an optimizer are set",
    repair="opt.configs[0]['momentum'] = 0.5",
)
def an_option_deleted():
    with graph.default_graph(graph.ComputationGraph()):
        del optimizer().configs[0]["momentum"]


@mistake(GraphError, met="keeps its rule", expected="make another Optim, with update_rule='adam'")
def another_rule_for_an_optimizer():
    with graph.default_graph(graph.ComputationGraph()):
        optimizer().update_rule = "adam"


@mistake(GraphError, met="3.0 is none", expected="the nodes that an Optim changes are Variables of its graph")
def a_number_to_train():
    with graph.default_graph(graph.ComputationGraph()):
        optimizer().nodes = [3.0]


@mistake(GraphError, met="a node stands twice", expected="name it once")
def a_node_to_train_twice():
    with graph.default_graph(graph.ComputationGraph()):
        opt = optimizer()
        opt.nodes = opt.nodes * 2


@mistake(GraphError, met="set_d_nodes takes a list of nodes", expected="write set_d_nodes(l, [w])")
def a_node_in_the_place_of_a_list_of_them():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        w = graph.Variable(value=1.0)
        l = w * w
        g.set_d_nodes(l, w)


@mistake(
    GraphError,
    met="not [<Variable w of shape ()",
    expected="Grad(y, x) is of two nodes, a scalar and that by which it is differentiated",
)
def a_gradient_by_a_list_of_nodes():
    with graph.default_graph(graph.ComputationGraph()):
        w = graph.Variable(value=1.0)
        graph.Grad(w * w, [w])


@mistake(GraphError, met="not 3", expected="default_graph takes a ComputationGraph()")
def a_default_graph_that_is_none():
    with graph.default_graph(3):
        pass


@mistake(
    GraphError,
    met="not 'valid'",
    expected='padding is "minimal" or "same"',
    repair="Conv2d(x, w, b, stride, pad) takes any",
)
def a_padding_that_does_not_exist():
    with graph.default_graph(graph.ComputationGraph()):
        graph.conv_layer(graph.Placeholder([-1, 3, 8, 8]), 4, 5, 5, padding="valid")


@mistake(
    GraphError,
    met="not one of shape (-1, 784)",
    expected="conv_layer takes a node of images, (N, C, H, W) with C, H and W known",
)
def a_convolution_of_rows():
    with graph.default_graph(graph.ComputationGraph()):
        graph.conv_layer(graph.Placeholder([-1, 784]), 4, 5, 5)


@mistake(
    GraphError,
    met="not one of shape (-1, -1)",
    expected="affine_layer takes a node (N, ...) whose sizes after N are known",
)
def an_affine_layer_of_unknown_size():
    with graph.default_graph(graph.ComputationGraph()):
        graph.affine_layer(graph.Placeholder([-1, -1]), 3)


@mistake(
    GraphError,
    met="not one of shape (-1, -1)",
    expected="Batchnorm has a gamma for each channel, so their number must be known",
)
def a_batchnorm_layer_of_unknown_size():
    with graph.default_graph(graph.ComputationGraph()):
        graph.batchnorm_layer(graph.Placeholder([-1, -1]), True)


@mistake(GraphError, met="an empty batch, (0, 3), has no mean and variance", expected="leave it out of training")
def an_empty_batch_for_a_graph_that_normalises():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        x = graph.Placeholder([-1, 3])
        y, _, _ = graph.batchnorm_layer(x, True)
    g.run([y], {x: np.zeros((0, 3))})


@mistake(InputError, met="not 0", expected="stride is a whole number from 1 on")
def a_stride_of_zero_in_a_graph():
    with graph.default_graph(graph.ComputationGraph()):
        graph.conv_layer(graph.Placeholder([-1, 3, 8, 8]), 4, 5, 5, stride=0)


@mistake(InputError, met="not 1", expected="the pad of Conv2d is a pair, of the height and of the width")
def a_padding_that_is_a_number():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder([-1, 3, 8, 8])
        w, b = graph.Variable(value=np.zeros((2, 3, 3, 3))), graph.Variable(value=np.zeros(2))
        graph.Conv2d(x, w, b, stride=1, pad=1)


@mistake(InputError, met="not 1.0", expected="Sum: an axis is a whole number, a tuple of these or None")
def an_axis_of_a_node_that_is_no_number():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Placeholder([-1, 3]).sum(axis=1.0)


@mistake(InputError, met="Sum: an axis stands twice in (1, 1)", expected="name it once")
def an_axis_of_a_node_twice():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Placeholder([-1, 3]).sum(axis=(1, 1))


@mistake(GraphError, met="Reshape to (-1, -1)", expected="one size may be -1, and follows from the others")
def a_reshape_to_two_unknown_sizes():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Reshape(graph.Placeholder([4, 3]), shape=(-1, -1))


@mistake(GraphError, met="Reshape: the 12 elements of a node of shape (4, 3)", expected="do not fill (5, 2)")
def a_reshape_of_another_number_of_elements():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Reshape(graph.Placeholder([4, 3]), shape=(5, 2))


@mistake(GraphError, met="not 1.5", expected="Dropout: p is the probability to keep an element, between 0 and 1")
def a_probability_above_one():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Dropout(graph.Placeholder([3]), 1.5)


@mistake(GraphError, met="not nan", expected="p is the probability to keep an element, between 0 and 1")
def a_probability_that_is_fed_and_is_none():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        x, p = graph.Placeholder([3]), graph.Placeholder()
        y = graph.Dropout(x, p)
    for keep in (1.0, 0.5, float("nan")):
        g.run([y], {x: np.ones(3), p: keep})


@mistake(GraphError, met="it has the shape (3,)", expected="Dropout: p is a scalar, the probability to keep an element")
def a_probability_for_each_element():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Dropout(graph.Placeholder([3]), graph.Placeholder([3]))


@mistake(
    InputError,
    met="predictions of shape (-1, 1) and labels of shape (-1,) do not fit",
    expected="expected (N,) and (N,)",
    repair="Reshape(x, shape=[-1]) a row of a column",
)
def an_accuracy_of_a_column():
    with graph.default_graph(graph.ComputationGraph()):
        graph.ClassAccuracy(graph.Placeholder([-1, 1]), graph.Placeholder([-1]))


@mistake(GraphError, met="the mask has the shape (1, 4)", expected="expected (2, 4), a number for each label")
def a_mask_of_another_shape():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        x, y, mask = graph.Placeholder([-1, -1, 3]), graph.Placeholder([-1, -1]), graph.Placeholder([-1, -1])
        loss = graph.TemporalCE(x, y, mask)
    g.run([loss], {x: np.ones((2, 4, 3)), y: np.zeros((2, 4)), mask: np.ones((1, 4))})


@mistake(
    GraphError,
    met="some of these are not",
    expected="labels and indices are whole numbers",
    repair="np.rint rounds them",
)
def labels_that_are_not_whole():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        x, y = graph.Placeholder([-1, 3]), graph.Placeholder([-1])
        loss = graph.CrossEntropyLogits(x, y)
    g.run([loss], {x: np.ones((2, 3)), y: [0.5, 1.0]})


@mistake(InputError, met="2 rows of X_train and 3 of y_train", expected="there must be as many")
def rows_without_labels_for_a_solver():
    data = {"X_train": np.zeros((2, 2)), "y_train": np.zeros(3), "X_val": np.zeros((2, 2)), "y_val": np.zeros(2)}
    graph.Solver(data, None)


@mistake(
    AttributeError,
    met="module 'ntb' has no attribute 'ComputationGraph', which is of the graph style",
    expected="import ntb.compat as ntb",
    repair="leave out what makes `ntb` this package again",
)
def a_graph_of_the_package_itself():
    import ntb

    ntb.ComputationGraph()


@mistake(AttributeError, met="module 'ntb.compat' has no attribute 'placeholder'", expected="it has Placeholder")
def a_name_of_another_library():
    graph.placeholder([3])


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
    InputError,
    met="weights.pkl is not a whole file of saved arrays",
    expected="b'<' is no word of pickle",
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
    met="'one' is of dtype <U3",
    expected="the inputs of Add are nodes, numbers and arrays",
    repair="turn it into numbers",
)
def an_input_that_is_text():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Add(graph.Variable(value=np.zeros(2)), "one")


@mistake(
    GraphError,
    met="Relu takes nodes one by one, not a tuple of them",
    expected="a layer function returns its output and its variables",
    repair="as in h, w, b = affine_layer(x, 10)",
)
def the_whole_answer_of_a_layer_as_an_input():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Relu(graph.affine_layer(graph.Placeholder([-1, 3]), 10))


@mistake(GraphError, met="Relu was given 2 inputs", expected="help(ntb.Relu) tells which it takes")
def too_many_inputs_of_a_node():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder([3])
        graph.Relu(x, x)


@mistake(GraphError, met="== 3 is asked before a run", expected="Equals(x, y) is the node that compares")
def a_node_compared_with_a_number():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder()
        x == 3


@mistake(
    GraphError,
    met="<Placeholder x of shape (), made at program.py:1> is no number before a run",
    expected="take the value of g.run([x])",
)
def the_number_of_a_node():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder()
        float(x)


@mistake(
    GraphError, met="cannot be changed in part", expected="a Variable is assigned as a whole", repair="w.value = array"
)
def an_element_of_a_node_assigned():
    with graph.default_graph(graph.ComputationGraph()):
        w = graph.Variable(value=np.zeros(3))
        w[0] = 1.0


@mistake(
    AttributeError,
    met="a Placeholder node has no attribute 'numpy'",
    expected="g.run([node], assign_dict) gives its value",
)
def an_attribute_of_tensors_of_a_node():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Placeholder().numpy()


@mistake(
    InputError,
    met="Placeholder: the shape 3 is no list of sizes",
    expected="whole numbers, with -1 or None for a size not known yet",
    repair="as in shape=[-1, 3]",
)
def a_shape_that_is_a_number():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Placeholder(shape=3)


@mistake(
    GraphError,
    met="not array([0., 0., 0.])",
    expected="the first argument of Variable is an initializer",
    repair="write Variable(value=...), or Variable(shape=(3, 2))",
)
def a_value_in_the_place_of_an_initializer():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Variable(np.zeros(3))


@mistake(
    GraphError,
    met="not <Placeholder x of shape ()",
    expected="the value of a Variable is a number or an array, which it keeps",
)
def a_node_as_the_value_of_a_variable():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder()
        graph.Variable(value=x)


@mistake(
    GraphError,
    met="is <Variable w of shape (), made at program.py:1>, a node",
    expected="feed a number or an array, as g.run gives it",
)
def a_node_as_a_feed():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        x, w = graph.Placeholder(), graph.Variable(value=1.0)
    g.run([x], {x: w})


@mistake(GraphError, met="exp cannot write into out=", expected="nodes are computed in a run", repair="leave it out")
def a_function_of_numpy_that_writes_into_an_array():
    with graph.default_graph(graph.ComputationGraph()):
        np.exp(graph.Placeholder([3]), out=np.zeros(3))


@mistake(
    GraphError, met="np.concatenate of nodes of shapes (3,), (2, 2)", expected="must have same number of dimensions"
)
def a_function_of_numpy_of_nodes_that_do_not_fit():
    with graph.default_graph(graph.ComputationGraph()):
        np.concatenate([graph.Placeholder([3]), graph.Placeholder([2, 2])])


@mistake(GraphError, met="np.shape of a node does not give one array", expected="take it of the value of a run")
def a_function_of_numpy_that_gives_no_array():
    with graph.default_graph(graph.ComputationGraph()):
        np.shape(graph.Placeholder([3]))


@mistake(GraphError, met="np.add.reduce of a node is not a node", expected="take it of the value of a run")
def a_method_of_a_ufunc_of_a_node():
    with graph.default_graph(graph.ComputationGraph()):
        np.add.reduce(graph.Placeholder([3]))


@mistake(GraphError, met="class Wrong overrides forw_eval of Grad", expected="derive it from Node")
def a_gradient_of_ones_own():
    class Wrong(graph.Grad):
        def forw_eval(self, y, x):
            return 0.0, None


@mistake(
    GraphError,
    met="class Wrong overrides _eval, which nothing calls here",
    expected="a node of your own, class Mine(ntb.Node), says what is computed",
)
def a_graph_that_evaluates_in_its_own_way():
    class Wrong(graph.ComputationGraph):
        def _eval(self, node):
            return 0.0


@mistake(
    GraphError,
    met="class Wrong defines sgd, which is a rule of ntb's own and would not be called",
    expected="give it another name, and name it as update_rule",
)
def a_rule_of_an_optimizer_that_has_a_name_of_ours():
    class Wrong(graph.Optim):
        def sgd(w, dw, lr, config):
            return w


@mistake(
    GraphError,
    met="does not say what its value is",
    expected="define forw_eval(*inputs) -> (value, cache)",
    repair="or compute(*inputs) in operations of NumPy",
)
def a_node_of_ones_own_without_a_value():
    class Nothing(graph.Node):
        def back_eval(self, Dout, cache, bp_mask):
            return (Dout,)

    g = graph.ComputationGraph()
    with graph.default_graph(g):
        y = Nothing(graph.Variable(value=1.0))
    g.run([y])


@mistake(
    GraphError,
    met="Twice overrides forw_eval with a cache of its own",
    expected="define back_eval(Dout, cache, bp_mask) too",
)
def a_node_of_ones_own_without_a_derivative():
    class Twice(graph.Relu):
        def forw_eval(self, x):
            return 2 * np.maximum(x, 0), x

    g = graph.ComputationGraph()
    with graph.default_graph(g):
        w = graph.Variable(value=1.0)
        d = graph.Grad(Twice(w), w)
    g.run([d])


@mistake(
    GraphError,
    met="forw_eval of <Twice twice_1 of shape (), made at program.py:1> returns its value and a cache",
    expected="a tuple of two",
    repair="the cache may be None",
)
def a_node_of_ones_own_without_a_cache():
    class Twice(graph.Node):
        def forw_eval(self, x):
            return 2 * x

    g = graph.ComputationGraph()
    with graph.default_graph(g):
        y = Twice(graph.Variable(value=1.0)) * 1.0
    g.run([y])


@mistake(
    GraphError,
    met="the cache of a node of ntb is not an array",
    expected="only the back_eval of its class can read it",
    repair="override forw_eval too",
)
def a_cache_of_a_node_of_ours():
    class Leaky(graph.Relu):
        def back_eval(self, Dout, cache, bp_mask):
            return (Dout * (cache > 0),)

    g = graph.ComputationGraph()
    with graph.default_graph(g):
        w = graph.Variable(value=1.0)
        d = graph.Grad(Leaky(w), w)
    g.run([d])


@mistake(
    GraphError, met="runs as plain Python, which no program can replay", expected="ask for a program of other nodes"
)
def a_program_of_an_optimizer_of_ones_own():
    class Clipped(graph.Optim):
        def forw_eval(self, lr, d_loss):
            return super().forw_eval(lr, {w: np.clip(d, -1, 1) for w, d in d_loss.items()})

    g = graph.ComputationGraph()
    with graph.default_graph(g):
        w = graph.Variable(value=1.0)
        opt = Clipped(w * w, lr=0.1)
    g.program([opt])


@mistake(GraphError, met="a graph is not copied or pickled", expected="build it anew", repair="load what g.save() gave")
def a_copy_of_a_graph():
    copy.deepcopy(graph.ComputationGraph())


@mistake(
    GraphError,
    met="<Placeholder x of shape (), made at program.py:1> belongs to its graph and is not copied",
    expected="make another node",
    repair="or g.save() values",
)
def a_copy_of_a_node():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder()
        copy.copy(x)


@mistake(
    GraphError,
    met="<Variable v of shape (), made at program.py:1> is not learnable",
    expected="an Optim leaves it as it is",
    repair="set its .learnable = True",
)
def a_frozen_node_to_train():
    with graph.default_graph(graph.ComputationGraph()):
        v = graph.Variable(value=1.0, learnable=False)
        optimizer().nodes = [v]


@mistake(
    GraphError,
    met="belongs to its graph and is not copied or pickled",
    expected="make another node",
    repair="or g.save() values",
)
def a_pickle_of_a_node():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        w = graph.Variable(value=2.0)
    pickle.dumps(w)


@mistake(
    TypeError,
    met="got an unexpected keyword argument 'slope'",
    expected="Relu",
)
def an_option_that_a_node_does_not_have():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Relu(np.ones(3), slope=0.1)
