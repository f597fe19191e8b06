"""The explain page: a program's lines beside their formulas, linked with the lines that go back through them.

`partners.py` tells which line belongs to which, `values.py` what a run computes, `formulas.py` and `rules.py` how it is
written in mathematics, `picture.py` draws the graph, and `page.py` puts all of it into one file of HTML.
"""
