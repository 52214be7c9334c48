let offsetMs = 0;

/** Takes in what the database's clock said just now. */
export function setDatabaseClock(at: Date): void {
  offsetMs = at.getTime() - Date.now();
}

/** The database's time, as near as the last answer of it tells: what `now()` in an expression says. */
export function databaseNow(): Date {
  return new Date(Date.now() + offsetMs);
}
