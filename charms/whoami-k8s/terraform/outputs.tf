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
  value       = {}
}

output "requires" {
  description = "Endpoints that the charm requires, for juju_integration."
  value = {
    ingress    = "ingress"
    auth-proxy = "auth-proxy"
    auth_proxy = "auth-proxy"
  }
}
