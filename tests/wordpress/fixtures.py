"""The real WordPress as fixtures; where PHP or MariaDB is missing, its tests are skipped with what to install.

Each worker of pytest-xdist has one MariaDB of its own and on it as many sites as its tests ask for. The sites live as long
as the session: a test that changes one calls `reset()` first, so that it does not depend on its neighbours.

The project's conftest imports them all: `from tests.wordpress.fixtures import *`.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from .mariadb import MariaDB
from .server import WordPress, missing

__all__ = [
    "MakeSite",
    "wordpress_database",
    "wordpress_far",
    "wordpress_forty",
    "wordpress_plain",
    "wordpress_site",
    "wordpress_sites",
    "wordpress_small",
]

MakeSite = Callable[..., WordPress]


@pytest.fixture(scope="session")
def wordpress_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MariaDB]:
    """The MariaDB of this worker."""
    absent = missing()
    if absent:
        pytest.skip(absent)
    with MariaDB(tmp_path_factory.mktemp("mariadb")) as database:
        yield database


@pytest.fixture(scope="session")
def wordpress_sites(wordpress_database: MariaDB, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeSite]:
    """Makes sites: `wordpress_sites(version="6.8", posts=60)`, with the arguments of WordPress. Half a second each."""
    with ExitStack() as sites:

        def make(**wanted: str | int) -> WordPress:
            folder = tmp_path_factory.mktemp("wordpress")
            return sites.enter_context(WordPress(folder, database=wordpress_database, **wanted))  # type: ignore[arg-type]

        yield make


@pytest.fixture(scope="session")
def wordpress_site(wordpress_sites: MakeSite) -> WordPress:
    """WordPress 6.1 with pretty permalinks: 320 public posts, 18 pages."""
    return wordpress_sites(version="6.1", posts=320)


@pytest.fixture(scope="session")
def wordpress_plain(wordpress_sites: MakeSite) -> WordPress:
    """WordPress 6.8 with plain permalinks (`/?p=11`, `/?rest_route=/`): 120 public posts, 14 pages."""
    return wordpress_sites(version="6.8", permalinks="plain", posts=120)


@pytest.fixture(scope="session")
def wordpress_far(wordpress_sites: MakeSite) -> WordPress:
    """WordPress 6.8 whose clock is that of Asia/Kolkata, 5 h 30 min ahead of UTC: 60 public posts."""
    return wordpress_sites(version="6.8", timezone="Asia/Kolkata", posts=60)


@pytest.fixture(scope="session")
def wordpress_forty(wordpress_sites: MakeSite) -> WordPress:
    """The site behind `wordpress_small`."""
    return wordpress_sites(version="6.1", posts=40)


@pytest.fixture
def wordpress_small(wordpress_forty: WordPress) -> WordPress:
    """WordPress 6.1 with 40 public posts, as first filled, for a test to change as it likes."""
    wordpress_forty.reset()
    return wordpress_forty
