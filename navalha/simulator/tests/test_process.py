"""`python -m navalha.simulator` as a process: starts, ends at once, says plainly that a port is taken."""

import signal
import socket
import subprocess
import sys
import time

import httpx2
import pytest

from navalha.simulator.testing import wait_until


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def start(port: int, *more: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "navalha.simulator", "--port", str(port), *more]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def answers(port: int) -> bool:
    try:
        return httpx2.get(f"http://127.0.0.1:{port}/", trust_env=False).status_code == 200
    except httpx2.ConnectError:
        return False


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_and_cleanly_even_with_a_request_held_open(ending, tmp_path):
    port = free_port()
    process = start(port, "--data", str(tmp_path))
    wait_until(lambda: answers(port), timeout=20, what="the simulator")
    held = socket.create_connection(("127.0.0.1", port))
    httpx2.post(f"http://127.0.0.1:{port}/simulator/switches", json={"server_mode": "hang"}, trust_env=False)
    held.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    time.sleep(0.1)
    began = time.monotonic()
    process.send_signal(ending)
    _, errors = process.communicate(timeout=30)
    held.close()
    assert (process.returncode, errors) == (0, "")
    assert time.monotonic() - began < 20  # the request would be held for ever


def test_a_taken_port_gives_one_sentence_and_exit_code_2():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = start(taken.getsockname()[1])
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "está ocupada" in errors
    assert errors.count("\n") == 1
