"""Each file but `base.py` enters the references of a subject."""

from importlib import import_module
from pathlib import Path

SUBJECTS = sorted(
    p.stem
    for p in Path(__file__).parent.glob("*.py")
    if p.stem not in ("__init__", "base") and not p.stem.startswith("test_")
)
for _subject in SUBJECTS:
    import_module(f"{__name__}.{_subject}")
