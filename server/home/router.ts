import { person, router } from '../trpc';
import { Home } from './schema';
import * as service from './service';

export const homeRouter = router({
  get: person.output(Home).query(({ ctx }) => service.getHome(ctx.actor)),
});
