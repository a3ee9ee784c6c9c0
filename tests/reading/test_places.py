"""Places that are taken and given back."""

import threading
import time

from ingest.reading.places import Places


def test_so_many_and_no_more() -> None:
    """Whoever comes later waits, and that can be seen."""
    places = Places(2)
    places.take()
    assert places.try_to_take()
    assert not places.try_to_take()
    assert (places.taken, places.wanted) == (2, 0)
    third = threading.Thread(target=places.take)
    third.start()
    while not places.wanted:
        time.sleep(0.001)
    places.give()
    third.join()
    assert (places.taken, places.wanted) == (2, 0)
    for _ in range(2):
        places.give()
    assert (places.taken, places.wanted) == (0, 0)
