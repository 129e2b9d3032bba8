import { readFileSync } from 'node:fs';
import { defineConfig } from 'rolldown';

// dist/: a file for each entry that package.json names, and what they share in three, because to find and
// read a file for each module of lib/ takes longer than to run it. The types are made by tsc.

const { bin, exports } = JSON.parse(readFileSync('package.json', 'utf8'));
const entries = Object.values(exports).filter((entry) => typeof entry === 'object');

/** `./dist/net.js` is made of `lib/net.ts`: `{ net: 'lib/net.ts' }`. */
function inputs(files, extension) {
  const names = files.map((file) => /dist\/(.*)\.m?js$/.exec(file)[1]);
  return Object.fromEntries(names.map((name) => [name, `lib/${name}.${extension}`]));
}

const GETTER =
  /Object\.defineProperty\(exports, "(\w+)", \{\s*enumerable: true,\s*get: function\s*\(\) \{\s*return ([\w$]+);\s*\}\s*\}\);/g;

/**
 * What one file shares with others is exported by a getter, in case that its value changes. Ours have
 * theirs for good when their file has run, and hundreds of getters are a tenth of what loading takes.
 */
const plainExports = {
  name: 'plain-exports',
  renderChunk: (code) => code.replace(GETTER, 'exports.$1 = $2;'),
};

const REQUIRED = /const require_sources = require\("(.*)"\);\n/;
const EXPORTED = /exports\.(\w+) = require_sources\.\w+;/g;

/**
 * `require('iomux')` loads what readiness takes, and the rest when somebody asks for it: it is half
 * of it. `import`, which finds the names without running the file, only understands assignments.
 */
const lazyExports = {
  name: 'lazy-exports',
  renderChunk(code, { name }) {
    const file = name === 'index' ? REQUIRED.exec(code)?.[1] : undefined;
    if (file === undefined) return null;
    const getters = [...code.matchAll(EXPORTED)].map(
      ([, name]) => `${name}: { enumerable: true, get: () => require("${file}").${name} },\n`,
    );
    const assigned = code.replace(REQUIRED, '').replace(EXPORTED, 'exports.$1 = void 0;');
    return `${assigned}Object.defineProperties(exports, {\n${getters.join('')}});\n`;
  },
};

export default defineConfig([
  {
    input: inputs([bin.iomux, ...entries.map((entry) => entry.require.default)], 'ts'),
    platform: 'node',
    transform: { target: 'es2022' },
    external: 'node-gyp-build',
    plugins: [plainExports, lazyExports],
    output: {
      dir: 'dist',
      format: 'cjs',
      cleanDir: true,
      comments: false,
      esModule: true,
      chunkFileNames: '[name].js',
      generatedCode: { symbols: false },
      codeSplitting: {
        groups: [
          // Each with what it needs. What only sockets need is not in the way of the rest.
          { name: 'core', test: /\blib\/reactor\//, priority: 2 },
          { name: 'io', test: /\blib\/io\//, priority: 1 },
          { name: 'sources', test: /\blib\/(poll|sources)\// },
        ],
      },
    },
  },
  {
    // ES modules are the same ones by another name: there is one default reactor in a process.
    input: inputs(
      entries.map((entry) => entry.import.default),
      'mts',
    ),
    external: /\.js$/,
    output: { dir: 'dist', format: 'esm', entryFileNames: '[name].mjs' },
  },
]);
