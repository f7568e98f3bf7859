import { buildGoProgram, type Peer } from "./go-program.ts";

/** Of the library that the stand-in is made with. */
const FRAMEWORK_VERSION = "1.16.1";

/**
 * A stand-in for Juju's Terraform provider, ours and not theirs: it knows of `juju_application` what the modules use, with
 * the types that the provider's documentation gives, and deploys nothing.
 *
 * @see juju/terraform-provider-juju: docs/resources/application
 */
const STAND_IN = `package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type juju struct{}

func (juju) Metadata(_ context.Context, _ provider.MetadataRequest, r *provider.MetadataResponse) { r.TypeName = "juju" }
func (juju) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse)           {}
func (juju) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse)  {}
func (juju) DataSources(context.Context) []func() datasource.DataSource                         { return nil }
func (juju) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return application{} }}
}

type application struct{}

func (application) Metadata(_ context.Context, _ resource.MetadataRequest, r *resource.MetadataResponse) {
	r.TypeName = "juju_application"
}
func (application) Schema(_ context.Context, _ resource.SchemaRequest, r *resource.SchemaResponse) {
	text := schema.MapAttribute{Optional: true, ElementType: types.StringType}
	r.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{
			"name":               schema.StringAttribute{Optional: true, Computed: true},
			"model_uuid":         schema.StringAttribute{Required: true},
			"config":             text,
			"resources":          text,
			"storage_directives": text,
			"constraints":        schema.StringAttribute{Optional: true, Computed: true},
			"trust":              schema.BoolAttribute{Optional: true},
			"units":              schema.Int64Attribute{Optional: true},
		},
		Blocks: map[string]schema.Block{
			"charm": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
				"name":     schema.StringAttribute{Required: true},
				"base":     schema.StringAttribute{Optional: true, Computed: true},
				"channel":  schema.StringAttribute{Optional: true, Computed: true},
				"revision": schema.Int64Attribute{Optional: true, Computed: true},
			}}},
		},
	}
}
func (application) Create(context.Context, resource.CreateRequest, *resource.CreateResponse) {}
func (application) Read(context.Context, resource.ReadRequest, *resource.ReadResponse)       {}
func (application) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}
func (application) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

func main() {
	serve := func() provider.Provider { return juju{} }
	if err := providerserver.Serve(context.Background(), serve, providerserver.ServeOpts{Address: "registry.terraform.io/juju/juju"}); err != nil {
		log.Fatal(err)
	}
}
`;

/** The stand-in's program; Terraform takes it from the folder that it is in. */
export const buildJujuProvider = (): Promise<Peer> =>
  buildGoProgram({
    name: "terraform-provider-juju",
    version: FRAMEWORK_VERSION,
    module: "github.com/hashicorp/terraform-plugin-framework",
    package: ".",
    source: STAND_IN,
  });
