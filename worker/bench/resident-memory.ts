import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const everyMs = 50;

/** Looks at the resident memory of some processes, together, while something runs. */
export class ResidentMemory {
  private readonly beforeMb: number;
  private peakMb: number;
  private readonly timer: NodeJS.Timeout;

  private constructor(private readonly pids: readonly number[]) {
    this.beforeMb = this.peakMb = residentMb(pids);
    this.timer = setInterval(() => this.look(), everyMs);
  }

  static watch(pids: readonly number[]): ResidentMemory {
    return new ResidentMemory(pids);
  }

  private look(): number {
    const nowMb = residentMb(this.pids);
    this.peakMb = Math.max(this.peakMb, nowMb);
    return nowMb;
  }

  stop(): { beforeMb: number; peakMb: number; afterMb: number } {
    clearInterval(this.timer);
    const afterMb = this.look();
    return { beforeMb: this.beforeMb, peakMb: this.peakMb, afterMb };
  }
}

function residentMb(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + residentKb(pid), 0) / 1024;
}

function residentKb(pid: number): number {
  if (process.platform === 'linux') {
    const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(found?.[1] ?? Number.NaN);
  }
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).trim());
}
