"""The `raise`s of ntb that no mistake reaches, by file, function and the beginning of what is raised; and why."""

FORGED = "a pickle must be forged for it, as test_hostile_files.py does; they come as a file not loaded"
DAMAGED = "a file must be damaged in just this place; it comes as any damaged file, whose mistake is among the files"
OWN_PRIMITIVE = "only who writes an operation with its rule can cause it, and it says which rule"

UNREACHED: dict[str, str] = {
    "compiled/symbols.py:": "it does not leave the module: what cannot be opened stays a call of NumPy's",
    "compiled/within.py:": "it does not leave the module: the primitive begins anew by NumPy",
    "data/prefetching.py:_read_ahead: what": "it is the source's own error, which a mistake shows for batches",
    "datasets/download.py:": "pooch must be missing, or the network; tests/datasets/test_download.py does without them",
    "datasets/pickles.py:": FORGED,
    "foreign/lacking.py:split_of": "NumPy's own words for arrays of Dask; a mistake shows them for those of NumPy",
    "foreign/libraries.py:admitted: untraceable(array)": "as in a mistake, but for an array made inside",
    "nn/activations/smooth.py:_special": "SciPy must be missing for it",
    "io/__init__.py:load: InputError": "the state of a generator must be forged for it, within a file that is whole",
    "io/__init__.py:read: ValueError": DAMAGED,
    "io/kinds.py:": DAMAGED,
    "io/npz.py:": DAMAGED,
    "io/safetensors.py:": DAMAGED,
    "metrics/classes.py:_OfClasses.quotient": "all of its children define it",
    "random.py:Generator._restoring": "the numbers of a state must be forged for it",
    "random.py:_GlobalGenerator._restoring": "the numbers of a state must be forged for it",
    "io/__init__.py:_trainable: ValueError": DAMAGED,
    "sklearn/estimator.py:Estimator._learned": "all of its children define it",
    "state.py:Keeper.": "the optimizer, which is the one that there is, defines them",
    "vis/plot.py:picture_class: MissingMatplotlib(f'matplotlib does": "matplotlib must not have been imported before",
    "demos/profiling.py:Profiling.before_step: Measured": "no error: it ends a demo that is profiled",
    "ops/scipy_special/incomplete.py:_betainc_change_b": "as for the parameter a, whose third derivative is a mistake",
    "ops/ufunc_methods.py:reduce: InputError(f'np.{name}.reduce goes along": "NumPy mostly refuses first",
    "optim/around.py:Around.first_own": "all of its children define it",
    "optim/averages.py:_Average._weight": "all of its children define it",
    "optim/minimizer.py:Minimizer.apply": "all of its children define it",
    "replay/any_size.py:": "it does not leave the module: what is not alike in all sizes runs as it is",
    "replay/helpers.py:helper_sources": "two primitives of one name must be written in two modules, and printed in one",
    "replay/findings.py:Finding.": "all of its children define it",
    "tape/gradient.py:fit": OWN_PRIMITIVE,
    "tape/operation.py:Operation.known": OWN_PRIMITIVE,
    "tape/record.py:inputs_of": OWN_PRIMITIVE,
    "tape/tensor.py:ArrayLike.read: NotImplementedError": "both of its children define it",
    "transforms/forward.py:tangent_of: t": "the error of a missing rule, kept until it is needed",
    "transforms/implicit.py:_solution: singular": "as in a mistake, but while it is traced",
    "values/conversions.py:Conversions.__dlpack__": "only a library from before DLPack 1.0 asks so",
}
