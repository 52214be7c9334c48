import type { Task } from '@/engine/definition/schema';
import { canvas as strings } from '../strings/canvas';

/** What is special about a task, in a word and in a sentence. */
export interface TaskBadge {
  key: 'approval' | 'items' | 'join' | 'retry' | 'timeout' | 'delay';
  text: string;
  title: string;
}

export function badgesOf(task: Task): TaskBadge[] {
  const badges: TaskBadge[] = [];
  const words = strings.badges;
  if (task.action === 'core.ask') badges.push({ key: 'approval', text: 'approval', title: words.approval });
  if (task.with_items !== undefined) badges.push({ key: 'items', text: 'items', title: words.items });
  if (task.join !== undefined) {
    const join = String(task.join);
    badges.push({ key: 'join', text: join, title: words.join(join) });
  }
  if (task.retry !== undefined) {
    const count = String(task.retry.count);
    badges.push({ key: 'retry', text: count, title: words.retry(count) });
  }
  if (task.timeout !== undefined) {
    const limit = toDuration(task.timeout);
    badges.push({ key: 'timeout', text: limit, title: words.timeout(limit) });
  }
  if (task.delay !== undefined) {
    const delay = toDuration(task.delay);
    badges.push({ key: 'delay', text: delay, title: words.delay(delay) });
  }
  return badges;
}

function toDuration(value: string | number): string {
  return typeof value === 'number' ? `${value}s` : value;
}
