"""Layers and their functions."""

import numpy as np

import ntb
from ntb import nn
from ntb.errors import InputError

from . import mistake


@mistake(
    InputError,
    met="these have shapes (5, 1, 28, 28) and (784, 10)",
    expected="linear takes x (..., D) and weight (D, M)",
    repair="An image is made a vector by np.reshape(x, (len(x), -1)) or a Flatten layer",
)
def an_image_given_to_a_dense_layer():
    layer = nn.Linear(784, 10)
    layer(np.ones((5, 1, 28, 28), np.float32))


@mistake(
    InputError,
    met="these have shapes (5, 100) and (784, 10)",
    expected="linear takes x (..., D) and weight (D, M)",
    repair="An image is made a vector by np.reshape(x, (len(x), -1)) or a Flatten layer",
)
def a_dense_layer_for_other_columns():
    layer = nn.Linear(784, 10)
    layer(np.ones((5, 100), np.float32))


@mistake(
    InputError,
    met="these have shapes (3, 32, 32) and (16, 3, 3, 3)",
    expected="a convolution over 2 axes takes x of 4 axes (N, C, ...) and a weight of as many",
    repair="x[None] is a batch of one",
)
def a_single_image_given_to_a_convolution():
    layer = nn.Conv2d(3, 16, 3)
    layer(np.ones((3, 32, 32), np.float32))


@mistake(
    InputError,
    met="x of shape (5, 32, 32, 3) and weight of shape (16, 3, 3, 3) do not fit with groups=1: this",
    expected="which lie on axis 1 (np.moveaxis(x, -1, 1) brings them there), and groups must divide both",
)
def channels_given_last_to_a_convolution():
    layer = nn.Conv2d(3, 16, 3)
    layer(np.ones((5, 32, 32, 3), np.float32))


@mistake(
    InputError,
    met="a window of 5 x 5 does not fit into an array of 4 x 4 padded by ((0, 0), (0, 0))",
    expected="use a smaller kernel or more padding",
)
def a_kernel_larger_than_the_image():
    layer = nn.Conv2d(3, 16, 5)
    layer(np.ones((5, 3, 4, 4), np.float32))


@mistake(
    InputError,
    met="not 'full'",
    expected='padding is an int, ints or pairs per axis, "same" or "valid" (in conv and pooling)',
)
def an_unknown_padding():
    nn.Conv2d(3, 16, 3, padding="full")(np.ones((5, 3, 8, 8), np.float32))


@mistake(
    InputError, met="padding cannot be negative: ((-1, -1), (-1, -1))", expected="cut the array by slicing instead"
)
def a_negative_padding():
    nn.Conv2d(3, 16, 3, padding=-1)(np.ones((5, 3, 8, 8), np.float32))


@mistake(
    InputError, met="kernel (3, 3), stride (0, 0) and dilation (1, 1)", expected="must be at least 1 along every axis"
)
def a_stride_of_zero():
    nn.Conv2d(3, 16, 3, stride=0)(np.ones((5, 3, 8, 8), np.float32))


@mistake(
    InputError,
    met="(3, 3, 3) has 3 entries, but there are 2 axes of space",
    expected="give one for each, or one int for all",
)
def a_kernel_of_three_sizes_for_an_image():
    nn.Conv2d(3, 16, (3, 3, 3))


@mistake(InputError, met="groups=2", expected="must divide both the 3 channels and the 16 filters")
def groups_that_do_not_divide_the_channels():
    nn.Conv2d(3, 16, 3, groups=2)


@mistake(
    InputError,
    met="padding is an int",
    expected="or an int or a pair (before, after) for each axis, not ((1, 2), (1, 2, 3))",
)
def an_odd_padding_of_pairs():
    nn.Conv2d(3, 16, 3, padding=((1, 2), (1, 2, 3)))(np.ones((5, 3, 8, 8), np.float32))


@mistake(InputError, met="a bias of shape (3,) does not fit 16 filters", expected="expected (16,)")
def a_bias_of_a_wrong_shape():
    nn.conv2d(np.ones((5, 3, 8, 8)), np.ones((16, 3, 3, 3)), np.ones(3))


@mistake(InputError, met="a bias of shape (3,) does not fit a weight (3, 2)", expected="expected (2,)")
def a_bias_of_a_wrong_shape_in_a_dense_layer():
    nn.linear(np.ones((5, 3)), np.ones((3, 2)), np.ones(3))


@mistake(
    InputError,
    met="not (5, 10)",
    expected="pooling of images takes x of shape (N, C, H, W)",
    repair="x[None] is a batch of one",
)
def pooling_of_something_that_is_no_image():
    nn.max_pool2d(np.ones((5, 10)), 2)


@mistake(
    InputError,
    met="padding ((2, 2), (2, 2)) would make windows of nothing but padding",
    expected="keep it below the kernel's size",
)
def pooling_with_more_padding_than_kernel():
    nn.max_pool2d(np.ones((5, 3, 8, 8)), 2, padding=2)


@mistake(InputError, met="not 'last'", expected='ties is "split" or "first"')
def an_unknown_word_for_ties():
    nn.max_pool2d(np.ones((5, 3, 8, 8)), 2, ties="last")


@mistake(
    InputError,
    met="gamma of shape (16,) does not fit x of shape (5, 3, 8, 8), which has 3 channels on axis 1",
    expected="make the layer for 3 channels, or name the axis of channels",
)
def a_batch_norm_for_other_channels():
    layer = nn.BatchNorm(16)
    layer(np.ones((5, 3, 8, 8), np.float32), train=True)


