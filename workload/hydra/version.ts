/** Version of Ory Hydra whose commands and APIs the stand-in answers to. */
export const VERSION = "v2.3.0";
