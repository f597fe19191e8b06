"""Every public name exists and is documented, with an example where it is a function or class."""

import inspect
from pathlib import Path

import pytest

import ntb

WITHOUT_EXAMPLE = {"Record", "Program", "Function", "RetraceWarning"}  # made by others, who show them


def test_the_index_is_sorted_and_complete():
    assert ntb.__all__ == sorted(ntb.__all__, key=lambda name: (name[0].islower(), name))
    assert len(set(ntb.__all__)) == len(ntb.__all__)
    # Modules that are public as such, and those that make up the public ones.
    modules = {"tape", "replay", "transforms", "io", "state", "check", "debug", "progress", "compat", "demos", "dask"}
    modules |= {
        "errors",
        "messages",
        "functions",
        "naming",
        "traits",
        "tree",
        "extending",
        "chapters",
        "primitive",
        "values",
        "arguments",
        "fitting",
        "habits",
    }
    modules |= {"arguments", "variable", "atomic", "explain", "foreign", "standard", "blockwise", "forms", "shapes"} | {
        "compiled",
        "later",
        "markup",
        "looped",
        "distributed",
    }
    rooms = {
        "Methods",
        "arrays",
        "method",
        "tape_jacobian",
        "no_attribute",
    }  # imported for what they give to tensors and tapes
    left_out = {n for n in vars(ntb) if not n.startswith("_")} - set(ntb.__all__) - modules - rooms
    assert not left_out


@pytest.mark.parametrize("name", ntb.__all__)
def test_a_public_name_is_documented(name):
    thing = getattr(ntb, name)
    text = inspect.getdoc(thing)
    assert text, f"ntb.{name} has no docstring"
    error = inspect.isclass(thing) and issubclass(thing, Exception)
    if (inspect.isclass(thing) or inspect.isfunction(thing)) and not error and name not in WITHOUT_EXAMPLE:
        assert ">>>" in text, f"ntb.{name} has no example"


@pytest.mark.parametrize("name", ntb.__all__)
def test_public_methods_are_documented(name):
    thing = getattr(ntb, name)
    if inspect.isclass(thing) and not issubclass(thing, Exception):
        bare = [
            key
            for key, member in vars(thing).items()
            if not key.startswith("_") and inspect.isfunction(member) and not inspect.getdoc(member)
        ]
        assert bare == []


def test_errors_are_also_the_errors_a_numpy_user_expects():
    expected = {
        ntb.TapeError: RuntimeError,
        ntb.GradientError: TypeError,
        ntb.ConversionError: TypeError,
        ntb.MutationError: TypeError,
        ntb.InputError: ValueError,
    }
    for error, builtin in expected.items():
        assert issubclass(error, ntb.NtbError) and issubclass(error, builtin)


@pytest.mark.parametrize("package", [ntb.nn, ntb.optim], ids=lambda package: package.__name__)
def test_no_file_has_the_name_of_what_is_imported_later(package):
    """Else the import of the file, which leaves it in the package, would put it in the place of a function."""
    later = [name for text in package._FILES.values() for name in text.split()]
    assert len(set(later)) == len(later) and set(later) <= set(package.__all__)
    assert not {path.stem for path in Path(package.__file__).parent.iterdir()} & set(later)
    for name in package.__all__:
        assert not inspect.ismodule(getattr(package, name)) or package._FILES.get(name) == ""
