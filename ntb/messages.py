"""What the engine (`ntb/tape`) says when it refuses: what was met, what was expected, how to repair it.

The texts stand here, so that the engine can be read without them. Each function makes the error that its caller raises.
They are for the engine and the rooms next to it.
"""

from __future__ import annotations

from typing import Any

from .errors import ConversionError, GradientError, InputError, MutationError, TapeError, describe
from .functions import parameter_name
from .habits import answer_to

# --- derivatives


def no_derivative(operation: Any) -> GradientError:
    """Of an operation that has no derivative rule, and whose argument is tracked."""
    return GradientError(
        f"{operation.name} has no derivative rule{_reason(operation)}. Its argument is tracked by an open tape: "
        "compute it from other NumPy functions, wrap it with ntb.custom_gradient, or use ntb.stop_gradient on the "
        "argument"
    )


def no_rule(operation: Any, position: int) -> GradientError:
    """Of an argument that an operation cannot be differentiated by."""
    argument = parameter_name(operation.derivative.names, position)
    return GradientError(
        f"{operation.name} has no derivative with respect to its argument {argument}"
        f"{_reason(operation)}; use stop_gradient on it if it shall count as a constant"
    )


def _reason(operation: Any) -> str:
    return f": {operation.refusal}" if operation.refusal else ""


def unknown_arguments(operation: Any, names: Any) -> GradientError:
    return GradientError(
        f"the derivative of {operation.name} knows no argument {', '.join(sorted(names))}=; leave it out"
    )


def tensor_by_keyword(operation: Any, name: str) -> GradientError:
    return GradientError(
        f"{operation.name} takes no tensor as its keyword argument {name!r}; ntb.stop_gradient makes it a constant"
    )


def nested_list(operation: Any) -> GradientError:
    return GradientError(
        f"{operation.name} got a tracked tensor in a list inside a list, where no derivative rule finds it; make one "
        "array of the inner list first, as with np.stack"
    )


def wrong_gradient(operation: Any, g: Any, x: Any) -> GradientError:
    return GradientError(f"a rule of {operation.name} gave the shape {g.shape} to the gradient of a {x}")


def not_floating(dtype: Any) -> GradientError:
    return GradientError(
        f"only floating-point values have derivatives; this one has dtype {dtype}. Convert it: x.astype(float), or 2.0 "
        "in the place of 2"
    )


def not_real(dtype: Any) -> GradientError:
    """Of a target whose elements are no real numbers."""
    repair = "take its real part, np.real(y), or its size, np.abs(y)" if dtype.kind == "c" else (
        "integers and bools are flat: a count of what is above a threshold, say, has no slope; smooth it, as "
        "ntb.nn.sigmoid does" if dtype.kind in "iub" else "a tensor holds numbers; convert what it was computed from"
    )  # fmt: skip
    return GradientError(f"a gradient is of a real number, and the result has dtype {dtype}: {repair}")


# --- tapes


def already_recording() -> TapeError:
    return TapeError("this tape is already recording; leave out the inner `with`, or make another Tape()")


def stopped_inside() -> TapeError:
    return TapeError(
        "stop_recording inside a checkpoint, scan or fixed_point, which the tape sees as one operation; use "
        "ntb.stop_gradient on what shall count as a constant"
    )


def used_up() -> TapeError:
    return TapeError("this tape was used up by its first gradient; make it with Tape(persistent=True) to ask again")


def unknown_to_tapes(x: Any, role: str) -> TapeError:
    """Of a target or source that is no tensor."""
    if hasattr(x, "trainable_variables"):
        return TapeError(f"the {role} is a {type(x).__name__}; {answer_to('tape.gradient(loss, model)')}")
    return TapeError(
        f"the {role} is a {type(x).__name__}, which no tape can know: "
        + ("watch it first, `x = tape.watch(x)`, and compute with what that returns" if role == "source"
           else "expected one tensor, computed inside the tape's block from Variables or watched tensors")
    )  # fmt: skip


def not_scalar(shape: Any) -> InputError:
    return InputError(
        f"the target has shape {shape}; a gradient is of a scalar: take its sum or mean, or pass seed= with a weight "
        "for each element; tape.jacobian has all derivatives"
    )


def wrong_seed(seed: Any, target: Any) -> InputError:
    return InputError(f"the seed has shape {seed.shape}; it is a weight for each element of the target {target.shape}")


def wrong_unconnected(word: Any) -> InputError:
    return InputError(f'unconnected is "none" or "zero", not {word!r}')


