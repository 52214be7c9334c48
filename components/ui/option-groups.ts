/** Options by their group, groups in the order of their first option; those without a group stand together. */
export function toGroups<Option extends { group?: string | undefined }>(
  options: readonly Option[],
): { group: string | undefined; options: Option[] }[] {
  const groups = new Map<string | undefined, Option[]>();
  for (const option of options) {
    const members = groups.get(option.group);
    if (members) members.push(option);
    else groups.set(option.group, [option]);
  }
  return [...groups].map(([group, members]) => ({ group, options: members }));
}
