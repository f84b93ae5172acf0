"""Every route has an example: how to call it and whose it is.

The rows are in `tests/isolation/examples.py`; beside them, `test_staff` and `test_public` call
each as its owner first and then as everybody who must get nothing.
"""

from tests.isolation.examples import ALL


def test_every_route_has_an_example_and_every_example_a_route(app):
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == ALL
