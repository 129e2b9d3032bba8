/* global __dirname, __filename */
// What every process and Worker of the tests on Deno requires first. Deno's node:fs knows only the
// descriptors that it has opened itself, EBADF for all others, and when somebody else closes one of those it
// closes whatever has the number next. What is tested asks node:fs about paths only; the tests are about
// descriptors from everywhere. For them, those calls go to the addons.

const fs = require('node:fs');
const { join } = require('node:path');
const threads = require('node:worker_threads');
const { getSystemErrorMap } = require('node:util');
const load = require('node-gyp-build');

const ROOT = join(__dirname, '../..');
// At once: there may be no descriptor left to load them with later.
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

// A Worker does not require what its process was told to. And when it has loaded an addon, whatever addon,
// Deno leaves two descriptors of the Worker's event loop open.
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
