import type { Host } from '../host';
import type { Group } from '../sandbox/groups/group';
import type { AttemptLimits } from './attempt-limits';

/** What one attempt has to itself; null what it has not yet, or never. */
export interface AttemptPlace {
  uid: number | null;
  folder: string | null;
  group: Group | null;
}

/** A place that a program can be started in. */
export type ReadyPlace = AttemptPlace & { folder: string };

type PlaceHost = Pick<Host, 'users' | 'workspace' | 'groups'>;

/** A place with a user only, for what runs before the attempt. @throws Error when every slot is in use */
export function beginPlace({ users }: PlaceHost): AttemptPlace {
  return { uid: users?.take() ?? null, folder: null, group: null };
}

/** Makes its folder and its group. What was made stays in `place` where the rest fails, to be given back. */
export async function furnish(
  { workspace, groups }: PlaceHost,
  place: AttemptPlace,
  name: string,
  limits: AttemptLimits,
): Promise<ReadyPlace> {
  place.folder = await workspace.makeRunFolder(name, place.uid, limits.diskMb);
  place.group = groups?.group(limits) ?? null;
  return place as ReadyPlace;
}

/**
 * Takes a place back: the group first, since a wall's inner processes may outlive its outer one by a moment and hold on to
 * what they had open, so that the folder's disk could not be emptied for the next; the user last.
 */
export async function leave({ users, workspace, groups }: PlaceHost, place: AttemptPlace): Promise<void> {
  const { uid, folder, group } = place;
  Object.assign(place, { uid: null, folder: null, group: null });
  if (group !== null) await groups?.giveBack(group);
  if (folder !== null) await workspace.removeRunFolder(folder);
  if (uid !== null) users?.giveBack(uid);
}
