# Emitted from contract.ts; change that instead.

variable "app_name" {
  description = "Name of the application in the model."
  type        = string
  default     = "self-signed-certificates"
}

variable "base" {
  description = "Base that the charm runs on."
  type        = string
  default     = "ubuntu@24.04"
}

variable "channel" {
  description = "Channel of the charm."
  type        = string
  default     = "latest/edge"
}

variable "config" {
  description = "Options: ca-common-name, ca-organization, ca-organizational-unit, ca-email-address, ca-country-name, ca-state-or-province-name, ca-locality-name, root-ca-validity, certificate-validity, certificate-limit."
  type        = map(string)
  default     = {}
}

variable "constraints" {
  description = "Constraints of the units."
  type        = string
  default     = null
}

variable "model" {
  description = "The same as model_uuid, which wins."
  type        = string
  default     = null
}

variable "model_uuid" {
  description = "UUID of the model to deploy to."
  type        = string
  default     = null
}

variable "revision" {
  description = "Revision of the charm; null: the channel's."
  type        = number
  default     = null
}

variable "units" {
  description = "Number of units."
  type        = number
  default     = 1
}
