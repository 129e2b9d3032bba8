import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Identity {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** A new chain of certificates; see certificates.sh for the names. */
export function certificates(): { ca: Buffer; identity: (name: string) => Identity } {
  const folder = mkdtempSync(join(tmpdir(), 'iomux-certificates-'));
  try {
    execFileSync(join(__dirname, 'certificates.sh'), [folder], { stdio: 'pipe' });
    const names = ['localhost', 'other', 'client', 'stranger'];
    const read = (name: string): Buffer => readFileSync(join(folder, name));
    const made = new Map(
      names.map((name) => [name, { cert: read(`${name}.pem`), key: read(`${name}.key`) }]),
    );
    const identity = (name: string): Identity => {
      const found = made.get(name);
      if (found === undefined) throw new Error(`There is no certificate of ${name}`);
      return found;
    };
    return { ca: read('ca.pem'), identity };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
