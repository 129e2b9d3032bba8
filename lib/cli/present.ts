import type { Diagnosis } from './doctor';
import type { Finding } from './finding';

const HEADING = 10;
const STATE = 9;

/** The diagnosis as text for people. */
export function present(diagnosis: Diagnosis): string {
  const { needed, features, limits, error, works } = diagnosis;
  const blocks = [
    heading(diagnosis).join('\n'),
    error === undefined
      ? ''
      : `It cannot be loaded\n${indented(`${error.message}\n${error.advice}`)}`,
    section('Needed', needed),
    section('Features', features),
    section('Limits', limits),
    works ? 'iomux works here.' : 'iomux does not work here.',
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function heading({ iomux, system, runtime, addon, backend, driver }: Diagnosis): string[] {
  const libc = system.libc === null ? '' : `, ${system.libc}`;
  const libuv = runtime.libuv === null ? '' : `, libuv ${runtime.libuv}`;
  const rows = [
    ['iomux', iomux],
    ['system', `${system.platform} ${system.arch}, kernel ${system.kernel}${libc}`],
    ['runtime', `${runtime.name} ${runtime.version}${libuv}`],
    ['addon', addon === undefined ? 'not loaded' : `${addon.origin}: ${addon.path}`],
    ...(backend === undefined ? [] : [['backend', backend]]),
    ...(driver === undefined ? [] : [['driver', `${driver.name}: ${driver.reason}`]]),
  ];
  return rows.map(([name, value]) => name.padEnd(HEADING) + value);
}

function section(title: string, findings: readonly Finding[] | undefined): string {
  if (findings === undefined || findings.length === 0) return '';
  const width = Math.max(...findings.map(({ name }) => name.length)) + 2;
  const lines = findings.map(({ name, state, value, advice }) => {
    const shown = value === null ? '' : String(value);
    const line = `  ${state.padEnd(STATE)}${name.padEnd(width)}${shown}`.trimEnd();
    return advice === null ? line : `${line}\n${' '.repeat(2 + STATE)}${advice}`;
  });
  return [title, ...lines].join('\n');
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
