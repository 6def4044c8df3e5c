// How the page's modules and their tests are checked, each file by itself: every name is imported, declared, or the browser's.

import js from "@eslint/js";
import globals from "globals";

const WEB = "pix2pix/studio/web";

export default [
  { ignores: [".venv/**", "runs/**", "**/vendor/**"] },
  js.configs.recommended,
  { files: [`${WEB}/**/*.js`], languageOptions: { globals: globals.browser } },
  { files: [`${WEB}/theme.js`], languageOptions: { sourceType: "script" } },
  { files: ["tests/web/**/*.js"], languageOptions: { globals: globals.node } },
  { rules: { eqeqeq: "error", "no-var": "error", "prefer-const": ["error", { destructuring: "all" }] } },
];
