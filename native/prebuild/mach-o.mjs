// The numbers of <mach-o/loader.h> and <mach-o/nlist.h>.
const MH_MAGIC_64 = 0xfeedfacf;
const ARCHITECTURES = { 0x01000007: 'x86_64', 0x0100000c: 'aarch64' };
const MH_DYLIB = 6;
const MH_BUNDLE = 8;
const LC_SYMTAB = 0x2;
const LC_LOAD_DYLIB = 0xc;
const LC_CODE_SIGNATURE = 0x1d;
const LC_BUILD_VERSION = 0x32;
const HEADER_LENGTH = 32;
const SYMBOL_LENGTH = 16;
const N_STAB = 0xe0;
const N_TYPE = 0x0e;
const N_PEXT = 0x10;
const N_EXT = 0x01;
const N_UNDF = 0x0;

/** Reads the headers of a 64-bit, little-endian Mach-O file. */
export function readMachO(bytes) {
  if (bytes.readUInt32LE(0) !== MH_MAGIC_64) throw new Error('This is no 64-bit Mach-O file');
  const binary = {
    architecture: ARCHITECTURES[bytes.readUInt32LE(4)],
    loadable: [MH_DYLIB, MH_BUNDLE].includes(bytes.readUInt32LE(12)),
    oldestSystem: [0, 0],
    signed: false,
    libraries: [],
    symbols: [],
  };
  let at = HEADER_LENGTH;
  for (let i = bytes.readUInt32LE(16); i > 0; i--) {
    const command = bytes.readUInt32LE(at);
    if (command === LC_SYMTAB) binary.symbols = symbolsOf(bytes, at);
    if (command === LC_LOAD_DYLIB) {
      binary.libraries.push(textAt(bytes, at + bytes.readUInt32LE(at + 8)));
    }
    if (command === LC_CODE_SIGNATURE) binary.signed = true;
    if (command === LC_BUILD_VERSION) binary.oldestSystem = [bytes[at + 14], bytes[at + 13]];
    at += bytes.readUInt32LE(at + 4);
  }
  return binary;
}

/** The external symbols, without the underscore that C puts before a name. */
function symbolsOf(bytes, command) {
  const [symbols, count, strings] = [8, 12, 16].map((at) => bytes.readUInt32LE(command + at));
  const found = [];
  for (let at = symbols; at < symbols + count * SYMBOL_LENGTH; at += SYMBOL_LENGTH) {
    const type = bytes[at + 4];
    if ((type & (N_STAB | N_PEXT)) !== 0 || (type & N_EXT) === 0) continue;
    const name = textAt(bytes, strings + bytes.readUInt32LE(at)).replace(/^_/, '');
    found.push({ name, defined: (type & N_TYPE) !== N_UNDF });
  }
  return found;
}

function textAt(bytes, at) {
  return bytes.toString('latin1', at, bytes.indexOf(0, at));
}
