"""What is open in one thread, task, generator or context is seen nowhere else, and is closed in whatever order."""

import asyncio
import contextlib
import contextvars
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ntb
import ntb.compat as graphs
from ntb import Tape, Variable
from ntb.compat.current import current_graph
from ntb.replay import passes
from ntb.tape.listener import listeners

# --- asyncio


def test_tasks_have_tapes_of_their_own():
    v = Variable(2.0)

    async def slope(n):
        assert listeners.get() == ()
        with Tape() as tape:
            y = v
            for _ in range(n - 1):
                await asyncio.sleep(0)
                y = y * v
            assert listeners.get() == (tape,)
        return tape.gradient(y, v).item()

    async def main():
        found = await asyncio.gather(*map(slope, range(2, 7)))
        assert listeners.get() == ()
        return found

    assert asyncio.run(main()) == [n * 2.0 ** (n - 1) for n in range(2, 7)]


def test_a_task_inherits_the_tapes_that_are_open_where_it_is_made():
    """It is a part of what its maker computes, so its operations are recorded; its own tapes are its own."""

    async def square(x):
        await asyncio.sleep(0)
        with Tape() as mine:
            y = x * x
        assert len(mine) == 0 and listeners.get() != ()
        return y

    async def main():
        with Tape() as tape:
            x = tape.watch(3.0)
            parts = await asyncio.gather(square(x), square(x + 1.0))
            assert listeners.get() == (tape,)
            total = parts[0] + parts[1]
        return tape.gradient(total, x).item()

    assert asyncio.run(main()) == 2 * 3.0 + 2 * 4.0


def test_a_task_that_outlives_the_block_still_records():
    """As documented: a task keeps the tapes it was made under; made under a fresh context it has none."""

    async def main():
        v, ready = Variable(3.0), asyncio.Event()

        async def late():
            await ready.wait()
            return v * v, listeners.get()

        with Tape() as tape:
            inside = asyncio.create_task(late())
        with Tape():
            outside = contextvars.Context().run(asyncio.create_task, late())
        ready.set()
        (y, tapes), (_, none) = await inside, await outside
        assert tapes == (tape,) and none == ()
        assert tape.gradient(y, v).item() == 6.0

    asyncio.run(main())


def test_a_tape_that_was_used_up_records_nothing_in_tasks_that_still_have_it():
    """Else a task that lives long, made inside of a block, would fill the tape for ever."""

    async def main():
        v, ready = Variable(3.0), asyncio.Event()

        async def late():
            await ready.wait()
            return v * v

        with Tape() as tape:
            task = asyncio.create_task(late())
            y = v * 2.0
        assert tape.gradient(y, v).item() == 2.0
        ready.set()
        await task
        assert len(tape) == 0

    asyncio.run(main())


def test_graphs_and_passes_are_of_one_task():
    async def work(n):
        with graphs.default_graph(graphs.ComputationGraph()) as g, passes.without(f"pass {n}"):
            await asyncio.sleep(0)
            assert current_graph() is g
            assert passes.left_out.get() == {f"pass {n}"}
            w = graphs.Variable(value=float(n))
            await asyncio.sleep(0)
            return g.run([w * w])[0]

    async def main():
        return await asyncio.gather(*map(work, range(5)))

    assert asyncio.run(main()) == [float(n * n) for n in range(5)]


def test_a_task_that_is_cancelled_closes_its_tape():
    closed = []

    async def wait():
        try:
            with Tape():
                await asyncio.sleep(60)
        finally:
            closed.append(listeners.get())

    async def main():
        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert listeners.get() == ()

    asyncio.run(main())
    assert closed == [()]


# --- generators: their blocks are in the context of whoever resumes them


def test_generators_interleaved_with_their_caller():
    """Each tape has what was computed while its block was entered, by whomever; gradients are right all the same."""

    def steps(n):
        with Tape() as tape:
            x = y = tape.watch(float(n))
            while True:
                y = y * x
                yield tape, y, x

    running = [steps(n) for n in (2, 3, 4)]
    for _ in range(3):
        states = [next(generator) for generator in running]
    for n, (tape, y, x), generator in zip((2, 3, 4), states, running, strict=True):
        generator.close()
        assert all(tape is not other for other in listeners.get())
        assert tape.gradient(y, x).item() == 4.0 * n**3
    assert listeners.get() == ()


def test_a_generator_in_a_context_of_its_own_leaves_no_tape_with_its_caller():
    def steps():
        with Tape() as tape:
            x = tape.watch(2.0)
            yield
            yield tape.gradient(x * x, x)

    context, running = contextvars.copy_context(), steps()
    context.run(next, running)
    assert listeners.get() == ()
    assert context.run(next, running).item() == 4.0
    context.run(running.close)
    assert context.run(listeners.get) == ()


def test_a_generator_that_is_collected_closes_its_tape():
    def steps():
        with Tape():
            yield

    running = steps()
    next(running)
    assert len(listeners.get()) == 1
    del running
    assert listeners.get() == ()


