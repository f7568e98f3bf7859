/** Version of Traefik whose behaviour the stand-in follows. */
export const VERSION = "3.6.12";
