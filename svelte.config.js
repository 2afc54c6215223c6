/** @type {import('@sveltejs/vite-plugin-svelte').SvelteConfig} */
export default {
  // Components of packages choose for themselves.
  compilerOptions: { runes: undefined },
  vitePlugin: {
    dynamicCompileOptions: ({ filename }) => (filename.includes('node_modules') ? undefined : { runes: true }),
  },
};
