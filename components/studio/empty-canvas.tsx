import { studio } from '../strings/studio';

/** What to do first. */
export function EmptyCanvas() {
  return (
    <div className="max-w-72 space-y-1">
      <p className="text-base font-semibold text-text">{studio.empty.title}</p>
      <p className="text-sm pointer-coarse:hidden">{studio.empty.body}</p>
      <p className="hidden text-sm pointer-coarse:block">{studio.empty.touchBody}</p>
    </div>
  );
}
