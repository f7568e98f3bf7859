# Emitted from contract.ts; change that instead.

output "app_name" {
  description = "Name of the application."
  value       = juju_application.application.name
}

output "application" {
  description = "The application, with all that the provider says of it."
  value       = juju_application.application
}

output "provides" {
  description = "Endpoints that the charm provides, for juju_integration."
  value = {
    auth-proxy   = "auth-proxy"
    forward-auth = "forward-auth"
    auth_proxy   = "auth-proxy"
    forward_auth = "forward-auth"
  }
}

output "requires" {
  description = "Endpoints that the charm requires, for juju_integration."
  value = {
    ingress         = "ingress"
    oauth           = "oauth"
    receive-ca-cert = "receive-ca-cert"
    receive_ca_cert = "receive-ca-cert"
  }
}
