import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPT = join(import.meta.dirname, '../../support/certificates.sh');

/** A chain of certificates, made now; the folder is gone when the process ends. */
export function certificates() {
  const folder = mkdtempSync(join(tmpdir(), 'iomux-certificates-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  execFileSync(SCRIPT, [folder], { stdio: 'pipe' });
  const path = (name) => join(folder, name);
  const read = (name) => readFileSync(path(name));
  const identity = (name) => ({ cert: read(`${name}.pem`), key: read(`${name}.key`) });
  return { folder, path, ca: read('ca.pem'), identity };
}
