"""Progress: a bar on a terminal, a line elsewhere."""

import io

from ntb.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_on_a_terminal_and_elsewhere():
    for file, expected in [
        (io.StringIO(), "epoch 1  loss 0.5\n"),
        (Terminal(), "\repoch 1 [##########..........] 1/2  loss 1"),
    ]:
        bar = Progress("epoch 1", total=2, file=file)
        bar.update(1, {"loss": 1.0})
        bar.update(2, {"loss": 0.5})
        bar.done({"loss": 0.5})
        assert file.getvalue().startswith(expected)
        assert file.getvalue().endswith("epoch 1  loss 0.5\n")
    without = Progress("epoch 1", file=Terminal())
    without.update(1, {})
    assert "step 1" in without.file.getvalue()
