import { studio } from '../strings/studio';

/** What to do first. */
export function EmptyCanvas() {
  return (
    <div className="max-w-72 space-y-1">
      <p className="text-base font-semibold text-text">{studio.empty.title}</p>
      <p className="text-sm">{studio.empty.body}</p>
    </div>
  );
}
