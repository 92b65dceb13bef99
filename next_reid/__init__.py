"NEXT: multi-modal object re-identification. The names of `__all__` are loaded when they are first used."
from importlib import import_module

__version__ = "0.1.0"
_PLACES = {"SyntheticConfig": "worlds.synthetic:SyntheticConfig", "generate": "worlds.synthetic:generate_dataset",
           "recipe": "training.recipes:recipe", "override": "problem.core:override", "NEXT": "model.next:NEXT",
           "prepare": "training.loop:prepare", "fit": "training.loop:fit", "evaluate": "measuring.retrieval:evaluate",
           "embed": "measuring.retrieval:embed", "Gallery": "using.gallery:Gallery"}
__all__ = list(_PLACES)


def __getattr__(name: str):
    if name not in _PLACES: raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, what = _PLACES[name].partition(":")
    value = globals()[name] = getattr(import_module(f"{__name__}.{module}"), what)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