@pytest.mark.parametrize("block", ["default graph", "without"])
def test_other_blocks_in_interleaved_generators_end_as_they_began(block):
    outer = graphs.ComputationGraph()
    enter = {
        "default graph": lambda: graphs.default_graph(graphs.ComputationGraph()),
        "without": lambda: passes.without("merge"),
    }[block]

    def see():
        return current_graph(), passes.left_out.get()

    def steps():
        with enter():
            yield
            yield

    with graphs.default_graph(outer):
        before = see()
        first = steps()
        next(first)
        assert see() != before
        first.close()
        assert see() == before


def test_a_graph_does_not_come_back_after_its_block():
    """A generator that entered a block inside another's is closed after that, and in another context."""

    def steps(graph):
        with graphs.default_graph(graph):
            yield

    mine, its = graphs.ComputationGraph(), graphs.ComputationGraph()
    running = steps(its)
    with graphs.default_graph(mine):
        next(running)
        with graphs.default_graph(mine):
            assert current_graph() is mine
        assert current_graph() is its
    assert current_graph() is its
    running.close()
    with pytest.raises(graphs.GraphError, match="No graph"):
        current_graph()
    running = steps(its)
    contextvars.copy_context().run(next, running)
    running.close()
    with pytest.raises(graphs.GraphError, match="No graph"):
        current_graph()


# --- blocks entered and left at random


class Planned(Exception):
    pass


@given(
    st.lists(st.tuples(st.sampled_from(["enter", "leave", "stop", "go on", "raise"]), st.integers(0, 3)), max_size=25)
)
def test_open_tapes_are_those_that_were_entered_and_not_left(plan):
    """In whatever order, with pauses by `stop_recording`, with exceptions, whatever else is open."""
    tapes = [Tape(persistent=True) for _ in range(4)]
    entered, pauses = [], {}
    for what, i in plan:
        tape = tapes[i]
        if what == "enter" and tape not in entered and i not in pauses:
            tape.__enter__()
            entered.append(tape)
        elif what == "leave" and tape in entered:
            tape.__exit__(None, None, None)
            entered.remove(tape)
        elif what == "stop" and tape in entered:
            pauses[i] = tape.stop_recording()
            pauses[i].__enter__()
            entered.remove(tape)
        elif what == "go on" and i in pauses:
            pauses.pop(i).__exit__(None, None, None)
            entered.append(tape)
        elif what == "raise":
            with contextlib.suppress(Planned), Tape() as inner, inner.stop_recording(), Tape():
                raise Planned
        assert set(listeners.get()) == set(entered)
        before = [len(t) for t in tapes]
        v = Variable(2.0)
        v * v
        assert [len(t) - n for t, n in zip(tapes, before, strict=True)] == [int(t in entered) for t in tapes]
    for i in list(pauses):
        pauses.pop(i).__exit__(None, None, None)
    for tape in listeners.get():
        tape.__exit__(None, None, None)
    assert listeners.get() == ()


def test_an_exception_leaves_nothing_open():
    def fail(*_):
        raise Planned

    blocks = [
        lambda: Tape(),
        lambda: graphs.default_graph(graphs.ComputationGraph()),
        lambda: passes.without("merge"),
    ]
    before = listeners.get(), passes.left_out.get()
    for block in blocks:
        with contextlib.suppress(Planned), block():
            fail()
    runs = [
        lambda: ntb.grad(fail)(1.0), lambda: ntb.function(fail)(1.0), lambda: ntb.jvp(fail, (1.0,), (1.0,)),
        lambda: ntb.checkpoint(fail)(1.0), lambda: ntb.scan(fail, 0.0, np.ones(3)),
        lambda: ntb.jacobian(fail)(np.ones(2)), lambda: ntb.function(ntb.grad(fail))(1.0),
    ]  # fmt: skip
    for run in runs:
        with pytest.raises(Planned):
            run()
        assert (listeners.get(), passes.left_out.get()) == before


# --- contexts and threads


def test_a_context_that_is_copied_inside_a_block_keeps_the_block():
    with Tape() as tape:
        x = tape.watch(2.0)
        context = contextvars.copy_context()
    assert context.run(listeners.get) == (tape,)
    y = context.run(lambda: x * x)
    assert listeners.get() == () and tape.gradient(y, x).item() == 4.0


def test_several_threads_record_on_one_tape_through_their_contexts():
    """`asyncio.to_thread` copies the context: the operations of all are on the tape, each after its operands."""

    async def main():
        with Tape() as tape:
            x = tape.watch(1.5)

            def power(n):
                y = x
                for _ in range(n - 1):
                    y = y * x
                return y

            parts = await asyncio.gather(*[asyncio.to_thread(power, n) for n in range(2, 10)])
            total = sum(parts, start=ntb.tensor(0.0))
        return len(tape), tape.gradient(total, x).item()

    length, slope = asyncio.run(main())
    assert length == sum(range(1, 9)) + 8
    assert slope == pytest.approx(sum(n * 1.5 ** (n - 1) for n in range(2, 10)))


def test_a_thread_that_ends_with_open_blocks_leaves_them_to_nobody():
    def work():
        Tape().__enter__()
        graphs.default_graph(graphs.ComputationGraph()).__enter__()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert listeners.get() == ()
    with pytest.raises(graphs.GraphError):
        current_graph()
