"""Element types, sizes and containers, one by one; `survey.py` tries them all."""

import numpy as np
import pytest

import ntb
from ntb import nn
from ntb.optim import SGD, Adam, AdamW, RMSProp, clip_by_global_norm, schedules

MANY = 100_000
BOTH = [lambda f: f, ntb.function]
IDS = ["eager", "traced"]


# --- half precision


@pytest.mark.parametrize("decorate", BOTH, ids=IDS)
def test_sums_of_many_numbers_of_half_precision(decorate):
    a = np.ones(MANY, np.float16)
    for loss, value, slope in [
        (lambda x: nn.mse(x, 0 * a), 1.0, 2 / MANY),
        (lambda x: nn.mae(x, 0 * a), 1.0, 1 / MANY),
        (lambda x: nn.huber(x, 0 * a), 0.5, 1 / MANY),
        (lambda x: nn.logsumexp(x), np.log(MANY) + 1, 1 / MANY),
        (lambda x: nn.binary_cross_entropy_with_logits(0 * x, 0 * a), np.log(2), 0),
        (lambda x: nn.l1(x * 0.1), MANY / 10, 0.1),
        (lambda x: nn.l2(x * 0.1), MANY / 200, 0.01),
        (lambda x: nn.cross_entropy(np.reshape(x, (-1, 2)), np.zeros(MANY // 2, int)), np.log(2), -1 / MANY),
        (lambda x: np.sum(nn.log_softmax(x)[:2]), -2 * np.log(MANY), None),
        (lambda x: nn.global_avg_pool(np.reshape(x, (1, 1, -1)))[0, 0], 1.0, 1 / MANY),
        (lambda x: np.max(nn.layer_norm(x, eps=1.0)), 0.0, None),
    ]:
        y, g = decorate(ntb.value_and_grad(loss))(a)
        assert y.dtype == g.dtype == np.float16
        np.testing.assert_allclose(float(y), value, rtol=2e-3, atol=2e-3)
        if slope is not None:
            np.testing.assert_allclose(np.asarray(g)[0], slope, rtol=2e-2, atol=1e-7)


OPTIMIZERS = {
    "SGD": lambda: SGD(0.1),
    "momentum": lambda: SGD(0.1, 0.9, nesterov=True),
    "velocity": lambda: SGD(0.1, 0.9, lr_in_velocity=True),
    "RMSProp": lambda: RMSProp(0.1),
    "Adam": lambda: Adam(0.1),
    "AdamW": lambda: AdamW(0.1),
}


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
@pytest.mark.parametrize("decorate", BOTH, ids=IDS)
def test_parameters_of_half_precision_learn(make, decorate):
    values = []
    for dtype in (np.float16, np.float64):
        variables = [ntb.Variable(np.ones(3, dtype)) for _ in range(10)]  # so many that a trace joins them
        optimizer = make()
        gradients = [np.array([0, 1e-4, 300], dtype)] * 10

        @decorate
        def step(gradients, optimizer=optimizer, variables=variables):
            optimizer.apply(gradients, variables)

        for _ in range(3):
            step(gradients)
        assert {v.dtype for v in variables} == {np.dtype(dtype)}
        values.append(variables[4].value)
    np.testing.assert_allclose(values[0], values[1], rtol=3e-3, atol=3e-3)


def test_a_facade_of_half_precision_learns():
    from ntb import compat

    for rule in ("sgd", "rmsprop", "adam"):
        graph = compat.ComputationGraph(dtype=np.float16)
        with compat.default_graph(graph):
            w = compat.Variable(value=[1.0, 2.0])
            loss = (w * w).sum()
            step = compat.Optim(loss, lr=0.1, update_rule=rule)
        for _ in range(3):
            graph.run([step])
        assert np.isfinite(w.value).all() and (w.value < [1, 2]).all()


# --- complex parameters


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_a_turned_gradient_makes_a_turned_step(make, dtype):
    """A step in the plane does not depend on where its axes point; along the real axis it is that of real numbers."""
    real, turned = ntb.Variable(np.zeros(2)), ntb.Variable(np.zeros(2, dtype))
    one, other = make(), make()
    for g in ([1.0, -2.0], [0.5, 3.0], [0.0, 1e-3]):
        one.apply([np.array(g)], [real])
        other.apply([1j * np.array(g, dtype)], [turned])
    np.testing.assert_allclose(turned.value, 1j * real.value, rtol=1e-4)
    assert turned.dtype == dtype
    for name, slots in other.slots.items():
        assert {slot.dtype.kind for slot in slots} == {"f" if name in ("v", "square") else "c"}


@pytest.mark.parametrize("make", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_complex_parameters_descend(make):
    w, goal = ntb.Variable(np.array([0j, 1 + 1j])), np.array([1j, -1.0])
    optimizer = make()
    losses = [float(optimizer.minimize(lambda: nn.mse(w, goal), [w])) for _ in range(300)]
    assert losses[0] == 3.0 and losses[-1] < 0.05
    assert w.dtype == complex


def test_the_first_step_of_adam_is_lr_long_in_every_direction():
    z = ntb.Variable(np.array(0j))
    Adam(lr=0.1).apply([np.array(1j)], [z])
    np.testing.assert_allclose(z.value, -0.1j, rtol=1e-6)


def test_complex_losses_are_of_absolute_values():
    a, b = np.array([3 + 4j, 0j]), np.zeros(2)
    for loss, value in [(nn.mse, 12.5), (nn.mae, 2.5), (nn.huber, 2.25)]:
        assert loss(a, b) == loss(b, a) == value and loss(a, b).dtype == float
    assert nn.l1(a) == 5 and nn.l2(a) == 12.5
    assert nn.mse(a.astype(np.complex64), b).dtype == np.float32


@pytest.mark.uncounted
@pytest.mark.parametrize("name", ["lstm", "gru", "rnn", "linear", "conv2d", "gelu", "silu", "softmax"])
def test_complex_derivatives_to_the_second_order(name):
    rng = np.random.default_rng(0)

    def z(*shape):
        return rng.normal(size=shape) + 1j * rng.normal(size=shape)

    functions = {
        "lstm": (lambda x, h, c, *w: nn.lstm(x, (h, c), *w)[0], (z(1, 2, 1), z(1, 2), z(1, 2), z(1, 8), z(2, 8), z(8))),
        "gru": (lambda *a: nn.gru(*a)[0], (z(1, 2, 1), z(1, 2), z(1, 6), z(2, 6), z(6), z(6))),
        "rnn": (lambda *a: nn.rnn(*a)[0], (z(1, 2, 1), z(1, 2), z(1, 2), z(2, 2), z(2))),
        "linear": (nn.linear, (z(2, 3), z(3, 2), z(2))),
        "conv2d": (nn.conv2d, (z(1, 2, 3, 3), z(2, 2, 2, 2), z(2))),
    }
    f, arguments = functions.get(name, (getattr(nn, name), (z(2, 3),)))
    ntb.check_gradients(lambda *a: np.sum(np.abs(f(*a) - 0.5) ** 2), *arguments, order=2, directions=3)


# --- integers


def test_integers_do_not_wrap_around():
    assert nn.mse(np.uint8([0]), np.uint8([16])) == nn.mse(np.int8([-8]), np.int8([8])) == 256
    assert nn.mae(np.uint8([0]), np.uint8([200])) == 200
    assert nn.l2(np.uint8([16])) == 128 and nn.l1(np.int8([-128])) == 128
    assert nn.linear(np.uint8([[200, 100]]), np.uint8([[1], [2]])).tolist() == [[400]]
    assert nn.conv2d(np.full((1, 1, 2, 2), 200, np.uint8), np.ones((1, 1, 2, 2), np.uint8)).item() == 800
    w = ntb.Variable(np.zeros(1))
    Adam(0.1).apply([np.uint8([16])], [w])
    np.testing.assert_allclose(w.value, [-0.1], rtol=1e-6)
    clipped, norm = clip_by_global_norm([np.uint8([30]), np.uint8([40])], 5.0)
    assert norm == 50 and [c.tolist() for c in clipped] == [[3.0], [4.0]]
    assert schedules.warmup(3, 1.0)(np.uint8(0)) == 0.25
    labels = np.array([200], np.uint8)
    assert nn.accuracy(np.eye(256)[200:201], labels) == 1 and nn.one_hot(labels, 256)[0, 200] == 1


def test_whole_numbers_do_not_change_the_type_of_a_result():
    x, images = np.arange(6).reshape(2, 3), np.zeros((1, 1, 4, 4), np.uint8)
    w = np.ones((3, 2), np.float32)
    assert nn.linear(x, w).dtype == nn.linear(x > 2, w).dtype == np.float32
    assert nn.conv2d(images, np.ones((1, 1, 2, 2), np.float32)).dtype == np.float32
    assert nn.mse(w, np.ones((3, 2), int)).dtype == np.float32
    assert nn.mse(np.ones(3, int), np.ones(3, np.float32)).dtype == np.float32
    assert nn.leaky_relu(w, np.float64(0.1)).dtype == nn.huber(w, w, delta=np.float64(1)).dtype == np.float32


# --- the type of a model


def layers(dtype):
    """Layers, each with an input in double precision."""
    rng = np.random.default_rng(0)
    x, images, sequences = rng.normal(size=(2, 4)), rng.normal(size=(2, 4, 3, 3)), rng.normal(size=(2, 3, 4))
    return [
        (nn.Linear(4, 3, dtype=dtype), x),
        (nn.Conv1d(4, 3, 2, dtype=dtype), images[..., 0]),
        (nn.Conv2d(4, 3, 2, dtype=dtype), images),
        (nn.Conv3d(4, 3, 1, dtype=dtype), images[..., None]),
        (nn.BatchNorm(4, dtype=dtype), x),
        (nn.LayerNorm(4, dtype=dtype), x),
        *[(layer(4, 3, dtype=dtype), sequences) for layer in (nn.RNN, nn.LSTM, nn.GRU)],
        (nn.Sequential(nn.Linear(4, 3, dtype=dtype), nn.relu, nn.Linear(3, 1, dtype=dtype)), x),
    ]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_model_computes_in_its_own_type(dtype):
    for layer, x in layers(dtype):
        with ntb.Tape() as tape:
            x = tape.watch(x)
            y = layer(x, train=True)
            first = y[0] if isinstance(y, tuple) else y
            loss = nn.mse(first, np.zeros(first.shape))
        assert {part.dtype for part in ntb.tree.leaves(y)} == {loss.dtype} == {np.dtype(dtype)}
        gradients = tape.gradient(loss, [x, *layer.trainable_variables()])
        assert gradients[0].dtype == float and {g.dtype for g in gradients[1:]} == {np.dtype(dtype)}
        for data in (np.ones(x.shape, np.uint8), np.ones(x.shape, bool), np.ones(x.shape, ">f4")):
            assert {part.dtype for part in ntb.tree.leaves(layer(data))} == {np.dtype(dtype)}


def test_a_state_follows_the_type_of_its_layer():
    x, h = np.ones((2, 3, 4), np.float32), np.zeros((2, 5))
    for layer, state in [(nn.RNN, h), (nn.GRU, h), (nn.LSTM, (h, h)), (nn.LSTM, np.stack([h, h]))]:
        results = ntb.tree.leaves(layer(4, 5)(x, state=state))
        assert {y.dtype for y in results} == {np.dtype(np.float32)}


def test_normalisation_has_the_type_of_its_input():
    x, ones = np.arange(6, dtype=np.float32).reshape(3, 2), np.ones(2)
    for train in (True, False):
        assert nn.batch_norm(x, ones, ones, ones, ones, train=train).dtype == np.float32
    assert nn.layer_norm(x, ones, ones).dtype == np.float32


def test_complex_data_stay_complex():
    assert nn.Linear(2, 3)(np.array([[1j, 2.0]])).dtype == np.complex64


# --- sizes


@pytest.mark.parametrize("decorate", BOTH, ids=IDS)
def test_an_empty_batch_leaves_running_statistics_as_they_are(decorate):
    layer = nn.BatchNorm(2)
    run = decorate(lambda x: layer(x, train=True))
    for shape in [(0, 2), (0, 2, 3, 3), (4, 2, 0, 3)]:
        assert run(np.zeros(shape, np.float32)).shape == shape
        assert layer.running_mean.value.tolist() == [0, 0] and layer.running_var.value.tolist() == [1, 1]
    run(np.ones((1, 2), np.float32))
    np.testing.assert_allclose(layer.running_mean.value, 0.1, rtol=1e-6)
    np.testing.assert_allclose(layer.running_var.value, 0.9, rtol=1e-6)  # one example has the variance 0


@pytest.mark.parametrize("decorate", BOTH, ids=IDS)
def test_gradients_of_empty_batches(decorate):
    for f, shape, weight in [
        (nn.conv2d, (0, 3, 5, 5), (4, 3, 3, 3)),
        (nn.conv1d, (0, 3, 5), (4, 3, 3)),
        (nn.conv3d, (0, 3, 5, 5, 5), (4, 3, 3, 3, 3)),
        (nn.conv_transpose2d, (0, 3, 5, 5), (3, 4, 3, 3)),
        (lambda x, w: nn.max_pool2d(x, 2) * np.sum(w), (0, 3, 4, 4), (1,)),
        (lambda x, w: nn.avg_pool2d(x, 2) * np.sum(w), (0, 3, 4, 4), (1,)),
    ]:
        g, gw = decorate(ntb.grad(lambda x, w, f=f: np.sum(f(x, w)), (0, 1)))(np.zeros(shape), np.ones(weight))
        assert g.shape == shape and gw.shape == weight and not np.asarray(gw).any()


def transposed_by_definition(x, w, stride, padding, dilation, extra):
    """Each pixel adds its multiple of the filter to a large image, of which a part is the result."""
    spread = np.zeros((len(x), w.shape[1], 40, 40))
    for i, j in np.ndindex(*x.shape[2:]):
        for k, m in np.ndindex(*w.shape[2:]):
            spread[:, :, i * stride + k * dilation, j * stride + m * dilation] += x[:, :, i, j] @ w[:, :, k, m]
    (top, bottom), (left, right) = padding
    height, width = ((n - 1) * stride + dilation * (k - 1) + 1 + extra for n, k in zip(x.shape[2:], w.shape[2:]))
    return spread[:, :, top : height - bottom, left : width - right]


@pytest.mark.parametrize(
    "options", [(1, 0, 2, 1), (2, 1, 2, 1), (1, 1, 1, 3), (3, 0, 1, 2), (1, 0, 1, 5), (1, 2, 2, 1)]
)
def test_output_padding_of_a_transposed_convolution(options):
    stride, padding, dilation, extra = options
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(1, 2, 2, 3)), rng.normal(size=(2, 1, 2, 2))

    def f(x, w):
        return nn.conv_transpose2d(x, w, stride=stride, padding=padding, dilation=dilation, output_padding=extra)

    expected = transposed_by_definition(x, w, stride, ((padding, padding),) * 2, dilation, extra)
    np.testing.assert_allclose(f(x, w), expected, rtol=1e-12, atol=1e-12)
    ntb.check_gradients(f, x, w, order=2, directions=3)


# --- labels, masks, weights


def test_soft_labels_lie_on_the_axis_of_the_classes():
    rng = np.random.default_rng(0)
    z, ids = rng.normal(size=(2, 3, 3)), rng.integers(0, 3, (2, 3))
    soft = np.moveaxis(nn.one_hot(ids, 3, float), -1, 1)
    expected = nn.cross_entropy(np.moveaxis(z, 1, -1), ids)
    for axis in (1, -2):
        np.testing.assert_allclose(nn.cross_entropy(z, soft, axis=axis), expected)
        np.testing.assert_allclose(nn.cross_entropy(z, ids, axis=axis), expected)
        np.testing.assert_allclose(nn.nll(nn.log_softmax(z, axis), soft, axis=axis), expected)
        np.testing.assert_allclose(nn.nll(nn.log_softmax(z, axis), ids, axis=axis), expected)
        mask = rng.random((2, 3)) < 0.5
        np.testing.assert_allclose(
            nn.cross_entropy(z, soft, axis=axis, mask=mask), nn.cross_entropy(z, ids, axis=axis, mask=mask)
        )
    assert nn.accuracy(z, np.argmax(z, 1), axis=1) == 1


SCORES, IDS3 = np.zeros((3, 4)), np.array([0, 1, 2])
REFUSED = {
    "negative label": lambda: nn.cross_entropy(SCORES, [0, -1, 2]),
    "label too large": lambda: nn.cross_entropy(SCORES, [0, 4, 2]),
    "label nan": lambda: nn.cross_entropy(SCORES, [0, np.nan, 2]),
    "labels bool": lambda: nn.cross_entropy(SCORES, [True, False, True]),
    "labels complex": lambda: nn.cross_entropy(SCORES, IDS3 + 0j),
    "soft labels integer": lambda: nn.cross_entropy(SCORES, np.eye(4, dtype=int)[:3]),
    "soft labels nan": lambda: nn.cross_entropy(SCORES, np.full((3, 4), np.nan)),
    "soft labels negative": lambda: nn.cross_entropy(SCORES, np.full((3, 4), -1.0)),
    "soft labels of log-probabilities": lambda: nn.nll(SCORES, np.full((3, 4), -1.0)),
    "mask of integers": lambda: nn.cross_entropy(SCORES, IDS3, mask=[1, 0, 1]),
    "mask of floats": lambda: nn.nll(SCORES, IDS3, mask=np.ones(3)),
    "mask of another shape": lambda: nn.nll(SCORES, IDS3, mask=np.ones((3, 4), bool)),
    "binary mask of integers": lambda: nn.binary_cross_entropy_with_logits(SCORES, SCORES, mask=SCORES.astype(int)),
    "binary mask to be broadcast": lambda: nn.binary_cross_entropy_with_logits(SCORES, SCORES, mask=np.ones(4, bool)),
    "accuracy's mask of integers": lambda: nn.accuracy(SCORES, IDS3, mask=[1, 0, 1]),
    "accuracy's labels of floats": lambda: nn.accuracy(SCORES, IDS3 + 0.0),
    "accuracy's labels out of range": lambda: nn.accuracy(SCORES, IDS3 + 4),
    "weights of another shape": lambda: nn.cross_entropy(SCORES, IDS3, weights=np.ones(4)),
    "weights nan": lambda: nn.cross_entropy(SCORES, IDS3, weights=[1, np.nan, 1], reduction="sum"),
    "weights negative": lambda: nn.cross_entropy(SCORES, IDS3, weights=[1, -1, 1]),
    "weights complex": lambda: nn.cross_entropy(SCORES, IDS3, weights=[1j, 1, 1]),
    "weights of text": lambda: nn.cross_entropy(SCORES, IDS3, weights=["1", "1", "1"]),
    "reduction None": lambda: nn.mse(SCORES, SCORES, reduction=None),
    "axis too large": lambda: nn.cross_entropy(SCORES, IDS3, axis=2),
    "logits complex": lambda: nn.cross_entropy(SCORES + 0j, IDS3),
    "logits a number": lambda: nn.cross_entropy(1.0, 0),
    "no classes": lambda: nn.cross_entropy(np.zeros((3, 0)), IDS3),
    "huber's delta": lambda: nn.huber(SCORES, SCORES, delta=-1),
    "huber's delta nan": lambda: nn.huber(SCORES, SCORES, delta=np.nan),
    "attention's mask of integers": lambda: nn.scaled_dot_product_attention(
        SCORES, SCORES, SCORES, mask=np.tri(3, dtype=int)
    ),
    "momentum nan": lambda: nn.batch_norm(SCORES, train=True, momentum=np.nan),
    "eps negative": lambda: nn.layer_norm(SCORES, eps=-1),
    "layer of integers": lambda: nn.Linear(3, 2, dtype=int),
    "layer of 2.5 units": lambda: nn.LSTM(3, 2.5),
    "layer of -1 units": lambda: nn.Linear(3, -1),
    "initializer of integers": lambda: nn.initializers.normal((3, 2), dtype=int),
    "deviation nan": lambda: nn.initializers.normal((3, 2), std=np.nan),
    "eps nan": lambda: Adam(eps=np.nan),
    "weight decay negative": lambda: SGD(weight_decay=-1),
    "momentum 1": lambda: SGD(momentum=1),
    "rate nan": lambda: SGD(np.nan),
    "rate negative": lambda: SGD(np.float32(-1)),
    "limit nan": lambda: clip_by_global_norm([SCORES], np.nan),
    "integer parameter": lambda: SGD().apply([SCORES], [ntb.Variable(SCORES.astype(int))]),
    "complex gradient of a real parameter": lambda: SGD().apply([SCORES + 1j], [ntb.Variable(SCORES)]),
    "batches of True rows": lambda: ntb.data.batches(SCORES, size=True),
    "batches of a generator": lambda: ntb.data.batches(iter(SCORES), size=1),
    "batches of a dict": lambda: ntb.data.batches({"a": SCORES}, size=1),
    "batches of None": lambda: ntb.data.batches(None, size=1),
    "batches of ragged rows": lambda: ntb.data.batches([[1, 2], [3]], size=1),
    "a report of complex numbers": lambda: ntb.training.report.numbers(1j),
}
for p in (-0.1, 1.5, np.nan):
    REFUSED[f"dropout p={p}"] = lambda p=p: nn.dropout(SCORES, p)
    REFUSED[f"Dropout p={p}"] = lambda p=p: nn.Dropout(p)
    REFUSED[f"dropout p a tensor {p}"] = lambda p=p: nn.dropout(SCORES, ntb.tensor(p))
    REFUSED[f"dropout p an array {p}"] = lambda p=p: nn.dropout(SCORES, np.array(p, np.float32))
    REFUSED[f"dropout p traced {p}"] = lambda p=p: ntb.function(nn.dropout)(SCORES, np.array(p))


@pytest.mark.parametrize("wrong", REFUSED.values(), ids=REFUSED)
def test_what_is_of_a_wrong_kind_is_refused(wrong):
    with pytest.raises(ntb.InputError) as caught:
        wrong()
    assert len(str(caught.value)) > 20


def test_what_is_refused_in_a_replay():
    loss = ntb.function(lambda w, p: nn.cross_entropy(SCORES, IDS3, weights=w) + np.sum(nn.dropout(np.ones(3), p)))
    for _ in range(2):
        loss(np.ones(3), np.array(0.5))
    with pytest.raises(ntb.InputError, match="weights"):
        loss(np.array([1.0, -1.0, 1.0]), np.array(0.5))
    with pytest.raises(ntb.InputError, match="probabilities"):
        loss(np.ones(3), np.array(1.5))


def test_weights_may_be_negative_in_a_sum_and_anything_where_a_mask_excludes_them():
    w, mask = np.array([1.0, -1.0, np.nan]), np.array([True, True, False])
    each = nn.cross_entropy(SCORES, IDS3, reduction="none")
    assert nn.cross_entropy(SCORES, IDS3, weights=w, mask=mask, reduction="sum") == each[0] - each[1]
    w[1] = 0
    assert nn.cross_entropy(SCORES, IDS3, weights=w, mask=mask) == each[0]
    labels = np.array([[0.5, 0.5, 0, 0], [np.nan] * 4, [7.0] * 4])
    assert np.isfinite(nn.cross_entropy(SCORES, labels, mask=[True, False, False]))


def test_no_limit_clips_nothing():
    g = np.array([3.0, 4.0])
    for grads in ([g], [0 * g], [g.astype(np.float16) * 1e4], [g * 1j], [g.astype(np.float32)], []):
        clipped, norm = clip_by_global_norm(grads, np.inf)
        assert np.isfinite(norm) and all(np.array_equal(a, b) and a.dtype == b.dtype for a, b in zip(clipped, grads))
    (half,), norm = clip_by_global_norm([np.full(MANY, 6e4, np.float16)], 1e4)
    assert half.dtype == np.float16 and np.isclose(norm, 6e4 * np.sqrt(MANY), rtol=1e-3)
    np.testing.assert_allclose(half, 1e4 / np.sqrt(MANY), rtol=1e-2)
    (turned,), norm = clip_by_global_norm([np.array([3j, 4.0])], 1.0)
    assert norm == 5
    np.testing.assert_allclose(turned, [0.6j, 0.8])


# --- containers


def test_a_pair_of_a_recurrent_layer_is_not_an_array():
    x = np.ones((2, 3, 4), np.float32)
    for layer in (nn.LSTM, nn.GRU, nn.RNN):
        for after in (
            nn.Linear(5, 2),
            nn.relu,
            nn.leaky_relu,
            nn.Sequential(nn.Linear(5, 2)),
            layer(5, 2),
            nn.Dropout(0.5),
        ):
            with pytest.raises(ntb.InputError, match=r"tuple of 2.*out\[0\]"):
                nn.Sequential(layer(4, 5), after)(x, train=True)
        with pytest.raises(ntb.InputError, match="out, last = layer"):
            nn.Linear(5, 2)(layer(4, 5)(x))
        with pytest.raises(ntb.InputError, match="out, last = layer"):
            nn.mse(layer(4, 5)(x), 0.0)
        repaired = nn.Sequential(layer(4, 5), lambda out: out[0], nn.Linear(5, 2))
        assert repaired(x).shape == (2, 3, 2)
        assert nn.Sequential(layer(4, 5), nn.Sequential(lambda out: out[0][:, -1], nn.Linear(5, 2)))(x).shape == (2, 2)


def test_batches_of_tables_are_rows_by_position():
    pd = pytest.importorskip("pandas", reason="pandas, of the extra test, makes the tables")
    x, y = np.arange(12.0).reshape(6, 2), np.arange(6)
    order = [5, 3, 1, 0, 2, 4]
    table, series = pd.DataFrame(x, index=order, columns=["a", "b"]), pd.Series(y, index=order)
    for shuffle in (None, 0):
        found = list(ntb.data.batches(table, series, x, y.tolist(), (*y,), size=4, shuffle=shuffle))
        assert [len(part) for part in found[0]] == [4] * 5 and len(found) == 2
        for rows, labels, plain, *others in found:
            assert type(rows) is type(labels) is np.ndarray and labels.dtype == y.dtype
            np.testing.assert_array_equal(rows, plain)
            for other in (labels, *others):
                np.testing.assert_array_equal(other, plain[:, 0] / 2)
    words = pd.Series(["cat", "dog"], index=[7, 8])
    assert [batch.tolist() for (batch,) in ntb.data.batches(words, size=1)] == [["cat"], ["dog"]]
    assert list(ntb.data.batches(x[:0], y[:0], size=3)) == []