@mistake(InputError, met="batch_norm with train=False", expected="needs running_mean and running_var to normalise by")
def a_batch_norm_without_statistics():
    nn.batch_norm(np.ones((5, 3)), np.ones(3), np.zeros(3), train=False)


@mistake(
    InputError,
    met="gamma of shape (16,) does not fit x of shape (5, 8)",
    expected="it has the sizes of the last axes of x",
)
def a_layer_norm_of_another_size():
    layer = nn.LayerNorm(16)
    layer(np.ones((5, 8), np.float32))


@mistake(InputError, met="not 50", expected="dropout's p is a probability, between 0 and 1")
def a_dropout_in_percent():
    nn.dropout(np.ones(3), 50)


@mistake(
    InputError,
    met="not int64",
    expected="dropout takes floating-point numbers",
    repair="convert x with .astype(np.float32)",
)
def a_dropout_of_integers():
    nn.dropout(np.arange(3), 0.5)


@mistake(InputError, met="not 50", expected="dropout's p is a probability, between 0 and 1")
def a_layer_with_a_dropout_in_percent():
    nn.Dropout(50)(np.ones(3), train=True)


@mistake(
    InputError,
    met="these reach from 3 to 70",
    expected="embedding ids: indices must lie in 0 ... 69",
    repair="count them from 0, or allow for more than 70",
)
def a_symbol_beyond_the_embedding():
    layer = nn.Embedding(70, 32)
    layer([[3, 70]])


@mistake(
    InputError,
    met="not float64",
    expected="embedding ids: indices must be integers",
    repair="convert them with .astype(int)",
)
def symbols_that_are_floats():
    layer = nn.Embedding(70, 32)
    layer(np.ones((5, 7)))


@mistake(
    InputError,
    met="x of shape (5, 8) and weights of shapes (8, 64) and (16, 64) do not fit",
    expected="expected x (N, T, D) with T > 0, wx (D, gates * H), wh (H, gates * H)",
)
def a_sequence_without_its_axis_of_time():
    layer = nn.LSTM(8, 16)
    layer(np.ones((5, 8), np.float32))


@mistake(InputError, met="the state has shape (5, 8)", expected="for x of shape (5, 7, 8) and 16 units it is (5, 16)")
def a_state_of_another_size():
    layer = nn.GRU(8, 16)
    layer(np.ones((5, 7, 8), np.float32), state=np.zeros((5, 8), np.float32))


@mistake(
    InputError,
    met="these have shapes (5, 7, 8), (5, 9, 6) and (5, 9, 8)",
    expected="attention takes queries (..., T, D), keys (..., S, D) and values (..., S, E)",
)
def attention_of_queries_and_keys_that_do_not_fit():
    nn.scaled_dot_product_attention(np.ones((5, 7, 8)), np.ones((5, 9, 6)), np.ones((5, 9, 8)))


@mistake(
    InputError, met="not (5, 7, 8)", expected="multi_head_attention takes x (N, T, D) with D a multiple of heads=3"
)
def heads_that_do_not_divide_the_size():
    w, b = np.ones((3, 8, 8)), np.zeros((3, 8))
    nn.multi_head_attention(np.ones((5, 7, 8)), w, b, np.ones((8, 8)), np.zeros(8), heads=3)


@mistake(InputError, met="not the shape (8,)", expected="an orthogonal weight has at least two axes")
def an_orthogonal_vector():
    nn.initializers.orthogonal((8,))


@mistake(
    NotImplementedError,
    met="Net",
    expected="must define __call__(self, x, train=False), and does not (it is not named forward)",
)
def a_module_without_a_call():
    class Net(nn.Module):
        def forward(self, x):
            return x

    Net()(np.ones(3))


@mistake(
    InputError,
    met="number 0 is a list (of a list: Sequential(*layers))",
    expected="Sequential takes layers and functions one by one, Sequential(a, b, c)",
)
def layers_in_a_list_given_to_sequential():
    model = nn.Sequential([nn.Linear(4, 8), nn.relu])
    model(np.ones((5, 4), np.float32))


@mistake(AttributeError, met="ntb has no attribute 'GradientTape'", expected="it is: with ntb.Tape() as tape: ")
def a_name_that_ntb_does_not_have():
    ntb.GradientTape


@mistake(
    InputError,
    met="these reach from 0 to 3",
    expected="one_hot ids: indices must lie in 0 ... 2",
    repair="count them from 0, or allow for more than 3",
)
def one_hot_of_a_number_too_large():
    nn.one_hot([0, 3], 3)


@mistake(
    InputError,
    met="nothing reads 'requires_grad' of a Linear",
    expected="freeze it by `layer.trainable = False`",
    repair="declare it in your class: `requires_grad: bool`",
)
def freezing_a_layer_in_another_librarys_words():
    layer = nn.Linear(3, 2)
    layer.requires_grad = False


@mistake(
    InputError,
    met="nothing reads 'training' of a Sequential",
    expected="whether this is training is an argument, `model(x, train=True)`",
    repair="declare it in your class: `training: bool`",
)
def a_model_told_that_it_is_not_in_training():
    model = nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.5))
    model.training = False


@mistake(InputError, met="not 'no'", expected="trainable is True or False")
def freezing_by_a_word():
    nn.Linear(3, 2).trainable = "no"


@mistake(InputError, met="this Net has no parts yet that could be frozen", expected="set trainable when they are made")
def freezing_before_there_is_anything():
    class Net(nn.Module):
        def __init__(self):
            self.trainable = False
            self.w = ntb.Variable(1.0)

    Net()
