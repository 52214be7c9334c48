import { z } from 'zod';
import { needs, router } from '../trpc';
import { listSettings, Setting } from './service';

export const settingsRouter = router({
  list: needs('permissions', 'manage')
    .output(z.array(Setting))
    .query(({ ctx }) => listSettings(ctx.actor)),
});
