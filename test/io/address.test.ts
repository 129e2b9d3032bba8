import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Address, decodeAddress, encodeAddress } from '../../lib/io/address';
import { native } from '../../lib/native';

function thereAndBack(address: Address): Address | null {
  return decodeAddress(encodeAddress('to', address));
}

describe('an address', () => {
  test.for<Address>([
    { address: '127.0.0.1', port: 65535, family: 'IPv4' },
    { address: '::1', port: 0, family: 'IPv6' },
    { address: '2001:db8::ff00:42:8329', port: 258, family: 'IPv6' },
    { path: '' },
    { path: '/tmp/é' },
    { path: 'relative/path' },
    { path: '\0abstract' },
    { path: '\0with\0zeros\0' },
    { path: `/${'a'.repeat(102)}` },
    { family: 99, data: Buffer.from([1, 2, 3]) },
    { family: 99, data: Buffer.alloc(0) },
  ])('survives the way into its structure and back: %o', (address) => {
    expect(thereAndBack(address)).toEqual(address);
  });

  test('of IPv6 keeps its zone', () => {
    const zone = process.platform === 'linux' ? 'lo' : 'lo0';
    // By its name, or by its number, as `os.networkInterfaces` has it.
    for (const given of [zone, native.interfaceIndex(zone)]) {
      expect(thereAndBack({ address: `fe80::1%${given}`, port: 1, family: 'IPv6' })).toMatchObject({
        address: `fe80::1%${zone}`,
      });
    }
  });

  test('of no bytes is none', () => {
    expect(decodeAddress(Buffer.alloc(0))).toBeNull();
  });

  test.for<[unknown, string, string]>([
    [undefined, 'ERR_INVALID_ARG_TYPE', 'to'],
    ['127.0.0.1', 'ERR_INVALID_ARG_TYPE', 'to'],
    [{ path: 1 }, 'ERR_INVALID_ARG_TYPE', 'to.path'],
    [{ path: 'a\0b' }, 'ERR_INVALID_ARG_VALUE', 'to.path'],
    [{ path: 'a'.repeat(200) }, 'ERR_INVALID_ARG_VALUE', 'to.path'],
    [{ path: `\0${'a'.repeat(200)}` }, 'ERR_INVALID_ARG_VALUE', 'to.path'],
    [{ address: 1, port: 1 }, 'ERR_INVALID_ARG_TYPE', 'to.address'],
    [{ address: 'localhost', port: 1 }, 'ERR_INVALID_ARG_VALUE', 'to.address'],
    [{ address: '::1%none', port: 1 }, 'ERR_INVALID_ARG_VALUE', 'to.address'],
    [{ address: '::1', port: 65536 }, 'ERR_OUT_OF_RANGE', 'to.port'],
    [{ address: '::1' }, 'ERR_INVALID_ARG_TYPE', 'to.port'],
    [{ family: 1 }, 'ERR_INVALID_ARG_TYPE', 'to.data'],
    [{ family: 256, data: Buffer.alloc(0) }, 'ERR_OUT_OF_RANGE', 'to.family'],
    [{ family: 99, data: Buffer.alloc(127) }, 'ERR_INVALID_ARG_VALUE', 'to.data'],
  ])('that is none is refused: %o', ([given, code, name]) => {
    const encode = (): unknown => encodeAddress('to', given as Address);
    expect(encode).toThrow(expect.objectContaining({ code }));
    expect(encode).toThrow(name);
  });
});

describe('a Unix address of BSD', () => {
  // Beginning with its length, and longer than its path, as FreeBSD writes it.
  const structure = (path: string): Buffer => {
    const bytes = Buffer.alloc(16);
    bytes.set([bytes.length, native.AF_UNIX]);
    bytes.write(path, 2);
    return bytes;
  };
  afterEach(() => {
    vi.doUnmock('../../lib/native');
    vi.resetModules();
  });

  test('has a path that ends with the first NUL, and is nobody’s where that is empty', async () => {
    vi.resetModules();
    vi.doMock('../../lib/native', () => ({
      native: { ...native, HAS_LENGTH: 1, FAMILY_OFFSET: 1 },
    }));
    const bsd = await import('../../lib/io/address');
    expect(bsd.decodeAddress(structure('/tmp/x'))).toEqual({ path: '/tmp/x' });
    const unnamed = bsd.decodeAddress(structure(''));
    expect(unnamed).toEqual({ path: '' });
    expect(bsd.senderOf(unnamed)).toBeNull();
  });
});
