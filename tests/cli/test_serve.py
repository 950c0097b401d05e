import signal

from cli.axon import Axon

from axonml.cli.processes import Part, held_by, is_ready
from axonml.clock import monotonic


def test_serve_runs_in_the_foreground_until_a_signal(axon: Axon) -> None:
    with axon.begin("serve") as child:
        deadline = monotonic() + 30
        while not ((held := held_by(axon.config, Part.BACKEND)) and is_ready(held, Part.BACKEND)):
            assert monotonic() < deadline
            assert child.poll() is None
        child.send_signal(signal.SIGTERM)
        code = child.wait(30)

    assert held.pid == child.pid
    assert code == 0
    assert axon.pid(Part.BACKEND) is None
