import socket
from pathlib import Path

import pytest

from navalha.demo.options import CannotRun, alone, check_port, check_writable, read_options


def test_ports_and_folder_have_stable_defaults():
    options = read_options({})

    assert (options.site, options.simulator) == ("http://127.0.0.1:8000", "http://127.0.0.1:8090")
    assert options.var.name == "var"


def test_ports_and_folder_come_from_the_environment(tmp_path):
    options = read_options({"PORT": "8101", "SIMULATOR_PORT": "8102", "NAVALHA_VAR": str(tmp_path)})

    assert (options.port, options.simulator_port, options.var) == (8101, 8102, tmp_path)


@pytest.mark.parametrize("text", ["zero", "0", "-1", "65536", "80a", "²"])
def test_something_that_is_no_port_is_refused_with_an_example(text):
    with pytest.raises(CannotRun, match=r"PORT=.* não é uma porta: .* PORT=8000"):
        read_options({"PORT": text})


def test_the_same_port_twice_is_refused():
    with pytest.raises(CannotRun, match="mesma porta"):
        read_options({"PORT": "8090"})


def test_a_taken_port_is_named_with_the_command_that_helps():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(CannotRun, match=f"A porta {port} já está em uso.*SIMULATOR_PORT=.* make demo"):
            check_port(port, "SIMULATOR_PORT")

    check_port(port, "SIMULATOR_PORT")


def test_a_port_taken_on_every_address_is_seen_too():
    taken = socket.create_server(("0.0.0.0", 0))  # noqa: S104 - the case under test

    with taken, pytest.raises(CannotRun, match="já está em uso"):
        check_port(taken.getsockname()[1], "PORT")


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    # A file in the way fails for every user; removed permissions would not stop root.
    (tmp_path / "var").write_text("")

    with pytest.raises(CannotRun, match=r"Não dá para gravar em .*/var/inner .*NAVALHA_VAR="):
        check_writable(tmp_path / "var" / "inner")


def test_a_missing_folder_is_made_and_left_empty(tmp_path):
    check_writable(tmp_path / "a" / "b")

    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_a_second_demo_in_the_same_folder_is_refused_until_the_first_ends(tmp_path: Path):
    with alone(tmp_path), pytest.raises(CannotRun, match=r"já está rodando \(processo \d+\)"), alone(tmp_path):
        pytest.fail("two demos share one folder")

    with alone(tmp_path):
        assert (tmp_path / "demo.lock").exists()
