/** How the app is bundled. `client`: the face, into dist/renderer, which both hosts serve. */
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: at('renderer'),
  base: './',
  plugins: [svelte({ configFile: at('svelte.config.js') })],
  worker: { format: 'es' },
  build: {
    outDir: at('dist/renderer'),
    emptyOutDir: true,
    target: 'es2024',
    // Fonts and icons stay files: the content security policy of both hosts refuses data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
