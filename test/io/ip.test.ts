import { isIP as isIPOfNode } from 'node:net';
import { expect, test } from 'vitest';
import { isIP } from '../../lib/io/ip';

test.each([
  ...['127.0.0.1', '0.0.0.0', '255.255.255.255', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4'],
  ...['1.2.3.4 ', ' 1.2.3.4', '0x7f.0.0.1', '1.2.3.4\0', '1.2.3.4%lo', '', 'localhost', '1'],
  ...[
    '::',
    '::1',
    'fe80::1',
    '1:2:3:4:5:6:7:8',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    ':',
    ':::',
    'fe80',
  ],
  ...['::ffff:1.2.3.4', '::1.2.3', '::g', '::12345', '[::1]', '::1/64', '::1\0', '::1 '],
  ...['fe80::1%lo', 'fe80::1%no.such.zone', 'fe80::1%1', 'fe80::1%', '%lo', '::%'],
])('of %j is what node:net says', (text) => {
  expect(isIP(text)).toBe(isIPOfNode(text));
});

test.each([undefined, null, 4, {}, ['::1']])('of %j is 0', (value) => {
  expect(isIP(value)).toBe(0);
});
