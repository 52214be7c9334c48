const units = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** As people read it: 1.5 MB. */
export function formatSize(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || size >= 100 ? 0 : 1;
  return `${size.toLocaleString('en', { maximumFractionDigits: digits })} ${units[unit]}`;
}
