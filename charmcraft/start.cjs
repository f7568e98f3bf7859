/**
 * What `dispatch` starts: runs `main.cjs` with the compiled code of all its functions, which the first hook leaves in
 * `.compiled/main.code`. Node.js's own compile cache keeps what is compiled before a file's first line runs, and not
 * the functions, of which a hook calls some 300. Why so: decisions/0004.
 *
 * The file holds the code twice, then the text it was made of, byte for byte: V8 compares no more than the text's
 * length, and trusts the code. It refuses that of another version, or of other flags. Whatever is wrong with the file, the text is compiled.
 */
"use strict";

const { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require("node:fs");
const { Script } = require("node:vm");

const main = `${__dirname}/main.cjs`;
const folder = `${__dirname}/.compiled`;
const kept = `${folder}/main.code`;
const HEAD = "(function (exports, require, module, __filename, __dirname) { ";

/** The code that an earlier hook has left, if it is whole and of this text. */
function keptCode(source) {
  let bytes;
  try {
    bytes = readFileSync(kept);
  } catch {
    return undefined;
  }
  const size = (bytes.length - source.length) / 2;
  if (!Number.isInteger(size) || size <= 0) return undefined;
  const code = bytes.subarray(0, size);
  const whole = code.equals(bytes.subarray(size, 2 * size)) && bytes.subarray(2 * size).equals(source);
  return whole ? code : undefined;
}

/** Compiles every function at once and leaves the code; where nothing can be left, what is called and no more. */
function compile(text, options, source) {
  const fresh = `${kept}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(fresh, "", { flag: "wx", mode: 0o600 });
  } catch {
    return new Script(text, options);
  }
  const { setFlagsFromString } = require("node:v8");
  try {
    setFlagsFromString("--no-lazy");
    const script = new Script(text, options);
    setFlagsFromString("--lazy"); // The code says under which flags it was made.
    keep(fresh, script.createCachedData(), source);
    return script;
  } finally {
    setFlagsFromString("--lazy");
    rmSync(fresh, { force: true });
  }
}

function keep(fresh, code, source) {
  try {
    writeFileSync(fresh, Buffer.concat([code, code, source]));
    renameSync(fresh, kept);
  } catch {
    // A full disk is no fault of this hook.
  }
}

function load() {
  const source = readFileSync(main);
  const text = `${HEAD}${source.toString("utf8")}\n})`;
  const options = { filename: main, columnOffset: -HEAD.length };
  const cachedData = keptCode(source);
  if (cachedData === undefined) return compile(text, options, source);
  const script = new Script(text, { ...options, cachedData });
  if (script.cachedDataRejected) rmSync(kept, { force: true }); // Of another Node.js: the next hook leaves its own.
  return script;
}

// Its `require` is that of this file, which is in the same folder: one of its own would load `node:module`.
const loaded = { exports: {} };
const run = load().runInThisContext();
run.call(loaded.exports, loaded.exports, require, loaded, main, __dirname);
