import type { RawDatabag, Side } from "charmed-iap/interface";

type Text = Record<string, string>;

/** The setting of one recorded hook. */
export interface Given {
  readonly hook: string;
  readonly app: string;
  readonly unit: string;
  readonly model: string;
  readonly leader: boolean;
  readonly relation_id: number;
  readonly options?: Record<string, unknown>;
  readonly call?: string | Record<string, unknown>;
  readonly remote_app: Text;
  readonly remote_units: Record<string, Text>;
  readonly local_app_before?: Text;
  readonly local_unit_before?: Text;
  readonly other_relations?: readonly { endpoint: string; remote_app_name: string; remote_app: Text }[];
}

/** One recorded hook of the side `role`, and what its databags held afterwards. */
export interface WriteCase {
  readonly case: string;
  readonly kind: string;
  readonly role: "provider" | "requirer";
  readonly lib: string;
  readonly given: Given;
  readonly local_app: Text;
  readonly local_unit?: Text;
  readonly exception?: unknown;
  readonly secrets?: readonly { label?: string; content?: Text }[];
}

/** Databags given to a reader with the role, and what it made of them. */
export interface ReadCase {
  readonly case: string;
  readonly kind: string;
  readonly role: "provider" | "requirer";
  readonly lib: string;
  readonly remote_app?: Text;
  readonly remote_unit?: Record<string, Text>;
  readonly local_app?: Text;
  readonly local_unit?: Text;
  readonly outcome: {
    readonly result: "events" | "no_event" | "exception";
    readonly parsed?: unknown;
    readonly events?: readonly { event: string; data: Record<string, unknown> }[];
    readonly getter_exception?: unknown;
  };
}

/** One recorded file. */
export interface GoldenFile {
  readonly interface: string;
  readonly writes: readonly WriteCase[];
  readonly reads: readonly ReadCase[];
}

/** What our side would publish; `undefined` for a databag that stays empty. */
export interface Publication {
  readonly app?: unknown;
  readonly unit?: unknown;
}

/** How one interface's recordings are compared with ours. */
export interface Adapter {
  /** Folder of the README whose table lists the deviations. */
  readonly readme: string;
  /** Keys whose lists are sets. */
  readonly sets: readonly string[];
  /** Members that our writers complete, so that they may change once. */
  readonly completed?: readonly string[];
  /** Our databags for a case; recordings mix versions. */
  sides(one: WriteCase | ReadCase): { readonly provider: Side; readonly requirer: Side };
  /** What one text of a databag means, apart from how it is written; default: JSON, `True`, `False`, else text. */
  meaning?(key: string, text: string): unknown;
  /** The same for comparing what is written, where texts that differ can mean the same. Default: `meaning`. */
  written?(key: string, text: string): unknown;
  /** What ours publishes for the same inputs; `undefined` when ours would leave everything as it is. */
  publish(one: WriteCase): Publication | undefined | Promise<Publication | undefined>;
  /** Ours in the words of the recording, and the recording; `undefined` when Python gave nothing to compare. */
  understood(one: ReadCase): { readonly ours: unknown; readonly theirs: unknown } | undefined;
}

/** Raw databag, or an empty one. */
export function bag(raw: Text | undefined): RawDatabag {
  return raw ?? {};
}
