"""The graph style, `import ntb.compat as ntb`. (Here `graph` stands for the module `ntb.compat`.)"""

from pathlib import Path

import numpy as np

import ntb.compat as graph
from ntb.compat import GraphError
from ntb.tape.errors import InputError

from . import mistake


@mistake(GraphError, met="", expected="")
def a_node_without_a_graph():
    graph.Placeholder([-1, 3])


@mistake(GraphError, met="", expected="")
def a_feed_that_is_missing():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        x = graph.Placeholder([-1, 3])
        y = x.sum()
    g.run([y])


@mistake(GraphError, met="", expected="")
def a_feed_of_a_wrong_shape():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        x = graph.Placeholder([-1, 3])
        y = x.sum()
    g.run([y], {x: np.ones((5, 4))})


@mistake(GraphError, met="", expected="")
def a_feed_that_is_text():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        x = graph.Placeholder([-1])
        y = x.sum()
    g.run([y], {x: ["a", "b"]})


@mistake(GraphError, met="", expected="")
def a_feed_of_rows_of_unequal_length():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        x = graph.Placeholder([-1, -1])
        y = x.sum()
    g.run([y], {x: [[1.0, 2.0], [3.0]]})


@mistake(GraphError, met="", expected="")
def a_feed_for_something_that_is_no_node():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        x = graph.Placeholder([-1])
        y = x.sum()
    g.run([y], {"x": np.ones(3)})


@mistake(GraphError, met="", expected="")
def a_feed_for_a_node_of_another_graph():
    g, other = graph.ComputationGraph(), graph.ComputationGraph()
    with graph.default_graph(other):
        x = graph.Placeholder([-1])
    with graph.default_graph(g):
        y = graph.Variable(value=2.0) * 3.0
    g.run([y], {x: np.ones(3)})


@mistake(GraphError, met="", expected="")
def a_node_asked_for_without_a_list():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        y = graph.Variable(value=2.0) * 3.0
    g.run(y)


@mistake(GraphError, met="", expected="")
def something_asked_for_that_is_no_node():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        w = graph.Variable(value=2.0)
        w * w
    g.run(["w"])


@mistake(GraphError, met="", expected="")
def a_node_of_another_graph_as_an_input():
    g, other = graph.ComputationGraph(), graph.ComputationGraph()
    with graph.default_graph(other):
        x = graph.Placeholder([-1])
    with graph.default_graph(g):
        w = graph.Variable(value=2.0)
        w * x


@mistake(GraphError, met="", expected="")
def a_variable_with_an_unknown_size():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Variable(shape=(-1, 3))


@mistake(GraphError, met="", expected="")
def a_variable_whose_value_has_another_shape():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Variable(value=np.zeros(2), shape=(3,))


@mistake(GraphError, met="", expected="")
def a_variable_set_to_another_shape():
    with graph.default_graph(graph.ComputationGraph()):
        w = graph.Variable(value=np.zeros(2))
        w.value = np.zeros(3)


@mistake(GraphError, met="", expected="")
def a_variable_set_to_text():
    with graph.default_graph(graph.ComputationGraph()):
        w = graph.Variable(value=np.zeros(2))
        w.value = np.array(["a", "b"])


@mistake(GraphError, met="", expected="")
def a_constant_that_is_text():
    with graph.default_graph(graph.ComputationGraph()):
        w = graph.Variable(value=np.zeros(2))
        graph.Add(w, "one")



@mistake(InputError, met="", expected="")
def nodes_that_cannot_be_broadcast():
    with graph.default_graph(graph.ComputationGraph()):
        x, w = graph.Placeholder([-1, 3]), graph.Variable(value=np.zeros(4))
        x + w


@mistake(InputError, met="", expected="")
def a_product_of_nodes_that_does_not_fit():
    with graph.default_graph(graph.ComputationGraph()):
        x, w = graph.Placeholder([-1, 3]), graph.Variable(value=np.zeros((4, 2)))
        x.dot(w)


@mistake(InputError, met="", expected="")
def an_affine_map_that_does_not_fit():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder([-1, 3])
        graph.Affine(x, graph.Variable(value=np.zeros((4, 2))), graph.Variable(value=np.zeros(2)))


@mistake(InputError, met="", expected="")
def an_axis_that_a_node_does_not_have():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Placeholder([-1, 3]).sum(axis=2)


@mistake(InputError, met="", expected="")
def too_many_indices_of_a_node():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder([-1, 3])
        x[0, 0, 0]


@mistake(InputError, met="", expected="")
def an_index_that_a_node_does_not_have():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder([-1, 3])
        x[:, 3]


@mistake(GraphError, met="", expected="")
def a_node_as_an_exponent():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder([-1])
        x**x


@mistake(GraphError, met="", expected="")
def a_number_to_the_power_of_a_node():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder([-1])
        2**x


@mistake(GraphError, met="", expected="")
def the_truth_of_a_node():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder([])
        if x > 0:
            pass


@mistake(GraphError, met="", expected="")
def unpacking_a_node():
    with graph.default_graph(graph.ComputationGraph()):
        _a, _b = graph.Placeholder([2])


