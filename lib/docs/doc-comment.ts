/** A doc comment as Markdown: its text, then what it says of parameters, results, errors and sources. */
export function markdownOf(comment: string): string {
  const [about = "", ...tags] = comment.split(/^@(?=\w)/m);
  const lists = tags.map((tag) => {
    const [, name = "", rest = ""] = /^(\w+)\s*([\s\S]*)$/.exec(tag.trim()) ?? [];
    return { name, text: linked(rest.trim()) };
  });
  const of = (name: string) => lists.filter((tag) => tag.name === name).map(({ text }) => text);
  const parts = [
    linked(about.trim()),
    bullets(of("param").map((text) => text.replace(/^(\S+)\s*/, "`$1`: "))),
    ...of("returns").map((text) => `Returns: ${text}`),
    bullets(of("throws").map((text) => `Throws ${text.replace(/^\{(\w+)\}\s*/, "`$1`: ")}`)),
    ...of("example").map((text) => (text.startsWith("```") ? text : `\`\`\`ts\n${text}\n\`\`\``)),
    ...of("see").map((text) => `Source: ${text}`),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item.replaceAll("\n", "\n  ")}`).join("\n");
}

/** `{@link x}` is a name of this page or of another: code is enough. */
function linked(text: string): string {
  return text.replaceAll(/\{@link ([^}]+)\}/g, "`$1`");
}
