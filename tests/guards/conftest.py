"""The English of today for the tests that read pages in English."""

import pytest
from babel.messages.mofile import write_mo

from tools.messages import read


@pytest.fixture(scope="session")
def compiled_english(tmp_path_factory):
    """A folder with the translations as they stand now: what `make` compiled may be of yesterday."""
    folder = tmp_path_factory.mktemp("locale")
    (folder / "en" / "LC_MESSAGES").mkdir(parents=True)
    with (folder / "en" / "LC_MESSAGES" / "django.mo").open("wb") as file:
        write_mo(file, read("en"))
    return folder


@pytest.fixture
def english_of_today(compiled_english, settings):
    settings.LOCALE_PATHS = [compiled_english]
