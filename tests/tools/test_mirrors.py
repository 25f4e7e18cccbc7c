from tools.mirrors import translated


def test_the_mirrors_of_pip_become_those_of_uv():
    lines = [
        "global.index-url='https://mirror.example/simple'",
        "global.extra-index-url='\\nhttps://one.example/simple\\nhttps://two.example/simple'",
        ":env:.find-links='/wheels /more'",
        "install.require-virtualenv='true'",
        "not a setting",
    ]

    assert dict(translated(lines)) == {
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "UV_INDEX": "https://one.example/simple https://two.example/simple",
        "UV_FIND_LINKS": "/wheels,/more",
    }
