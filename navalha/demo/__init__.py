"""The whole product on one machine: `python -m navalha.demo` starts every part, watches them and stops them."""
