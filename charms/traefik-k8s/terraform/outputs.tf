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
    ingress       = "ingress"
    traefik-route = "traefik-route"
    traefik_route = "traefik-route"
  }
}

output "requires" {
  description = "Endpoints that the charm requires, for juju_integration."
  value = {
    certificates              = "certificates"
    experimental-forward-auth = "experimental-forward-auth"
    receive-ca-cert           = "receive-ca-cert"
    experimental_forward_auth = "experimental-forward-auth"
    receive_ca_cert           = "receive-ca-cert"
  }
}
