import { describe, expect, test } from 'vitest';
import { tried } from '../../lib/cli/finding';
import { kqueueProbes } from '../../lib/cli/kqueue-probes';
import { native } from '../../lib/native';

/** Probes of filters that only one of the systems has. */
const ELSEWHERE = process.platform === 'freebsd' ? ['EVFILT_EXCEPT', 'NOTE_EXITSTATUS'] : [];

describe.runIf(native.backend === 'kqueue')('the doctor, where there is kqueue', () => {
  test.each(kqueueProbes.map(({ name }, index) => [name, index] as const))(
    'finds %s, or that the system has none',
    async (name, index) => {
      const expected = ELSEWHERE.includes(name)
        ? { name, state: 'missing', value: 'ERR_UNSUPPORTED_PLATFORM' }
        : { name, state: 'ok', value: null, advice: null };
      expect(await tried(kqueueProbes[index])).toMatchObject(expected);
    },
  );
});
