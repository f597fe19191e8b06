"""Convolution, pooling and resizing of sequences, images and volumes, as PyTorch computes them; with odd sizes."""

import ntb
from ntb import nn

from .base import reference

SPACE = {1: (7,), 2: (7, 5), 3: (4, 5, 3)}


def both(name, inputs, ours, theirs, **options):
    """A case of PyTorch's functional interface."""
    reference(name, "torch", inputs, ours, lambda torch, *a: theirs(torch.nn.functional, *a), **options)


# --- convolution and its transpose

for dims, space in SPACE.items():
    for options in (
        {}, {"stride": 2, "padding": 1}, {"dilation": 2, "padding": 2}, {"stride": 3}, {"groups": 2, "stride": 2},
    ):  # fmt: skip
        groups = options.get("groups", 1)
        kernel = (2, 3, 2)[:dims]
        inputs = [(2, 4, *space), (2, 4 // groups, *kernel), (2,)]
        both(
            f"conv{dims}d {options or ''}".strip(), inputs,
            lambda x, w, b, d=dims, o=options: getattr(nn, f"conv{d}d")(x, w, b, **o),
            lambda F, x, w, b, d=dims, o=options: getattr(F, f"conv{d}d")(x, w, b, **o),
        )  # fmt: skip
    for options in (
        {}, {"stride": 2, "padding": 1, "output_padding": 1}, {"dilation": 2, "output_padding": 1, "padding": 1},
        {"stride": 4}, {"groups": 2, "stride": 2},
    ):  # fmt: skip
        inputs = [(1, 4, *[n - 2 for n in space]), (4, 2, *(2, 3, 2)[:dims]), (2 * options.get("groups", 1),)]
        both(
            f"conv_transpose{dims}d {options or ''}".strip(), inputs,
            lambda x, w, b, d=dims, o=options: getattr(nn, f"conv_transpose{d}d")(x, w, b, **o),
            lambda F, x, w, b, d=dims, o=options: getattr(F, f"conv_transpose{d}d")(x, w, b, **o),
        )  # fmt: skip
both("conv2d same", [(1, 2, 5, 4), (3, 2, 5, 3)], lambda x, w: nn.conv2d(x, w, padding="same"),
     lambda F, x, w: F.conv2d(x, w, padding="same"))  # fmt: skip
for stride, dilation in ((1, 1), (2, 1), (1, 2)):
    both(f"conv1d causal, stride {stride}, dilation {dilation}", [(2, 2, 7), (3, 2, 3)],
         lambda x, w, s=stride, d=dilation: nn.conv1d(x, w, padding="causal", stride=s, dilation=d),
         lambda F, x, w, s=stride, d=dilation: F.conv1d(F.pad(x, (2 * d, 0)), w, stride=s, dilation=d))  # fmt: skip


def separable(x, depthwise, pointwise):
    layer = nn.SeparableConv2d(2, 3, 3, multiplier=2, stride=2, bias=False, dtype=float)
    layer.depthwise.weight, layer.pointwise.weight = depthwise, pointwise
    return layer(x)


both("SeparableConv2d", [(1, 2, 7, 6), (4, 1, 3, 3), (3, 4, 1, 1)], separable,
     lambda F, x, d, p: F.conv2d(F.conv2d(x, d, stride=2, groups=2), p))  # fmt: skip
UNFOLD = {"stride": (2, 1), "padding": 1, "dilation": (1, 2)}
both("unfold", [(2, 3, 6, 5)], lambda x: nn.unfold(x, (2, 3), **UNFOLD), lambda F, x: F.unfold(x, (2, 3), **UNFOLD))
both("fold", [(2, 18, 12)], lambda x: nn.fold(x, (6, 5), (2, 3), stride=(2, 1), padding=(1, 0)),
     lambda F, x: F.fold(x, (6, 5), (2, 3), stride=(2, 1), padding=(1, 0)))  # fmt: skip

# --- pooling

for dims, space in SPACE.items():
    for kernel, stride, padding in ((2, None, 0), (3, 2, 1), (2, 3, 0)):
        given = f"{kernel}, stride {stride}, padding {padding}"
        both(
            f"max_pool{dims}d {given}", [(2, 2, *space)],
            lambda x, d=dims, k=kernel, s=stride, p=padding: getattr(nn, f"max_pool{d}d")(x, k, stride=s, padding=p),
            lambda F, x, d=dims, k=kernel, s=stride, p=padding: getattr(F, f"max_pool{d}d")(x, k, s, p),
        )  # fmt: skip
        for counted in (True, False)[: 1 + (padding > 0)]:
            both(
                f"avg_pool{dims}d {given}, {counted}", [(2, 2, *space)],
                lambda x, d=dims, k=kernel, s=stride, p=padding, c=counted: getattr(nn, f"avg_pool{d}d")(
                    x, k, stride=s, padding=p, count_padding=c
                ),
                lambda F, x, d=dims, k=kernel, s=stride, p=padding, c=counted: getattr(F, f"avg_pool{d}d")(
                    x, k, s, p, False, c
                ),
            )  # fmt: skip
    for size in (2, 3) if dims == 3 else (2, 3, 9):
        for kind in ("avg", "max"):
            both(
                f"adaptive_{kind}_pool{dims}d {size}", [(2, 2, *space)],
                lambda x, d=dims, m=size, k=kind: getattr(nn, f"adaptive_{k}_pool{d}d")(x, m),
                lambda F, x, d=dims, m=size, k=kind: getattr(F, f"adaptive_{k}_pool{d}d")(x, m),
            )  # fmt: skip
for dims in (1, 2):
    both(f"lp_pool{dims}d", [(2, 2, *SPACE[dims])], lambda x, d=dims: getattr(nn, f"lp_pool{d}d")(x, 2, 3, stride=2),
         lambda F, x, d=dims: getattr(F, f"lp_pool{d}d")(x, 2.0, 3, 2))  # fmt: skip


def unpooled(x, y):
    """What the docstring of `max_pool2d` says of unpooling."""
    return ntb.vjp(lambda x: nn.max_pool2d(x, 2, ties="first"), x)[1](y)[0]


both("max unpooling", [(1, 2, 4, 6), (1, 2, 2, 3)], unpooled,
     lambda F, x, y: F.max_unpool2d(y, F.max_pool2d(x, 2, return_indices=True)[1], 2))  # fmt: skip

# --- other sizes

NAMES = {1: "linear", 2: "bilinear", 3: "trilinear"}
for dims, space in SPACE.items():
    for size in ((3, 8, 5)[:dims], (7, 5, 3)[:dims], (1, 1, 1)[:dims]):
        both(f"interpolate nearest {size}", [(2, 2, *space)], lambda x, m=size: nn.interpolate(x, m),
             lambda F, x, m=size: F.interpolate(x, m))  # fmt: skip
        for corners in (False, True):
            both(
                f"interpolate linear {size}, {corners}", [(2, 2, *space)],
                lambda x, m=size, c=corners: nn.interpolate(x, m, mode="linear", align_corners=c),
                lambda F, x, m=size, c=corners: F.interpolate(x, m, mode=NAMES[len(m)], align_corners=c),
            )  # fmt: skip
both("interpolate by a scale", [(1, 2, 3, 2)], lambda x: nn.interpolate(x, scale=(2, 3), mode="linear"),
     lambda F, x: F.interpolate(x, scale_factor=(2, 3), mode="bilinear"))  # fmt: skip
both("pixel_shuffle", [(2, 9, 2, 3)], lambda x: nn.pixel_shuffle(x, 3), lambda F, x: F.pixel_shuffle(x, 3))
both("pixel_unshuffle", [(2, 2, 4, 6)], lambda x: nn.pixel_unshuffle(x, 2), lambda F, x: F.pixel_unshuffle(x, 2))
for mode in ("zeros", "reflect", "replicate", "circular"):
    both(f"Pad {mode}", [(2, 2, 3, 4)], lambda x, m=mode: nn.Pad(((1, 2), (2, 0)), m)(x),
         lambda F, x, m=mode: F.pad(x, (2, 0, 1, 2), mode="constant" if m == "zeros" else m))  # fmt: skip
