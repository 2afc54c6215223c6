import { defineConfig, globalIgnores } from 'eslint/config';
import svelte from 'eslint-plugin-svelte';
import tseslint from 'typescript-eslint';
import { floors } from './build/floors.mjs';
import { polledReads, sentenceTitles } from './build/test-rules.mjs';

export default defineConfig(
  globalIgnores(['assembly/built/', 'dist/', 'runs/', 'coverage/', '.cache/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' } },
  {
    files: ['**/*.{ts,js,mjs,svelte}'],
    plugins: { unrolled: { rules: { floors, 'polled-reads': polledReads, 'sentence-titles': sentenceTitles } } },
    rules: { 'unrolled/floors': 'error' },
  },
  {
    // AssemblyScript is not TypeScript (its functions have decorators): asc checks it, all but the floors.
    files: ['assembly/**/*.ts'],
    languageOptions: { parser: tseslint.parser, parserOptions: { allowInvalidAST: true } },
  },
  {
    files: ['**/*.{ts,js,mjs,svelte}'],
    ignores: ['assembly/**'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname, extraFileExtensions: ['.svelte'] },
    },
    rules: {
      eqeqeq: 'error',
      'no-eval': 'error',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      // Reading a value is how an effect comes to follow it: `void state.value`.
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      // Taking a member out of an object: `const { unwanted: _, ...rest } = object`.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // Elements of typed arrays inside their bounds: the compiler calls them possibly undefined, the loop knows better.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    // One word for a test, so that a search finds them all.
    files: ['test/**'],
    rules: {
      'unrolled/sentence-titles': 'error',
      // So that FAST_CHECK_RUNS draws more cases of every property.
      'no-restricted-syntax': [
        'error',
        {
          selector: "ObjectExpression > Property[key.name='numRuns']",
          message: 'Write cases(N), of property-cases.ts.',
        },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: ['vitest', '@fast-check/vitest'].map((name) => ({
            name,
            importNames: ['it'],
            message: 'Write `test`, with a sentence as its title.',
          })),
        },
      ],
    },
  },
  {
    files: ['test/property-cases.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['test/e2e/**/*.ts'],
    rules: { 'unrolled/polled-reads': 'error' },
  },
  {
    // The types of plain JavaScript are JSDoc's, which the TypeScript compiler reads and these rules do not.
    files: ['**/*.{js,mjs}'],
    rules: { '@typescript-eslint/no-unsafe-assignment': 'off' },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    extends: [svelte.configs.recommended],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      // State is kept in classes that say themselves what is reactive.
      'svelte/prefer-svelte-reactivity': 'off',
      'svelte/block-lang': ['error', { script: 'ts' }],
      'svelte/no-at-html-tags': 'error',
      'svelte/require-each-key': 'error',
      // Addresses are made by renderer/state/address.ts; there is no SvelteKit here.
      'svelte/no-navigation-without-resolve': 'off',
    },
  },
  {
    // This parser takes the parameters of functions in markup for `any`; svelte-check knows their types and checks them.
    files: ['**/*.svelte'],
    rules: {
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
);
