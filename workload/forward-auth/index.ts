export type {
  ApplicationRules,
  DecisionMode,
  ForwardAuthEnvironment,
  ForwardAuthVariable,
  RulesAllow,
  RulesFile,
  RulesRoute,
} from "./config.ts";
export { createLog, type Log } from "./log/log.ts";
export type { LogSink } from "./log/sink.ts";
export { ListenError } from "./server/listen.ts";
export { type Serving, serve } from "./server/serve.ts";
export { ConfigurationError, readSettings, type Settings, UsageError } from "./settings.ts";
