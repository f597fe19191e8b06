"""Blocks: a chain of elementwise operations on large arrays is run block by block (blockwise.py). An example:

    m2 = 0.9 * m;  t = 0.1 * g;  m2 = m2 + t

The values between the operations lie in scratch arrays of the size of a block.
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np

from ..blockwise import BLOCK, SUMS_BY_HALVES, UNHALVED, blockwise, blockwise_sum, step_of
from .calls import OUT
from .code import Code, Instruction, Ref, Spec
from .memory import Blocks, Place, Storage, is_elementwise


def block(code: Code) -> Code:
    """Replace each chain of elementwise operations on large arrays of one shape by one call.

    It takes a block of elements through the whole chain before it turns to the next, so that what lies between stays in
    the cache. Each element goes through the same arithmetic. What only the chain reads needs the memory of one block.
    A sum over all that the chain gives is taken in its blocks, too.
    """
    uses = Counter(ref for i in code.instructions for ref in i.reads()) + Counter(code.results())
    kept: list[Instruction] = []
    groups = [(shape, deque(group)) for shape, group in groupby(code.instructions, lambda i: _shape_of(code, i))]
    for (shape, group), (_, following) in zip(groups, [*groups[1:], (None, deque())]):
        chain = list(group)
        if shape and following and is_sum_of(code, following[0], chain):
            chain.append(following.popleft())
        inside = Counter(ref for i in chain for ref in i.reads())
        results = [i.result for i in chain if uses[i.result] > inside[i.result]] if shape else []
        if shape and not results:  # nothing reads the chain, and it was not pruned
            continue
        kept += as_blocks(code, chain, results) if len(chain) > 1 and shape else chain
    code.instructions = kept
    return code


def _shape_of(code: Code, instruction: Instruction) -> Any:
    """The shape that an elementwise operation on large arrays works on; None for all other instructions."""
    ref = instruction.result
    if type(ref) is not Ref or ref not in code.places or not is_elementwise(instruction) or instruction.kwargs:
        return None
    spec = code.specs[ref]
    if not is_large(spec) or code.places[ref].storage.viewed:
        return None
    whole = all(is_whole(code.specs[a], spec.shape) for a in (*instruction.reads(), ref))
    return (
        spec.shape if whole and all(type(a) in (Ref, int, float) or _is_scalar(a) for a in instruction.args) else None
    )


def summed_whole(code: Code, instruction: Instruction, chain: Sequence[Instruction]) -> Spec | None:
    """The array, in C order, of which a call sums up all elements, if a chain gives it; None for other calls."""
    if instruction.function != np.add.reduce or OUT not in instruction.args or instruction.result not in code.places:
        return None
    (array, *_), total = instruction.args, code.specs[instruction.result]
    summed = code.specs[array]
    is_whole_sum = (
        is_whole(summed, summed.shape) and total.shape == ()
        and summed.dtype == total.dtype and total.dtype in (np.float32, np.float64)
        and any(array in i.writes() for i in chain)
    )  # fmt: skip
    return summed if is_whole_sum else None


def is_sum_of(code: Code, instruction: Instruction, chain: Sequence[Instruction]) -> bool:
    """Whether a call sums up all elements of a large array that a chain gives, so that it can be done in its blocks."""
    summed = summed_whole(code, instruction, chain)
    return SUMS_BY_HALVES and summed is not None and is_large(summed)


def is_large(spec: Spec) -> bool:
    """Whether a value is worth cutting into blocks."""
    return spec.nbytes >= 2 * BLOCK


def is_whole(spec: Spec, shape: Any) -> bool:
    """Whether a value can be cut into blocks: it is an array of this shape in C order, or it has no axes."""
    if spec.shape == () or spec.shape is None:
        return True
    if spec.shape != shape or spec.strides is None or spec.dtype is None:
        return False
    return spec.strides == tuple([spec.dtype.itemsize * math.prod(shape[i + 1 :]) for i in range(len(shape))])


def _is_scalar(x: Any) -> bool:
    return isinstance(x, np.ndarray | np.generic) and x.shape == ()


def as_blocks(code: Code, chain: list[Instruction], results: list[Ref]) -> list[Instruction]:
    """One instruction for the chain, which may end with a sum: its arguments are what it reads, then scratch arrays.

    Args:
        results: what is also read outside of the chain.
    """
    made = [ref for i in chain for ref in i.writes()]
    inputs = list(dict.fromkeys(ref for i in chain for ref in i.reads() if ref not in made))
    first = next(code.specs[ref] for ref in (*results, *inputs) if code.specs[ref].shape)
    size = max(step_of(first.nbytes, math.prod(first.shape or ())), UNHALVED)
    scratch = _share_scratch(code, chain, results, size)
    run = _compiled(code, chain, inputs, results, scratch)
    arguments = (*inputs, *dict.fromkeys(scratch.values()))
    return [chain[0].standing_for(run, arguments, {}, tuple(results))]


def _share_scratch(code: Code, chain: list[Instruction], results: list[Ref], size: int) -> dict[Ref, Ref]:
    """Scratch arrays for the values that only the chain reads; after a value's last use another takes its array."""
    last = {ref: now for now, i in enumerate(chain) for ref in i.reads()}
    found: dict[Ref, Ref] = {}
    free: dict[Any, list[Ref]] = {}
    for now, instruction in enumerate(chain):
        done = [ref for ref in dict.fromkeys(instruction.reads()) if ref in found and last[ref] == now]
        in_place = not isinstance(instruction.function, Blocks)  # a loop is slow on arrays that share memory
        for ref in done if in_place else ():
            free.setdefault(code.specs[ref].dtype, []).append(found[ref])
        for ref in [ref for ref in instruction.writes() if ref not in results]:
            dtype = code.specs[ref].dtype
            unused = free.setdefault(dtype, [])
            if unused:
                found[ref] = unused.pop()
            else:
                found[ref] = new = Ref(len(code.specs))
                code.specs[new] = spec = Spec(np.empty(size, dtype), new)
                code.places[new] = Place(Storage(spec.nbytes), spec)
            code.places.pop(ref)
        for ref in done if not in_place else ():
            free.setdefault(code.specs[ref].dtype, []).append(found[ref])
    return found


