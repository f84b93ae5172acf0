"""The server that the browsers of these tests speak to."""

import io
from wsgiref.util import FileWrapper

from tests.pages.conftest import whole_answers


def test_a_file_is_closed_before_a_reader_can_go_away():
    file = io.BytesIO(b"all of it")
    answer = whole_answers(lambda environ, start_response: FileWrapper(file))
    assert b"".join(answer({}, lambda *args: lambda data: None)) == b"all of it"
    assert file.closed