@mistake(GraphError, met="", expected="")
def a_gradient_of_a_node_that_is_not_a_scalar():
    with graph.default_graph(graph.ComputationGraph()):
        w = graph.Variable(value=np.zeros(2))
        graph.Grad(w * w, w)


@mistake(GraphError, met="", expected="")
def an_optimizer_of_a_loss_that_is_not_a_scalar():
    with graph.default_graph(graph.ComputationGraph()):
        w = graph.Variable(value=np.zeros(2))
        graph.Optim(w * w, lr=0.1)


@mistake(GraphError, met="", expected="")
def an_unknown_update_rule():
    with graph.default_graph(graph.ComputationGraph()):
        w = graph.Variable(value=0.0)
        graph.Optim(w * w, lr=0.1, update_rule="adagrad")


@mistake(GraphError, met="", expected="")
def an_unknown_key_of_config():
    with graph.default_graph(graph.ComputationGraph()):
        w = graph.Variable(value=0.0)
        graph.Optim(w * w, lr=0.1, update_rule="adam", config={"beta": 0.9})


@mistake(GraphError, met="", expected="")
def an_optimizer_as_an_input():
    with graph.default_graph(graph.ComputationGraph()):
        w = graph.Variable(value=0.0)
        opt = graph.Optim(w * w, lr=0.1)
        opt * 2.0


@mistake(GraphError, met="", expected="")
def weight_decay_of_a_loss_without_matrices():
    with graph.default_graph(graph.ComputationGraph()):
        w = graph.Variable(value=0.0)
        graph.weight_decay(w * w)


@mistake(GraphError, met="", expected="")
def a_label_out_of_range_in_a_run():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        scores, labels = graph.Placeholder([-1, 3]), graph.Placeholder([-1])
        loss = graph.CrossEntropyLogits(scores, labels)
    g.run([loss], {scores: np.zeros((2, 3)), labels: np.array([0, 3])})


@mistake(InputError, met="", expected="")
def labels_in_a_matrix():
    with graph.default_graph(graph.ComputationGraph()):
        scores, labels = graph.Placeholder([-1, 3]), graph.Placeholder([-1, 3])
        graph.CrossEntropyLogits(scores, labels)


@mistake(InputError, met="", expected="")
def a_temporal_loss_of_wrong_shapes():
    with graph.default_graph(graph.ComputationGraph()):
        scores, labels, mask = graph.Placeholder([-1, 3]), graph.Placeholder([-1]), graph.Placeholder([-1])
        graph.TemporalCE(scores, labels, mask)


@mistake(GraphError, met="", expected="")
def nodes_that_do_not_fit_in_a_run():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        x, y = graph.Placeholder([-1]), graph.Placeholder([-1])
        z = x + y
    g.run([z], {x: np.zeros(3), y: np.zeros(4)})


@mistake(InputError, met="", expected="")
def a_convolution_node_that_does_not_fit():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder([-1, 3, 8, 8])
        w, b = graph.Variable(value=np.zeros((16, 1, 3, 3))), graph.Variable(value=np.zeros(16))
        graph.Conv2d(x, w, b, stride=1, pad=(2, 2))


@mistake(InputError, met="", expected="")
def windows_that_do_not_fill_the_image():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder([-1, 3, 8, 8])
        w, b = graph.Variable(value=np.zeros((16, 3, 3, 3))), graph.Variable(value=np.zeros(16))
        graph.Conv2d(x, w, b, stride=2, pad=(0, 0))


@mistake(InputError, met="", expected="")
def pooling_of_an_image_of_unknown_size():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder([-1, 3, -1, -1])
        graph.MaxPool(x, pool_size=(2, 2), pad=(0, 0))


@mistake(InputError, met="", expected="")
def a_batchnorm_node_that_does_not_fit():
    with graph.default_graph(graph.ComputationGraph()):
        x = graph.Placeholder([-1, 3])
        gamma, beta = graph.Variable(value=np.ones(4)), graph.Variable(value=np.zeros(4))
        graph.Batchnorm(x, gamma, beta, True)


@mistake(InputError, met="", expected="")
def a_sample_of_scores_in_a_vector():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Sample(graph.Placeholder([3]))


@mistake(InputError, met="", expected="")
def a_temporal_map_of_a_matrix():
    with graph.default_graph(graph.ComputationGraph()):
        x, w = graph.Placeholder([-1, 3]), graph.Variable(value=np.zeros((3, 2)))
        graph.TemporalDot(x, w)


@mistake(GraphError, met="", expected="")
def an_lstm_of_images():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Lstm(16)(graph.Placeholder([-1, 3, 8, 8]), np.zeros((2, 5, 16)))


@mistake(InputError, met="", expected="")
def a_state_of_an_lstm_of_another_size():
    with graph.default_graph(graph.ComputationGraph()):
        graph.Lstm(16)(graph.Placeholder([-1, 3]), np.zeros((2, 5, 8)))


