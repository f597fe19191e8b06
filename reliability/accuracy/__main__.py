"""The command line: `python -m reliability.accuracy`, or with --write, or --only np.tanh nn.gelu."""

from __future__ import annotations

import argparse
import json

from . import measure, own, page
from .tables import ROWS


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m reliability.accuracy", description=__doc__)
    parser.add_argument("--only", nargs="*", metavar="NAME", help="these functions, as the page writes them")
    parser.add_argument("--write", action="store_true", help="write the figures and docs/accuracy.md")
    options = parser.parse_args()
    measure.load()
    figures = json.loads(page.FIGURES.read_text()) if page.FIGURES.exists() else {}
    beyond = 0
    for f in ROWS:
        if options.only and f.name not in options.only:
            continue
        print(f.name, flush=True)
        for dtype in f.dtypes:
            found = measure.worst(f, dtype, own.evaluate)
            figures.setdefault(f.name, {})[dtype] = page.stated(found)
            for order, bound in zip(measure.ORDERS, f.bound, strict=True):
                error, point, number, exact = found.get(order, [0, [], 0, ""])
                if error > bound:
                    beyond += 1
                    print(
                        f"{f.name} {dtype}, {order}: {error:.3g} ulps at {point}: {number!r}, exactly {exact}",
                        flush=True,
                    )
        measure.store()
    print(f"{beyond} beyond their bounds")
    if options.write:
        order = {f.name: figures[f.name] for f in ROWS if f.name in figures}
        lines = ",\n".join(f'"{name}": {json.dumps(found)}' for name, found in order.items())
        page.FIGURES.write_text("{\n" + lines + "\n}\n")
        page.PAGE.write_text(page.text(), encoding="utf-8")


if __name__ == "__main__":
    main()
