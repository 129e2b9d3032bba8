import { roleOf } from '../role';

export function colorOf(peer: string): string {
  return `var(--${roleOf(peer)})`;
}

/** How many lines can be told apart. */
const LINES = 8;

export function lineColor(index: number): string {
  return `var(--line-${String(index % LINES)})`;
}

const LIGHT = `
  --paper: #ffffff; --ink: #1f2328; --faint: #59636e; --rule: #d1d9e0; --shade: #f6f8fa;
  --ours: #0969da; --other: #bc4c00; --limit: #6e7781; --reached: #1a7f37; --missed: #cf222e;
  --line-0: #0969da; --line-1: #bc4c00; --line-2: #1a7f37; --line-3: #8250df;
  --line-4: #bf3989; --line-5: #6e7781; --line-6: #9a6700; --line-7: #0f766e;`;

const DARK = `
  --paper: #0d1117; --ink: #e6edf3; --faint: #9198a1; --rule: #3d444d; --shade: #161b22;
  --ours: #58a6ff; --other: #f0883e; --limit: #9198a1; --reached: #3fb950; --missed: #ff7b72;
  --line-0: #58a6ff; --line-1: #f0883e; --line-2: #3fb950; --line-3: #bc8cff;
  --line-4: #f778ba; --line-5: #9198a1; --line-6: #d29922; --line-7: #2dd4bf;`;

/** The colours by name, for the light and the dark theme. */
export const COLORS = `
:root { color-scheme: light dark; ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
`;

/** The style sheet of the page. A plot is as wide as a phone; as many as fit are beside each other. */
export const STYLE = `${COLORS}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 16px; max-width: 1180px; overflow-wrap: break-word;
  background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif;
}
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 0; padding-top: 1rem; border-top: 1px solid var(--rule); }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p { margin: .25rem 0 .75rem; max-width: 46rem; }
a { color: var(--ours); }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: .75rem 0; }
.faint, figcaption span { color: var(--faint); font-size: .875rem; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); gap: 1.25rem 1.5rem; }
figure { margin: 0; min-width: 0; }
figcaption { font-weight: 600; margin-bottom: .25rem; }
figcaption span { display: block; font-weight: normal; }
figure svg { display: block; max-width: 100%; height: auto; }
.scroll { overflow-x: auto; margin: 0 0 1rem; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; white-space: nowrap; font-weight: 600; padding: .5rem 0 .25rem; }
th, td { padding: .25rem .75rem; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
th { font-weight: 600; color: var(--faint); }
th:first-child, td:first-child { text-align: left; padding-left: 0; color: var(--ink); }
thead th { border-bottom-width: 2px; }
tbody th { font-weight: normal; white-space: normal; min-width: 11rem; max-width: 22rem; }
tr.ours > * { background: var(--shade); }
tr.reached td:last-child { color: var(--reached); }
tr.missed td:last-child { color: var(--missed); }
tr.faint td:last-child { color: var(--faint); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; font-size: .875rem; margin: .75rem 0; }
dt { color: var(--faint); } dd { margin: 0; }
summary { cursor: pointer; font-weight: 600; padding: .25rem 0; }
`;
