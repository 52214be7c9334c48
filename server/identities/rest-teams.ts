import { z } from 'zod';
import { Id, Label, PackRef, Text, Time } from '../fields';
import { Numbered } from '../http/rest/fields';
import { partOf } from '../http/rest/paging';
import { list, one, remove, type Route } from '../http/rest/route';
import { CreateTeam, type Team } from './access-schema';
import { assign } from './assignments';
import { createTeam, getTeam, listTeams, removeTeam, updateTeam } from './teams';

const TeamAnswer = z.object({
  id: Id,
  name: z.string(),
  label: z.string(),
  description: z.string(),
  members: z.array(z.object({ id: Id, login: z.string(), display_name: z.string() })),
  permission_sets: z.array(
    z.object({ assignment_id: Id, permission_set_ref: z.string(), pack_ref: z.string().nullable() }),
  ),
  created: Time,
});

const toAnswer = ({ members, sets, ...team }: z.infer<typeof Team>): z.infer<typeof TeamAnswer> => ({
  ...team,
  members: members.map(({ displayName, ...member }) => ({ ...member, display_name: displayName })),
  permission_sets: sets.map(({ id, setRef, packRef }) => ({
    assignment_id: id,
    permission_set_ref: setRef,
    pack_ref: packRef,
  })),
});
const read = { resource: 'permissions', action: 'read' } as const;
const manage = { resource: 'permissions', action: 'manage' } as const;
const members = z.array(Id).max(1_000).nullish().describe('Ids of identities: all that it has');

/** Teams, below `/api/v1`. */
export const teamRoutes: readonly Route[] = [
  list(
    { path: '/teams', summary: 'Teams by name', access: read, item: TeamAnswer },
    async ({ actor, paging }) => partOf((await listTeams(actor)).map(toAnswer), paging),
  ),
  one(
    'post',
    {
      path: '/teams',
      summary: 'A new team, without rights',
      access: manage,
      body: z.object({
        name: CreateTeam.shape.name,
        label: Label.nullish(),
        description: Text.nullish(),
        members,
      }),
      answer: TeamAnswer,
      status: 201,
    },
    async ({ actor, body }) =>
      toAnswer(
        await createTeam(actor, {
          name: body.name,
          label: body.label ?? body.name,
          description: body.description ?? '',
          members: body.members ?? [],
        }),
      ),
  ),
  one(
    'get',
    { path: '/teams/{id}', summary: 'A team', access: read, params: Numbered, answer: TeamAnswer },
    async ({ actor, params }) => toAnswer(await getTeam(actor, params.id)),
  ),
  one(
    'put',
    {
      path: '/teams/{id}',
      summary: 'Changes a team',
      access: manage,
      params: Numbered,
      body: z.object({ label: Label.nullish(), description: Text.nullish(), members }),
      answer: TeamAnswer,
    },
    async ({ actor, params, body }) =>
      toAnswer(
        await updateTeam(actor, {
          id: params.id,
          ...(body.label && { label: body.label }),
          ...(typeof body.description === 'string' && { description: body.description }),
          ...(body.members && { members: body.members }),
        }),
      ),
  ),
  remove(
    {
      path: '/teams/{id}',
      summary: 'Removes a team: its members lose what it gave',
      access: manage,
      params: Numbered,
    },
    async ({ actor, params }) => {
      await removeTeam(actor, params.id);
      return `The team ${params.id} is removed.`;
    },
  ),
  one(
    'post',
    {
      path: '/teams/{id}/permissions',
      summary: 'Assigns a permission set to a team; it is taken back as any assignment',
      access: manage,
      params: Numbered,
      body: z.object({ permission_set_ref: z.string().min(1).max(200), pack_ref: PackRef.nullish() }),
      answer: TeamAnswer,
      status: 201,
    },
    async ({ actor, params, body }) => {
      await assign(actor, { teamId: params.id }, body.permission_set_ref, body.pack_ref ?? null);
      return toAnswer(await getTeam(actor, params.id));
    },
  ),
];
