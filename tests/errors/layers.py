"""Layers and their functions."""

import numpy as np

import ntb
from ntb import nn
from ntb.tape.errors import InputError

from . import mistake


@mistake(InputError, met="", expected="")
def an_image_given_to_a_dense_layer():
    layer = nn.Linear(784, 10)
    layer(np.ones((5, 1, 28, 28), np.float32))


@mistake(InputError, met="", expected="")
def a_dense_layer_for_other_columns():
    layer = nn.Linear(784, 10)
    layer(np.ones((5, 100), np.float32))


@mistake(InputError, met="", expected="")
def a_single_image_given_to_a_convolution():
    layer = nn.Conv2d(3, 16, 3)
    layer(np.ones((3, 32, 32), np.float32))


@mistake(InputError, met="", expected="")
def channels_given_last_to_a_convolution():
    layer = nn.Conv2d(3, 16, 3)
    layer(np.ones((5, 32, 32, 3), np.float32))


@mistake(InputError, met="", expected="")
def a_kernel_larger_than_the_image():
    layer = nn.Conv2d(3, 16, 5)
    layer(np.ones((5, 3, 4, 4), np.float32))


@mistake(InputError, met="", expected="")
def an_unknown_padding():
    nn.Conv2d(3, 16, 3, padding="full")(np.ones((5, 3, 8, 8), np.float32))


@mistake(InputError, met="", expected="")
def a_negative_padding():
    nn.Conv2d(3, 16, 3, padding=-1)(np.ones((5, 3, 8, 8), np.float32))


@mistake(InputError, met="", expected="")
def a_stride_of_zero():
    nn.Conv2d(3, 16, 3, stride=0)(np.ones((5, 3, 8, 8), np.float32))


@mistake(InputError, met="", expected="")
def a_kernel_of_three_sizes_for_an_image():
    nn.Conv2d(3, 16, (3, 3, 3))


@mistake(InputError, met="", expected="")
def groups_that_do_not_divide_the_channels():
    nn.Conv2d(3, 16, 3, groups=2)


@mistake(InputError, met="", expected="")
def an_odd_padding_of_pairs():
    nn.Conv2d(3, 16, 3, padding=((1, 2), (1, 2, 3)))(np.ones((5, 3, 8, 8), np.float32))


@mistake(InputError, met="", expected="")
def a_bias_of_a_wrong_shape():
    nn.conv2d(np.ones((5, 3, 8, 8)), np.ones((16, 3, 3, 3)), np.ones(3))


@mistake(InputError, met="", expected="")
def a_bias_of_a_wrong_shape_in_a_dense_layer():
    nn.linear(np.ones((5, 3)), np.ones((3, 2)), np.ones(3))


@mistake(InputError, met="", expected="")
def pooling_of_something_that_is_no_image():
    nn.max_pool2d(np.ones((5, 10)), 2)


@mistake(InputError, met="", expected="")
def pooling_with_more_padding_than_kernel():
    nn.max_pool2d(np.ones((5, 3, 8, 8)), 2, padding=2)


@mistake(InputError, met="", expected="")
def an_unknown_word_for_ties():
    nn.max_pool2d(np.ones((5, 3, 8, 8)), 2, ties="last")


@mistake(InputError, met="", expected="")
def a_batch_norm_for_other_channels():
    layer = nn.BatchNorm(16)
    layer(np.ones((5, 3, 8, 8), np.float32), train=True)


@mistake(InputError, met="", expected="")
def a_batch_norm_without_statistics():
    nn.batch_norm(np.ones((5, 3)), np.ones(3), np.zeros(3), train=False)



@mistake(InputError, met="", expected="")
def a_layer_norm_of_another_size():
    layer = nn.LayerNorm(16)
    layer(np.ones((5, 8), np.float32))


@mistake(InputError, met="", expected="")
def a_dropout_in_percent():
    nn.dropout(np.ones(3), 50)


@mistake(InputError, met="", expected="")
def a_dropout_of_integers():
    nn.dropout(np.arange(3), 0.5)


@mistake(InputError, met="", expected="")
def a_layer_with_a_dropout_in_percent():
    nn.Dropout(50)(np.ones(3), train=True)


@mistake(InputError, met="", expected="")
def a_symbol_beyond_the_embedding():
    layer = nn.Embedding(70, 32)
    layer([[3, 70]])


@mistake(InputError, met="", expected="")
def symbols_that_are_floats():
    layer = nn.Embedding(70, 32)
    layer(np.ones((5, 7)))


@mistake(InputError, met="", expected="")
def a_sequence_without_its_axis_of_time():
    layer = nn.LSTM(8, 16)
    layer(np.ones((5, 8), np.float32))


@mistake(InputError, met="", expected="")
def a_state_of_another_size():
    layer = nn.GRU(8, 16)
    layer(np.ones((5, 7, 8), np.float32), state=np.zeros((5, 8), np.float32))


@mistake(InputError, met="", expected="")
def attention_of_queries_and_keys_that_do_not_fit():
    nn.scaled_dot_product_attention(np.ones((5, 7, 8)), np.ones((5, 9, 6)), np.ones((5, 9, 8)))


@mistake(InputError, met="", expected="")
def heads_that_do_not_divide_the_size():
    w, b = np.ones((3, 8, 8)), np.zeros((3, 8))
    nn.multi_head_attention(np.ones((5, 7, 8)), w, b, np.ones((8, 8)), np.zeros(8), heads=3)


@mistake(InputError, met="", expected="")
def an_orthogonal_vector():
    nn.initializers.orthogonal((8,))



@mistake(NotImplementedError, met="", expected="")
def a_module_without_a_call():
    class Net(nn.Module):
        def forward(self, x):
            return x

    Net()(np.ones(3))


@mistake(InputError, met="", expected="")
def layers_in_a_list_given_to_sequential():
    model = nn.Sequential([nn.Linear(4, 8), nn.relu])
    model(np.ones((5, 4), np.float32))




@mistake(AttributeError, met="", expected="")
def an_activation_that_is_not_there():
    nn.swish


@mistake(AttributeError, met="", expected="")
def a_name_that_ntb_does_not_have():
    ntb.GradientTape



@mistake(InputError, met="", expected="")
def one_hot_of_a_number_too_large():
    nn.one_hot([0, 3], 3)