def _compiled(
    code: Code, chain: list[Instruction], inputs: list[Ref], results: list[Ref], scratch: dict[Ref, Ref]
) -> Blocks:
    """The chain as a function that runs it block after block."""
    space: dict[str, Any] = {"blockwise": blockwise, "blockwise_sum": blockwise_sum}
    spare = [f"v{ref}" for ref in dict.fromkeys(scratch.values())]
    cut = [f"v{ref}" for ref in (*results, *inputs) if code.specs[ref].shape]
    lines = [f"def run_blocks({', '.join([*(f'v{ref}' for ref in inputs), *spare, 'out'])}):"]
    lines.append(f"    {''.join(f'v{ref}, ' for ref in results)} = out")
    lines.append(f"    def run_block({', '.join(spare + cut)}):")  # it finds numbers in `run_blocks`
    for number, i in enumerate(chain):
        space[f"f{number}"] = i.function
        arguments, out = [], "".join([f"v{scratch.get(ref, ref)}, " for ref in i.writes()])
        for position, a in enumerate(i.args):
            if type(a) is Ref:
                arguments.append(f"v{scratch.get(a, a)}")
            elif a is OUT:  # of a loop, which may write several results
                arguments.append(f"({out})")
            else:
                arguments.append(f"c{number}_{position}")
                space[arguments[-1]] = a
        if OUT not in i.args:
            arguments.append(f"out={out[:-2]}")
        lines.append(f"        f{number}({', '.join(arguments)})")
    given = f"{', '.join(['run_block', *cut])}, scratch=[{', '.join(spare)}]"
    if chain[-1].function == np.add.reduce:
        lines[-1] = f"        return f{number}(v{scratch.get(array := chain[-1].args[0], array)})"
        lines.append(f"    v{chain[-1].result}[...] = blockwise_sum({given})")
    else:
        lines.append(f"    blockwise({given})")
    exec(compile("\n".join(lines), f"<blocks of {code.name}>", "exec"), space)
    return Blocks(space.pop("run_blocks"), chain)  # else the function and its globals would keep each other
