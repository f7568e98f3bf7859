#!/usr/bin/env python3
"""The small charm of the benchmark, written for ops the ordinary way; ../small is the same one in TypeScript."""

import os

import ops


class SmallCharm(ops.CharmBase):
    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        for event in (
            self.on.config_changed,
            self.on.web_pebble_ready,
            self.on.database_relation_changed,
            self.on.site_relation_changed,
            self.on.leader_elected,
            self.on.upgrade_charm,
        ):
            framework.observe(event, self._reconcile)

    def _remote(self, endpoint: str) -> dict[str, str]:
        relation = self.model.get_relation(endpoint)
        return dict(relation.data[relation.app]) if relation and relation.app else {}

    def _reconcile(self, _event: ops.EventBase) -> None:
        port = self.config["port"]
        site = self.model.get_relation("site")
        if site and self.unit.is_leader():
            site.data[self.app].update(
                {"host": f"{self.app.name}.{self.model.name}.svc.cluster.local", "port": str(port)}
            )
        database, remote = self._remote("database"), self._remote("site")
        if "endpoints" not in database:
            self.unit.status = ops.WaitingStatus("database: waiting")
            return
        if "url" not in remote:
            self.unit.status = ops.WaitingStatus("site: waiting")
            return
        container = self.unit.get_container("web")
        if not container.can_connect():
            self.unit.status = ops.WaitingStatus("web: waiting for Pebble")
            return
        layer = ops.pebble.Layer(
            {
                "services": {
                    "web": {
                        "override": "replace",
                        "command": "/bin/web",
                        "startup": "enabled",
                        "environment": {
                            "PORT": str(port),
                            "LOG_LEVEL": self.config["log-level"],
                            "DATABASE": f"{database['endpoints']}/{database['database']}",
                            "URL": remote["url"],
                        },
                    }
                }
            }
        )
        if container.get_plan().services != layer.services:
            container.add_layer("web", layer, combine=True)
            container.replan()
        self.unit.status = ops.ActiveStatus()


if __name__ == "__main__":
    # ops knows one place for the sockets of containers; the benchmark has them elsewhere.
    folder = os.environ["CHARMED_IAP_CONTAINERS"]
    ops.model._ModelBackend.get_pebble = lambda _backend, path: ops.pebble.Client(
        path.replace("/charm/containers", folder)
    )
    ops.main(SmallCharm)
