/**
 * Answers for the same object from memory: of objects that are replaced and never written into.
 *
 * @param make Makes the answer, the first time.
 */
export function perObject<Asked extends object, Answer extends {}>(
  make: (asked: Asked) => Answer,
): (asked: Asked) => Answer {
  const known = new WeakMap<Asked, Answer>();
  return (asked) => {
    const found = known.get(asked);
    if (found !== undefined) return found;
    const made = make(asked);
    known.set(asked, made);
    return made;
  };
}
