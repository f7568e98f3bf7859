import { accessSync, constants as fileConstants } from "node:fs";
import { constants } from "node:os";
import path from "node:path";
import { type Child, type ChildOptions, startChild } from "./child.ts";

/** The terminal of a command. */
export interface TerminalSetup {
  /** Whether its input comes through the terminal too. */
  readonly interactive: boolean;
  /** Columns; 0: as terminals are made. */
  readonly width: number;
  /** Rows; 0: as terminals are made. */
  readonly height: number;
}

/**
 * Runs a program on a new pseudo terminal, for which Node.js has no call. Descriptor 0 is what the program reads,
 * 1 what it writes, 2 its standard error if split; 3 brings lines, `size WIDTH HEIGHT` and `signal NUMBER`. The
 * program dies with it. Nothing is passed on before it runs: a key would find nobody. Exit code 127 with a message when the program cannot be run.
 */
const ON_TERMINAL = String.raw`
import ctypes, fcntl, json, os, pty, select, signal, struct, sys, termios
o = json.loads(sys.argv[1])
master, slave = pty.openpty()
def resize(width, height):
    if width > 0 and height > 0:
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
resize(o["width"], o["height"])
started, starts = os.pipe()
pid = os.fork()
if pid == 0:
    try:
        os.setsid()
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
        if o["interactive"]:
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
            os.dup2(slave, 0)
        os.dup2(slave, 1)
        if not o["split"]:
            os.dup2(slave, 2)
        os.close(3)
        for each in (signal.SIGPIPE, signal.SIGINT):
            signal.signal(each, signal.SIG_DFL)
        os.execve(o["file"], o["argv"], os.environ)
    except BaseException as error:
        os.write(starts, ("fork/exec %s: %s\n" % (o["argv"][0], error)).encode())
        os._exit(127)
os.close(slave)
os.close(starts)
fault = os.read(started, 4096)
if fault:
    os.write(2, fault)
if not o["interactive"]:
    os.close(0)
if o["split"]:
    os.close(2)
sources = [master, 3] + ([0] if o["interactive"] else [])
lines = b""
status = None
def put(to, data):
    while data:
        data = data[os.write(to, data):]
while master in sources:
    ready = select.select(sources, [], [], 0.05 if status is None else 0)[0]
    if master in ready:
        try:
            data = os.read(master, 65536)
        except OSError:
            data = b""
        if data:
            put(1, data)
        else:
            sources.remove(master)
    if 0 in ready:
        data = os.read(0, 4096)
        put(master, data or b"\x04")
        if not data:
            sources.remove(0)
    if 3 in ready:
        data = os.read(3, 4096)
        if not data:
            sources.remove(3)
        *whole, lines = (lines + data).split(b"\n")
        for line in whole:
            word, *numbers = line.split()
            if word == b"size":
                resize(*map(int, numbers))
            elif status is None:
                os.kill(pid, int(numbers[0]))
    if status is not None and not ready:
        break
    if status is None:
        ended, code = os.waitpid(pid, os.WNOHANG)
        if ended:
            status = code
if status is None:
    status = os.waitpid(pid, 0)[1]
os._exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
`;

const PYTHON = "python3";

/** Whether this machine can make terminals: it needs Python 3. */
export function canMakeTerminals(): boolean {
  return pythonFile() !== undefined;
}

/** Looked up on the machine's PATH, not the container's. */
function pythonFile(): string | undefined {
  const places = (process.env["PATH"] ?? "").split(path.delimiter).filter((place) => place !== "");
  return places.map((place) => path.join(place, PYTHON)).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, fileConstants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Starts a process on a terminal of its own. What `group` names is the process that holds the terminal; the
 * program is its child and ends with it.
 *
 * @throws {Error} When Python 3 is not on PATH.
 */
export async function startOnTerminal(
  options: ChildOptions,
  terminal: TerminalSetup,
  { splitStderr }: { readonly splitStderr: boolean },
): Promise<Child> {
  const python = pythonFile();
  if (python === undefined) throw new Error(`cannot make a terminal: ${PYTHON} is not on PATH`);
  const order = JSON.stringify({ ...terminal, split: splitStderr, file: options.file, argv: options.argv });
  const argv = [PYTHON, "-I", "-S", "-c", ON_TERMINAL, order];
  const child = await startChild({ ...options, file: python, argv, control: true });
  const tell = (line: string) => void child.control?.write(`${line}\n`);
  return {
    ...child,
    signal: (name) => tell(`signal ${constants.signals[name]}`),
    resize: (width, height) => {
      if (isSize(width) && isSize(height)) tell(`size ${width} ${height}`);
    },
  };
}

/** What a terminal keeps its size in has 16 bits. */
export function isSize(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 2 ** 16;
}
