import pytest

from tools.frontend import copy


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.js", b"let a=1;\n//# sourceMappingURL=a.js.map", b"let a=1;\n"),
        ("a.css", b"a{}\n/*# sourceMappingURL=a.css.map */\n", b"a{}\n"),
        ("a.js", b"let a='sourceMappingURL';\n", b"let a='sourceMappingURL';\n"),
        ("a.woff2", b"\n//# sourceMappingURL=x", b"\n//# sourceMappingURL=x"),
    ],
)
def test_only_the_pointer_to_a_source_map_is_dropped(tmp_path, name, content, expected):
    (tmp_path / name).write_bytes(content)

    copy(tmp_path / name, tmp_path / "vendor" / name)

    assert (tmp_path / "vendor" / name).read_bytes() == expected
