import { buildGoProgram, type Peer } from "./go-program.ts";

export const JUJU_CHARM_VERSION = "12.1.1";

/** Reads an archive as Juju 3.6 does when a charm is added, and prints what it understood. */
const READER = `package main

import (
	"encoding/json"
	"fmt"
	"os"

	charm "github.com/juju/charm/v12"
)

func main() {
	archive, err := charm.ReadCharmArchive(os.Args[1])
	if err == nil {
		err = charm.CheckMeta(archive)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defaults := map[string]string{}
	for name, option := range archive.Config().Options {
		defaults[name] = fmt.Sprintf("%T %v", option.Default, option.Default)
	}
	params := map[string]any{}
	for name, action := range archive.Actions().ActionSpecs {
		params[name] = action.Params["properties"]
	}
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"name":     archive.Meta().Name,
		"bases":    archive.Manifest().Bases,
		"options":  len(archive.Config().Options),
		"actions":  len(archive.Actions().ActionSpecs),
		"format":   charm.MetaFormat(archive),
		"defaults": defaults,
		"params":   params,
	})
}
`;

/** Juju's own reader of charms, of the module that Juju 3.6 uses. */
export const buildJujuReader = (): Promise<Peer> =>
  buildGoProgram({
    name: "juju-reader",
    version: JUJU_CHARM_VERSION,
    module: "github.com/juju/charm/v12",
    package: ".",
    source: READER,
  });
