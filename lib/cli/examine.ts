import { addonPath } from '../addon-path';
import { native } from '../native';
import { driver, hasLibuv } from '../raw/driver';
import { type Finding, type Probe, tried } from './finding';
import { kqueueProbes } from './kqueue-probes';
import { linuxProbes } from './linux-probes';
import { neededProbes } from './needed-probes';
import { batchProbes, optionProbes, socketProbes } from './socket-probes';

/** What can be found out once the addon is loaded. */
export interface Examination {
  readonly addon: { readonly path: string; readonly origin: 'prebuilt' | 'built' };
  readonly backend: 'epoll' | 'kqueue';
  readonly driver: { readonly name: 'uv' | 'thread'; readonly reason: string };
  /** If one of these is missing, nothing works. */
  readonly needed: readonly Finding[];
  readonly features: readonly Finding[];
}

/** Runs all probes. Only this file and its imports load the addon. */
export async function examine(): Promise<Examination> {
  const ofSystem = native.backend === 'epoll' ? linuxProbes : kqueueProbes;
  const batches = native.HAS_BATCHES === 0 ? [] : batchProbes;
  return {
    addon: addon(),
    backend: native.backend,
    driver: { name: driver, reason: reasonOfDriver() },
    needed: await all(neededProbes),
    features: await all([...ofSystem, ...batches, ...socketProbes, ...optionProbes]),
  };
}

async function all(probes: readonly Probe[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const probe of probes) findings.push(await tried(probe));
  return findings;
}

function addon(): Examination['addon'] {
  const path = addonPath();
  return { path, origin: /[\\/]prebuilds[\\/]/.test(path) ? 'prebuilt' : 'built' };
}

function reasonOfDriver(): string {
  const forced = process.env['IOMUX_DRIVER'];
  if (forced !== undefined && forced !== '') return 'IOMUX_DRIVER says so';
  return hasLibuv ? 'this runtime has libuv' : 'this runtime has no libuv';
}