@mistake(InputError, met="", expected="")
def a_recurrent_network_of_a_matrix():
    with graph.default_graph(graph.ComputationGraph()):
        weights = [graph.Variable(value=np.zeros(s)) for s in ((3, 16), (16, 16), (16,))]
        graph.Rnn(graph.Placeholder([-1, 3]), np.zeros((1, 5, 16)), *weights, rnn_cell=graph.VanillaRnnCell)


@mistake(GraphError, met="", expected="")
def a_recurrent_network_assigned_a_value():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        weights = [graph.Variable(value=np.zeros(s)) for s in ((3, 16), (16, 16), (16,))]
        rnn = graph.Rnn(
            graph.Placeholder([-1, 7, 3]), np.zeros((1, 5, 16)), *weights, rnn_cell=graph.VanillaRnnCell
        )
        outputs, _state = rnn
    g.run([outputs], {rnn: np.zeros((5, 7, 16))})


@mistake(GraphError, met="", expected="")
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


@mistake(GraphError, met="", expected="")
def values_kept_by_the_earlier_ntb():
    g = graph.ComputationGraph()
    g.fp_eval


@mistake(AttributeError, met="", expected="")
def an_attribute_that_a_graph_does_not_have():
    graph.ComputationGraph().execute



@mistake(InputError, met="", expected="")
def a_graph_of_integers():
    graph.ComputationGraph(dtype=int)


@mistake(GraphError, met="", expected="")
def a_node_added_twice():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        x = graph.Placeholder([-1])
    g.add_node(x)


@mistake(GraphError, met="", expected="")
def a_node_of_ones_own_without_a_shape():
    class Double(graph.Node):
        def infer_shape(self, x):
            pass

    with graph.default_graph(graph.ComputationGraph()):
        Double(graph.Placeholder([-1]))


@mistake(GraphError, met="", expected="")
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


@mistake(GraphError, met="", expected="")
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


@mistake(InputError, met="", expected="")
def fewer_gradients_than_shapes():
    graph.fix_ds([np.ones(3)], [(3,), (2,)])


@mistake(GraphError, met="", expected="")
def a_saved_state_of_another_graph():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        w = graph.Variable(value=np.zeros(2))
    g.load([w.value, w.value])


@mistake(GraphError, met="", expected="")
def a_saved_state_of_another_shape():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        graph.Variable(value=np.zeros(2))
    g.load([np.zeros(3)])


@mistake(GraphError, met="", expected="")
def a_saved_state_of_an_optimizer_that_is_none():
    g = graph.ComputationGraph()
    with graph.default_graph(g):
        w = graph.Variable(value=0.0)
        graph.Optim(w * w, lr=0.1)
    g.load([np.zeros(()), np.zeros(()), np.zeros(())])


@mistake(InputError, met="", expected="")
def a_solver_without_validation_data():
    graph.Solver({"X_train": np.zeros((5, 3)), "y_train": np.zeros(5, int)}, model=None)


@mistake(InputError, met="", expected="")
def a_solver_of_a_graph_that_looks_for_an_unknown_number():
    data = {"X_train": np.zeros((5, 3)), "y_train": np.zeros(5), "X_val": np.zeros((5, 3)), "y_val": np.zeros(5)}
    model = graph.Model(
        train_step=lambda x, y: [("loss", 1.0)], epoch_step=lambda *_: [("val_acc", 0.5)],
        predict=lambda x: x, reset=lambda: None, save=lambda: None, load=lambda s: None,
    )  # fmt: skip
    graph.Solver(data, model, metric="accuracy", verbose=False).train(1)


@mistake(InputError, met="", expected="")
def an_unknown_mode_of_mnist():
    graph.datasets.mnist.load(mode="3d")


@mistake(InputError, met="", expected="")
def more_digits_than_there_are():
    graph.datasets.mnist.load(num_train=50000, num_val=10000)


@mistake(InputError, met="", expected="")
def rows_that_are_no_square_images():
    graph.datasets.vis.render_images_1(np.zeros((5, 10)))


@mistake(InputError, met="", expected="")
def right_predictions_where_none_is():
    graph.datasets.vis.render_predictions(np.zeros((2, 784)), [0, 1], [1, 0], ["a", "b"], correct=True)


@mistake(InputError, met="", expected="")
def a_confusion_without_a_model():
    graph.datasets.vis.render_confusion_sample({"X_val": np.zeros((2, 784)), "y_val": [0, 1], "classes": ["a", "b"]})


@mistake(InputError, met="", expected="")
def an_old_checkpoint_that_is_a_web_page():
    Path("weights.pkl").write_text("<html>not found</html>")
    graph.load_legacy("weights.pkl")


@mistake(InputError, met="", expected="")
def an_old_checkpoint_that_would_run_a_program():
    Path("weights.pkl").write_bytes(b"cos\nsystem\n(S'echo'\ntR.")
    graph.load_legacy("weights.pkl")


@mistake(FileNotFoundError, met="", expected="")
def an_old_checkpoint_that_is_not_there():
    graph.load_legacy("weights.pkl")
