# Emitted from contract.ts; change that instead.

variable "app_name" {
  description = "Name of the application in the model."
  type        = string
  default     = "hydra"
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
  description = "Options: log_level, jwt_access_tokens, cpu, memory, dev."
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

variable "resources" {
  description = "Resources in place of the published ones: oci-image."
  type        = map(string)
  default     = {}
}

variable "revision" {
  description = "Revision of the charm; null: the channel's."
  type        = number
  default     = null
}

variable "trust" {
  description = "Whether the charm may change its own Kubernetes resources."
  type        = bool
  default     = true
}

variable "units" {
  description = "Number of units."
  type        = number
  default     = 1
}
