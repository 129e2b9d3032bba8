import { native } from '../../../lib/native';

export const hasKqueue = native.backend === 'kqueue';
/** libkqueue, which is not a kernel: deviations.ts says in what. */
export const isEmulated = hasKqueue && process.platform === 'linux';
