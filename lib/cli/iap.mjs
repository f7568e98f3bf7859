#!/usr/bin/env node
// The `iap` command; see main.ts for what it does.

import { enter } from "./enter.mjs";

enter("lib/cli/main.ts", process.argv.slice(2));
