import './theme/base.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { z } from 'zod';
import { createClient } from './api/client.ts';
import { applyLanguage } from './i18n/index.ts';
import { router } from './router.tsx';
import { applyTheme } from './theme/theme.ts';

// Compiled parsers need eval, which the content security policy forbids.
z.config({ jitless: true });
applyTheme();
applyLanguage();

const root = document.getElementById('root');
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={createClient()}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
