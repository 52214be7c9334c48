import { notificationTypes, notifiedTypes, type Notification } from './notification';

/** What a reader of the WebSocket wishes to hear of: `all`, `entity_type:execution`, `entity:execution:17`, `user:3`, … */
export type Filter = (notification: Notification) => boolean;

const isOneOf = (words: readonly string[], word: string) => words.includes(word);

/** The filter that the text names; null for one that there is not. */
export function parseFilter(text: string): Filter | null {
  const [word = '', first = '', second = '', ...rest] = text.split(':');
  const parts = text.split(':').length;
  const toId = (digits: string) => (/^\d{1,15}$/.test(digits) ? Number(digits) : null);
  if (rest.length > 0) return null;
  if (word === 'all' && parts === 1) return () => true;
  if (word === 'entity_type' && parts === 2 && isOneOf(notifiedTypes, first))
    return ({ entity_type: type }) => type === first;
  if (word === 'notification_type' && parts === 2 && isOneOf(notificationTypes, first))
    return ({ notification_type: type }) => type === first;
  if (word === 'user' && parts === 2) {
    const id = toId(first);
    return id === null ? null : ({ user_id: user }) => user === id;
  }
  if (word === 'entity' && parts === 3 && isOneOf(notifiedTypes, first)) {
    const id = toId(second);
    return id === null ? null : ({ entity_type: type, entity_id: own }) => type === first && own === id;
  }
  return null;
}

/** The filters, as an error tells them. */
export const filterWords = `all, entity_type:<type>, entity:<type>:<id>, user:<id> or notification_type:<type>, where <type> is one of ${notifiedTypes.join(', ')}, or one of ${notificationTypes.join(', ')}`;
