import { describe, test } from 'vitest';
import type { Backend } from '../../lib/index';
import { native } from '../../lib/native';
import { describeBatch } from './batch';
import { describeGhosts } from './ghosts';
import { describeMisuse } from './misuse';
import { describeModes } from './modes';
import { describeNotify } from './notify';
import { describeReadiness } from './readiness';
import { describeReady } from './ready';
import { describeRegistration } from './registration';
import { isAvailable, subjectOf } from './subject';
import { describeTime } from './time';

/**
 * The contract of Poller (docs/semantics.md) as one suite for every backend. Where kernels differ by nature,
 * the subject says so, and the difference is the title of a `describe`.
 */
export function describeSelector(backend: Backend): void {
  describe(`Poller over ${backend}`, () => {
    if (!isAvailable(backend)) {
      test.skip(`${backend} is not in this build of the addon, which is for ${native.backend}`);
      return;
    }
    const subject = subjectOf(backend);
    describeMisuse(subject);
    describeRegistration(subject);
    describeReadiness(subject);
    describeModes(subject);
    describeBatch(subject);
    describeTime(subject);
    describeReady(subject);
    describeNotify(subject);
    describeGhosts(subject);
  });
}
