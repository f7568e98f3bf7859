import { failure } from "./errors.ts";

/** An offer, as it is named on the command line. */
export interface OfferUrl {
  readonly model: string;
  readonly offer: string;
  readonly endpoint?: string;
}

/** Whether a text that may name an application names an offer. */
export const isOfferUrl = (text: string): boolean => /[./]/.test(text);

/**
 * Reads `[[controller:]user/]model.offer[:endpoint]`. The local controller is called `local`, and its one user `admin`.
 *
 * @param model Whose offers a bare name means; default: there must be a model in the text.
 * @throws {LocalError} With Juju's text.
 */
export function readOfferUrl(text: string, juju: string, model?: string): OfferUrl {
  const [, controller, user, name, offer, endpoint] =
    /^(?:([^:./]+):)?(?:([^/.:]+)\/)?(?:([^/.:]+)\.)?([^/.:]*)(?::([^:]+))?$/.exec(text) ?? [];
  if (offer === undefined || (name === undefined && model === undefined)) {
    const what = juju.startsWith("3.") ? "application offer URL" : "offer URL";
    throw failure(`${what} has invalid form, must be [<user/]<model>.<appname>: ${JSON.stringify(text)}`);
  }
  if (offer === "") {
    throw failure(
      juju.startsWith("3.")
        ? "application offer URL is missing application"
        : "offer URL is missing the name",
    );
  }
  if (controller !== undefined && controller !== "local") throw failure(`controller ${controller} not found`);
  if (user !== undefined && user !== "admin") {
    throw failure(`application offer "${user}/${name}.${offer}" not found`);
  }
  return { model: name ?? model ?? "", offer, ...(endpoint === undefined ? {} : { endpoint }) };
}
