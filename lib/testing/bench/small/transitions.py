"""Times transitions of the small charm with Scenario. Prints milliseconds each, one a line.

Usage: python transitions.py WARM-UP COUNT
"""

import sys
import time

import scenario
from charm import CONFIG, META, SmallCharm


def main(warm_up: int, count: int):
    context = scenario.Context(SmallCharm, meta=META, config=CONFIG)
    state = scenario.State(
        leader=True,
        config={"log-level": "debug"},
        containers={scenario.Container("web", can_connect=True)},
        relations={
            scenario.Relation("database", remote_app_data={"endpoint": "db.test:5432", "user": "small"}),
            scenario.Relation("cache", remote_app_data={"endpoint": "cache.test:6379", "user": "small"}),
            scenario.Relation("website", remote_app_name="gateway"),
        },
    )
    for index in range(-warm_up, count):
        start = time.perf_counter()
        after = context.run(context.on.config_changed(), state)
        if index >= 0:
            print((time.perf_counter() - start) * 1000)
    published = next(iter(after.get_relations("website"))).local_app_data
    assert published["port"] == "8080", published
    assert after.unit_status == scenario.ActiveStatus(), after.unit_status
    assert after.get_container("web").service_statuses["web"].value == "active"


main(*map(int, sys.argv[1:]))
