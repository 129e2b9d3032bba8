import { native } from '../../../lib/native';

export const hasKqueue = native.backend === 'kqueue';
/** Over libkqueue, which differs from a kernel: see deviations.ts. */
export const isEmulated = hasKqueue && process.platform === 'linux';
