import stat

from cryptography.fernet import Fernet

from navalha.demo.keys import read_keys


def test_keys_stay_the_same_so_that_stored_secrets_stay_readable(tmp_path):
    first = read_keys(tmp_path)

    assert read_keys(tmp_path) == first
    assert Fernet(first["FIELD_KEYS"]).decrypt(Fernet(first["FIELD_KEYS"]).encrypt(b"x")) == b"x"
    assert len(first["SECRET_KEY"]) > 50


def test_two_folders_have_different_keys(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    first, second = read_keys(tmp_path / "a"), read_keys(tmp_path / "b")

    assert not set(first.values()) & set(second.values())


def test_only_the_owner_can_read_them(tmp_path):
    read_keys(tmp_path)

    assert stat.S_IMODE((tmp_path / "demo.env").stat().st_mode) == 0o600


def test_a_key_that_is_missing_is_added_and_the_others_kept(tmp_path):
    (tmp_path / "demo.env").write_text("SECRET_KEY=mine\n")

    keys = read_keys(tmp_path)

    assert keys["SECRET_KEY"] == "mine"
    assert read_keys(tmp_path) == keys
