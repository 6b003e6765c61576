// Biome formats and lints; this adds the rules that need types, and the rules of the house.
import tseslint from 'typescript-eslint';

const bareError = {
  selector: 'ThrowStatement > NewExpression[callee.name=/^(Error|TypeError|RangeError)$/]',
  message: 'Throw a PlatformError of the catalogue instead.',
};
const environment = { selector: "MemberExpression[object.name='process'][property.name='env']", message: 'Only config/ reads the environment.' };
const time = [
  { selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']", message: 'Take a Clock: only time/ reads the clock.' },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Take a Clock: only time/ reads the clock.' },
  { selector: "CallExpression[callee.object.name='Math'][callee.property.name='random']", message: 'Take Ids: only time/ makes chance.' },
  { selector: "CallExpression[callee.object.name='performance'][callee.property.name='now']", message: 'Take a Clock: only time/ reads the clock.' },
  { selector: 'CallExpression[callee.name=/^(setTimeout|setInterval)$/]', message: 'Take a Clock: only time/ sets timers.' },
  { selector: "CallExpression[callee.property.name='randomUUID']", message: 'Take Ids: only time/ makes ids.' },
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/*.js', '**/*.mjs', 'test-results/**', '.cache/**'] },
  {
    files: ['packages/api/src/**/*.ts', 'packages/platform/src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts', 'scripts/**/*.ts'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { project: ['./tsconfig.json', './test/e2e/tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@typescript-eslint': tseslint.plugin },
    linterOptions: { reportUnusedDisableDirectives: 'error', noInlineConfig: true },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false, attributes: false } }],
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
    },
  },
  {
    files: ['packages/console/src/**/*.ts', 'packages/console/src/**/*.tsx'],
    languageOptions: { parser: tseslint.parser, parserOptions: { project: './packages/console/tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    plugins: { '@typescript-eslint': tseslint.plugin },
    linterOptions: { noInlineConfig: true },
    rules: { '@typescript-eslint/no-floating-promises': 'error', 'no-restricted-syntax': ['error', bareError] },
  },
  {
    files: ['packages/api/src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/__fixtures__/**'],
    rules: { 'no-restricted-syntax': ['error', bareError, environment, ...time], 'max-params': ['error', 3] },
  },
  {
    files: ['packages/platform/src/**/*.ts'],
    ignores: ['**/*.test.ts', '**/__fixtures__/**', 'packages/platform/src/config/**', 'packages/platform/src/time/**'],
    rules: { 'no-restricted-syntax': ['error', bareError, environment, ...time], 'max-params': ['error', 3] },
  },
  {
    files: ['packages/platform/src/config/**/*.ts'],
    ignores: ['**/*.test.ts', '**/__fixtures__/**'],
    rules: { 'no-restricted-syntax': ['error', bareError, ...time] },
  },
  {
    files: ['packages/platform/src/time/**/*.ts'],
    ignores: ['**/*.test.ts', '**/__fixtures__/**'],
    rules: { 'no-restricted-syntax': ['error', bareError, environment] },
  },
);
