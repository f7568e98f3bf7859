/** What is used of node-redis, to be loaded as a whole: a bundle has no names of a CommonJS package that is imported on the way. */
export { createClient, createCluster, createSentinel, RESP_TYPES } from "redis";
