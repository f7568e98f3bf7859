# Emitted from contract.ts; change that instead.

resource "juju_application" "application" {
  name        = var.app_name
  model_uuid  = coalesce(var.model_uuid, var.model)
  config      = var.config
  constraints = var.constraints
  resources   = var.resources
  trust       = var.trust
  units       = var.units

  charm {
    name     = "whoami-k8s"
    base     = var.base
    channel  = var.channel
    revision = var.revision
  }
}
