"""What the catalogue of services tells of itself."""

from dataclasses import replace

from tests.routing.centre import DAMKAR, MEDIS, make_plan


def test_recorded_are_the_services_that_say_so() -> None:
    """All others are not, and there is no third answer."""
    catalogue = make_plan().catalogue
    assert catalogue.recorded == frozenset()
    services = {
        id_: replace(service, record=id_ in {MEDIS, DAMKAR})
        for id_, service in catalogue.services.items()
    }
    assert replace(catalogue, services=services).recorded == {MEDIS, DAMKAR}
