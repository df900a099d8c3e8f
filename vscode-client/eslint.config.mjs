// What the compiler does not see: promises that nobody waits for, values that are not what they
// seem. Layout is prettier's.
import tseslint from "typescript-eslint";

export default tseslint.config(
  {
    ignores: [
      "dist/**",
      "out/**",
      "bundled/**",
      "node_modules/**",
      "scripts/**",
      "test/e2e/**/*.{js,mjs}",
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_" },
      ],
      // VS Code's own way: a class that says it is a Disposable is one.
      "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
      // node:test's `test` returns a promise that its runner waits for.
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [
            { from: "package", name: ["test", "describe", "it"], package: "node:test" },
          ],
        },
      ],
    },
  },
  {
    // Numbers in sentences, and callbacks of one line: what a test says is read by people.
    files: ["test/e2e/**/*.ts"],
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
);
