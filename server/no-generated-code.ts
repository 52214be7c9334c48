import { z } from 'zod';

// Imported before any schema is made: zod would compile its checks with new Function otherwise.
z.config({ jitless: true });
