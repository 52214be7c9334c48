/** The path if it stays on this origin, else `/`: what `?next=` may lead to after signing in. */
export function toLocalPath(next: string | null | undefined): string {
  if (!next || next.length > 2000 || !/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(next)) return '/';
  return next;
}
