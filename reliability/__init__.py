"""Long runs that show what ntb can be trusted with: a file for each subject, each with a function `measure`.

    def measure(scale: float, say: Callable[[str], None]) -> dict[str, Any]: ...

It tries what `docs/reliability.md` says, `scale` times as often (1 is what the page shows), tells its progress by
`say`, raises at the first wrong answer, and returns its figures by name. Short forms of all are in `tests/reliability`.
"""
