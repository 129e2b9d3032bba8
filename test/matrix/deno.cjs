/* global __dirname, __filename */
// Required first by every process and Worker of the tests on Deno. Deno's node:fs answers EBADF for
// descriptors that it has not opened itself; and where somebody else closes one of its own, it later closes
// whatever has that number by then. iomux uses node:fs for paths only, but the tests use it for descriptors
// from everywhere: for them, those calls go to the addons.

const fs = require('node:fs');
const { join } = require('node:path');
const threads = require('node:worker_threads');
const { getSystemErrorMap } = require('node:util');
const load = require('node-gyp-build');

const ROOT = join(__dirname, '../..');
// Loaded now: later a test may have used up all descriptors.
const native = load(ROOT);
const descriptors = load(join(ROOT, 'test/support'));

function check(result, syscall) {
  if (result >= 0) return result;
  const [code, text] = getSystemErrorMap().get(result);
  throw Object.assign(new Error(`${code}: ${text}, ${syscall}`), { errno: result, code, syscall });
}

const { constants } = fs;
const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = constants;
const FLAGS = {
  r: O_RDONLY,
  'r+': O_RDWR,
  w: O_WRONLY | O_CREAT | O_TRUNC,
  wx: O_WRONLY | O_CREAT | O_TRUNC | O_EXCL,
  'w+': O_RDWR | O_CREAT | O_TRUNC,
  a: O_WRONLY | O_CREAT | O_APPEND,
};

Object.assign(fs, {
  openSync(path, flags = 'r', mode = 0o666) {
    return check(descriptors.open(String(path), FLAGS[flags] ?? flags, mode), 'open');
  },
  closeSync(fd) {
    check(native.fileType(fd), 'close');
    descriptors.close(fd);
  },
  readSync(fd, into, offset = 0, length = into.byteLength - offset, position = null) {
    const bytes = into.subarray(offset, offset + length);
    const count =
      position === null ? native.read(fd, bytes) : native.readAt(fd, bytes, Number(position));
    return check(count, 'read');
  },
  writeSync(fd, data, offset = 0, length = undefined) {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    const end = length === undefined ? bytes.byteLength : offset + length;
    return check(native.write(fd, bytes, offset, end), 'write');
  },
  fstatSync(fd, ...rest) {
    check(native.fileType(fd), 'fstat');
    return fs.statSync(`/proc/self/fd/${fd}`, ...rest);
  },
});

// A Worker does not load what NODE_OPTIONS requires. And when it has loaded an addon, any addon, Deno leaves
// two descriptors of the Worker's event loop open.
const { Worker } = threads;
threads.Worker = class extends Worker {
  constructor(source, options) {
    const isSource = options?.eval === true;
    super(isSource ? `require(${JSON.stringify(__filename)});${source}` : source, options);
    this.on('exit', () => {
      globalThis.descriptorsLeftByRuntime = (globalThis.descriptorsLeftByRuntime ?? 0) + 2;
    });
  }
};
