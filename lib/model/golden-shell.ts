/** The little of a shell that recorded command lines use: words, quotes, `;` and `&&`. */

export interface ShellCommand {
  readonly argv: readonly string[];
  /** Joined to the command before it by `&&`. */
  readonly onlyAfterSuccess: boolean;
}

function words(text: string): string[] {
  return [...text.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? "",
  );
}

/** Splits a line into commands. */
export function parseShell(line: string): ShellCommand[] {
  const parts = line.split(/(&&|;)/);
  const commands: ShellCommand[] = [];
  for (let at = 0; at < parts.length; at += 2) {
    commands.push({ argv: words(parts[at]!), onlyAfterSuccess: parts[at - 1] === "&&" });
  }
  return commands;
}
