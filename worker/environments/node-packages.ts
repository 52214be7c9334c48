/**
 * For Node: finds packages in the environment named by NODE_PATH, for `import` as well (Node itself looks there for
 * `require` only). What lies beside the action goes first.
 */
export const nodePackagesHook = `import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
const from = pathToFileURL((process.env.NODE_PATH ?? '').split(':')[0] + '/../package.json').href;
registerHooks({
  resolve(specifier, context, next) {
    try {
      return next(specifier, context);
    } catch (error) {
      if (!/^[@A-Za-z0-9_]/.test(specifier) || specifier.includes('://') || context.parentURL === from) throw error;
      try {
        return next(specifier, { ...context, parentURL: from });
      } catch {
        throw error;
      }
    }
  },
});
`;
