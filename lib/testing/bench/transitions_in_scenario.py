"""Times transitions of the small charm with Scenario. Prints milliseconds each, one a line.

Usage: python transitions_in_scenario.py CHARM-FOLDER METADATA-AS-JSON WARM-UP COUNT
"""

import json
import sys
import time

import scenario


def main(folder: str, metadata: str, warm_up: str, count: str):
    sys.path.insert(0, folder)
    from charm import SmallCharm

    meta = json.loads(metadata)
    config = meta.pop("config")
    context = scenario.Context(SmallCharm, meta=meta, config=config)
    state = scenario.State(
        leader=True,
        containers={scenario.Container("web", can_connect=True)},
        relations={
            scenario.Relation(
                "database",
                remote_app_name="db",
                remote_app_data={"endpoints": "db.iam.svc:5432", "database": "web"},
            ),
            scenario.Relation(
                "site",
                remote_app_name="gateway",
                remote_app_data={"url": "https://gw.example.com/iam-small"},
            ),
        },
    )
    for index in range(-int(warm_up), int(count)):
        start = time.perf_counter()
        after = context.run(context.on.config_changed(), state)
        if index >= 0:
            print((time.perf_counter() - start) * 1000)
    published = after.get_relations("site")[0].local_app_data
    assert published["port"] == "8080", published
    assert after.unit_status == scenario.ActiveStatus(), after.unit_status
    assert after.get_container("web").service_statuses["web"].value == "active"


main(*sys.argv[1:])