def leaves_tape(how: str) -> ConversionError:
    """Of a tracked value that becomes a plain number or array."""
    return ConversionError(
        f"{how} would cut the gradient of a tensor that an open tape tracks. {_COMPUTE_ON}; to read its value, call "
        ".numpy(), or do so after the tape's block"
    )


def leaves_trace(how: str, on_purpose: bool) -> ConversionError:
    """Of a value that becomes a plain number or array while it is traced."""
    return ConversionError(
        "a value cannot leave a traced function: .numpy() would freeze the number of this run into the program; "
        "return the tensor and read it outside" if on_purpose else
        f"{how} would freeze the number of this run into the traced program. {_COMPUTE_ON}; to read its value, "
        "return it from the traced function"
    )  # fmt: skip


_COMPUTE_ON = (
    "To compute on with it use NumPy functions (np.sin for math.sin, np.stack or np.array([t, u], like=t) for a list, "
    "np.full(shape, t, like=t) for np.full, ntb.tensor(a)[t] for elements of an array, ntb.scipy for SciPy's Python "
    "functions)"
)


# --- tensors


def not_an_array(value: Any) -> InputError:
    """Of a list that is given to the class Tensor itself, which takes arrays as they are."""
    return InputError(f"Tensor(…) is given an array by ntb itself, not {describe(value)}; {answer_to(_A_TENSOR)}")


_A_TENSOR = "ntb.Tensor([1.0, 2.0])"


def no_array(error: Exception) -> InputError:
    return InputError(f"these data are no array: {error} Rows must be equally long; pad the short ones")


def no_numbers(array: Any) -> InputError:
    return InputError(
        f"a tensor holds numbers or bools; these data have dtype {array.dtype} and shape {array.shape}. Turn text into "
        "numbers, and objects (None among them) into arrays first"
    )


def no_number_type(dtype: Any) -> InputError:
    return InputError(
        f"a tensor holds numbers or bools, and {dtype} is none of their types; take the array with .numpy() and "
        "convert that"
    )


def compared_with_text(x: Any, text: str) -> InputError:
    """Of an array of numbers that is asked whether it is some string."""
    return InputError(
        f"{describe(x)} is compared with the text {text!r}, to which no numbers are equal; compare the name that it "
        "stands for, kept as a string or an array of strings"
    )


def no_length() -> TypeError:
    return TypeError("a 0-d tensor has no length and no parts to go through; np.atleast_1d makes it a vector")


def no_items() -> MutationError:
    return MutationError("a tensor cannot be changed in place: instead of `t[i] = x` write `t = t.at[i].set(x)`")


def writes_in_place(ufunc: Any) -> MutationError:
    return MutationError(
        f"{ufunc.__name__} cannot write into out= (or into an array in place) when a tensor takes part; write "
        "`a = a + t` instead of `a += t`"
    )


def writes_into_out(function: Any) -> MutationError:
    return MutationError(f"{function.__name__} cannot write into out= when a tensor takes part; use its result")


def leaves_undefined(ufunc: Any) -> GradientError:
    return GradientError(
        f"np.{ufunc.__name__} with where= leaves elements undefined, since tensors take no out=; write "
        f"np.where(mask, np.{ufunc.__name__}(…), other)"
    )


def unsupported_method(ufunc: Any, method: str) -> Exception:
    if method == "at":
        return MutationError(
            f"np.{ufunc.__name__}.at changes an array in place; with tensors use t.at[index].add(x), .multiply(x)"
        )
    return GradientError(f"np.{ufunc.__name__}.{method} is not supported on tensors")


# --- variables


def wrong_shape(variable: Any, value: Any) -> InputError:
    return InputError(
        f"{_called(variable)} has shape {variable.shape} and cannot be assigned a value of shape {value.shape}; "
        "np.reshape makes it fit, or make a new Variable"
    )


def wrong_dtype(variable: Any, value: Any) -> InputError:
    return InputError(
        f"{_called(variable)} has dtype {variable.dtype} and cannot be assigned a value of {value.dtype}; convert it "
        f"with .astype({str(variable.dtype)!r}), or make the Variable of another dtype"
    )


def _called(variable: Any) -> str:
    return f"variable {variable.name!r}" if variable.name else "a variable"


def no_variable_in_place() -> MutationError:
    return MutationError("`v += x` would make v a tensor; write v.assign_add(x), v.assign_sub(x) or v.assign(v * x)")


def no_variable_items() -> MutationError:
    return MutationError(
        "a variable cannot be changed in place: instead of `v[i] = x` write `v.assign(v.at[i].set(x))`"
    )
