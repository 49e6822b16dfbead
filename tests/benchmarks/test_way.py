"""What counts as a room and a return on a document's way."""

from __future__ import annotations

import tenor


def test_functions_are_listed_once_where_they_are():
    import way

    tenor.preset("likelihood")  # imports what it needs
    ran = way.traced(lambda: [tenor.preset("likelihood") for _ in range(3)])
    assert [tuple(function) for function in ran if function.room != "__init__.py"] == [
        ("settings.py", "preset", 0)
    ]


def test_a_return_is_another_file_that_was_read_before():
    import way

    rooms = ["a", "a", "b", "a", "c", "b", "b"]
    read = [way.Function(room, str(n), n) for n, room in enumerate(rooms)]
    read.append(way.Function("b", "bag_linear", 4))
    assert way.summary(read, "transform") == (3, 2, 8, 4)
