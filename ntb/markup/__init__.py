"""What notebooks show of tensors, models, tapes and programs: pieces of HTML, and graphs as SVG.

A class puts them together in its method `_repr_html_`, which notebooks call. Nothing here needs another library.
"""
