"""The small charm of the benchmark; charm.ts is the same one, written for charmed-iap."""

import ops

META = {
    "name": "small",
    "summary": "The least that is a whole charm.",
    "requires": {
        "database": {"interface": "small_database", "limit": 1},
        "cache": {"interface": "small_database", "limit": 1},
    },
    "provides": {"website": {"interface": "small_website", "optional": True}},
    "containers": {"web": {"resource": "web-image"}},
    "resources": {"web-image": {"type": "oci-image"}},
}
CONFIG = {
    "options": {
        "log-level": {"type": "string", "default": "info", "description": "Level of the log."},
        "port": {"type": "int", "default": 8080, "description": "Port to listen on."},
    }
}


class SmallCharm(ops.CharmBase):
    """Reads, writes, and says how that went, after every event."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.container = self.unit.get_container("web")
        events = [self.on.config_changed, self.on.leader_elected, self.on.upgrade_charm, self.on.update_status]
        events += [self.on.web_pebble_ready]
        for endpoint in ("database", "cache"):
            events += [self.on[endpoint].relation_changed, self.on[endpoint].relation_broken]
        events += [self.on["website"].relation_created]
        for event in events:
            framework.observe(event, self._reconcile)

    def _remote(self, endpoint: str):
        relation = self.model.get_relation(endpoint)
        if relation is None or not relation.active:
            return None
        data = relation.data[relation.app]
        return data if "endpoint" in data and "user" in data else {}

    def _publish(self, port: int):
        if not self.unit.is_leader():
            return
        for relation in self.model.relations["website"]:
            data = relation.data[self.app]
            data["host"] = f"{self.app.name}.{self.model.name}.svc.cluster.local"
            data["port"] = str(port)

    def _reconcile(self, _: ops.EventBase):
        port = int(self.config["port"])
        self._publish(port)
        remote = {endpoint: self._remote(endpoint) for endpoint in ("database", "cache")}
        for endpoint, data in remote.items():
            if data is None:
                self.unit.status = ops.BlockedStatus(f"{endpoint}: relation required")
                return
            if not data:
                self.unit.status = ops.WaitingStatus(f"{endpoint}: waiting for data")
                return
        layer = ops.pebble.Layer(
            {
                "services": {
                    "web": {
                        "override": "replace",
                        "startup": "enabled",
                        "command": f"/bin/web --port {port}",
                        "environment": {
                            "LOG_LEVEL": str(self.config["log-level"]),
                            "DATABASE": f"{remote['database']['user']}@{remote['database']['endpoint']}",
                            "CACHE": f"{remote['cache']['user']}@{remote['cache']['endpoint']}",
                        },
                    }
                }
            }
        )
        try:
            if self.container.get_plan().services != layer.services:
                self.container.add_layer("web", layer, combine=True)
                self.container.replan()
        except ops.pebble.ConnectionError:
            self.unit.status = ops.WaitingStatus("web: waiting for Pebble")
            return
        self.unit.status = ops.ActiveStatus()
