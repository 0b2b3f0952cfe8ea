import { defineConfig } from "vite";

/** One file without dependencies, beside the console's; built after it, which empties the folder. */
export default defineConfig({
  publicDir: false,
  build: {
    outDir: "../server/static",
    emptyOutDir: false,
    target: "es2020",
    rolldownOptions: {
      input: "widget/main.ts",
      output: { format: "iife", entryFileNames: "widget.js" },
    },
  },
});
