import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The package has no entry that a style sheet could name. */
const pretendard = dirname(fileURLToPath(import.meta.resolve('pretendard/package.json')));

const platform = 'http://127.0.0.1:4000';

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { '@pretendard': pretendard } },
  build: { target: 'es2023', assetsInlineLimit: 0, chunkSizeWarningLimit: 600, modulePreload: { polyfill: false } },
  server: { proxy: { '/api': platform, '/v1': platform } },
});
