import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import typescript from 'typescript-eslint';

// Every rule of the strictest sets holds, but for those below, each with its reason.
export default defineConfig(
  globalIgnores(['**/build/', 'dist/', 'docs/api/', 'prebuilds/', 'coverage/']),
  js.configs.recommended,
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      // Those of the Node that runs this.
      globals: Object.fromEntries(
        Object.getOwnPropertyNames(globalThis).map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['**/*.ts', '**/*.mts'],
    extends: [typescript.configs.strictTypeChecked, typescript.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['vitest.config.mts'] } },
    },
    rules: {
      // Descriptors, ports and limits are numbers, and messages name them.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // What was caught, or an AbortSignal's reason, is handed on as it is.
      '@typescript-eslint/prefer-promise-reject-errors': [
        'error',
        { allowThrowingAny: true, allowThrowingUnknown: true },
      ],
      // `() => stream.destroy()` says that it is all that there is to do.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Functions of tables and of the addon are handed round without their object.
      '@typescript-eslint/no-invalid-void-type': ['error', { allowAsThisParameter: true }],
      // An @internal overload is left out of the declarations that are published.
      '@typescript-eslint/unified-signatures': [
        'error',
        { ignoreOverloadsWithDifferentJSDoc: true },
      ],
    },
  },
  {
    files: ['lib/**/*.ts'],
    rules: {
      // `listen({ host: process.env.HOST, port })` is right under `exactOptionalPropertyTypes` too.
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'ExportNamedDeclaration TSPropertySignature[optional=true]' +
            ':not(TSAsExpression *, :has(TSUndefinedKeyword, TSUnknownKeyword))',
          message: 'An optional property may be given as undefined: add `| undefined`.',
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // `expect.any` and `expect.objectContaining` are of type any.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      // Suites take what they need out of the subject or the tools that they are given.
      '@typescript-eslint/unbound-method': 'off',
      // `void poller.notifyHandle`: a property is read for what reading it does.
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      // A script for a child process goes over as source, and is CommonJS there.
      '@typescript-eslint/no-require-imports': 'off',
    },
  },
);
