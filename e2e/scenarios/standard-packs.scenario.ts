import { expect, scenario } from './scenario';

scenario.describe('packs of everybody and of one', () => {
  scenario(
    'T3.11 standard packs are seen and run by all; a private pack by whoever made it alone',
    async ({ studio, studioOf }) => {
      const maker = await studioOf(await studio.createPerson('Maker', ['core.editor']));
      const other = await studioOf(await studio.createPerson('Other', ['core.executor']));
      for (const person of [maker, other]) {
        expect(await person.packs()).toContain('core');
        const { result } = await person.ended<{ stdout: string }>(
          await person.run('core.echo', { message: 'for all' }),
        );
        expect(result.stdout).toBe('for all\n');
      }
      const { studio: own, packRef } = await maker.inNewPack('private');
      const action = await own.createAction('secretly', { runtime: 'shell', code: 'echo mine' });
      const { id, result } = await own.ended<{ stdout: string }>(await own.run(action));
      expect(result.stdout).toBe('mine\n');
      expect(await maker.packs()).toContain(packRef);
      // The administrator is no exception.
      for (const person of [other, studio]) {
        await studio.untilSo(
          () => person.packs(),
          (refs) => !refs.includes(packRef),
        );
        await expect(person.run(action)).rejects.toMatchObject({ status: 404 });
        await expect(person.get(id)).rejects.toMatchObject({ status: 404 });
      }
    },
  );
});
