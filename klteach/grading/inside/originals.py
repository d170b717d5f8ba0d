"""What the modules held before a learner's code ran, to be put back before answers are called.

Much of what honest code puts into a module is no secret: pandas sets the time zone, old code wants
`np.bool`, a notebook prints in its own way. Told is only what could make a wrong answer look right:
another function in the place of one that computes or compares.
"""

import sys

# No more than these: whoever looks at a name copies the memory shared with the warm process
MODULES = (
    *("builtins", "math", "numpy", "numpy.linalg"),
    # and what the calls themselves are made with
    *("dis", "inspect", "io", "json", "linecache", "signal", "struct", "time", "traceback"),
    *("types", "warnings"),
)
_COMPUTE = {  # of the built-in functions; the others read, show and import
    *("AssertionError", "abs", "all", "any", "bool", "callable", "complex", "dict", "divmod"),
    *("enumerate", "filter", "float", "frozenset", "getattr", "hasattr", "hash", "id", "int"),
    *("isinstance", "issubclass", "iter", "len", "list", "map", "max", "min", "next", "object"),
    *("pow", "range", "repr", "reversed", "round", "set", "sorted", "str", "sum", "tuple", "type"),
    *("vars", "zip"),
}
_READ_AND_SHOW = {  # of NumPy; the others compute
    *("load", "loadtxt", "genfromtxt", "fromfile", "fromregex", "memmap", "save", "savetxt"),
    *("savez", "savez_compressed", "set_printoptions", "get_printoptions", "printoptions"),
    *("array2string", "array_repr", "array_str", "format_float_positional", "errstate", "seterr"),
    *("format_float_scientific", "geterr", "seterrcall", "geterrcall", "info", "show_config"),
    *("show_runtime", "test", "get_include", "typename", "base_repr", "binary_repr"),
    # names that NumPy takes away, and old code wants back
    *("row_stack", "trapz", "in1d"),
}
_NUMBERS = (bool, int, float, complex, str, bytes, object)


class Originals:
    """What stood in the modules when this was made."""

    def __init__(self):
        found = ((name, sys.modules.get(name)) for name in MODULES)
        self._modules = [
            (name, vars(module), dict(vars(module))) for name, module in found if module
        ]
        # as in `np.bool = bool`
        self._kinds = _kinds([value for *_, before in self._modules for value in before.values()])

    def restore(self) -> list[str]:
        """Put everything back; the names of what may be told."""
        told = []
        for name, now, before in self._modules:
            for key, value in before.items():
                other = now.get(key, now)
                if other is value:
                    continue
                now[key] = value
                removed, renamed = other is now, {id(value), id(other)} <= self._kinds
                if may_be_told(name, key, value) and not removed and not renamed:
                    told.append(f"{name}.{key}")
        return told


def can_be_told(name: str) -> bool:
    """Whether this is the name of something that `restore` tells of."""
    module, _, key = name.rpartition(".")
    held = vars(sys.modules[module]) if module in MODULES and module in sys.modules else {}
    return key in held and may_be_told(module, key, held[key])


def may_be_told(module: str, key: str, value) -> bool:
    """Whether `value`, under this name of a module, is a function that computes or compares."""
    if module == "builtins":
        return key in _COMPUTE
    if module == "numpy":
        return callable(value) and key not in _READ_AND_SHOW
    return module in ("math", "numpy.linalg") and callable(value)


def _kinds(values) -> set[int]:
    """Python's and NumPy's own kinds of values, by identity: one may stand for another."""
    numpy = sys.modules.get("numpy")
    of_numpy = [
        value
        for value in values
        if numpy is not None and isinstance(value, type) and issubclass(value, numpy.generic)
    ]
    return {id(kind) for kind in (*_NUMBERS, *of_numpy)}
