import { strings } from '@/components/strings';
import type { RouterInputs, RouterOutputs } from '@/components/trpc';

export type WebhookConfig = RouterOutputs['webhooks']['config'];
type SaveConfig = RouterInputs['webhooks']['saveConfig']['config'];

/** What is typed into the form, text by text. */
export interface ChecksDraft {
  isSigned: boolean;
  scheme: WebhookConfig['hmac']['scheme'];
  algorithm: WebhookConfig['hmac']['algorithm'];
  header: string;
  /** Empty keeps the one that is there. */
  secret: string;
  isLimited: boolean;
  requests: string;
  windowSeconds: string;
  isListed: boolean;
  ips: string;
  sizeKb: string;
  dedupeHeader: string;
  responseMode: WebhookConfig['response_mode'];
  syncSeconds: string;
}

export function toDraft(config: WebhookConfig): ChecksDraft {
  return {
    isSigned: config.hmac.enabled,
    scheme: config.hmac.scheme,
    algorithm: config.hmac.algorithm,
    header: config.hmac.header ?? '',
    secret: '',
    isLimited: config.rate_limit.enabled,
    requests: String(config.rate_limit.requests),
    windowSeconds: String(config.rate_limit.window_seconds),
    isListed: config.ip_whitelist.enabled,
    ips: config.ip_whitelist.ips.join('\n'),
    sizeKb: config.payload_size_limit_kb === null ? '' : String(config.payload_size_limit_kb),
    dedupeHeader: config.dedupe_header ?? '',
    responseMode: config.response_mode,
    syncSeconds: String(config.sync_timeout_seconds),
  };
}

/** The settings, or what is wrong by the path of its field. */
export function toSave(
  draft: ChecksDraft,
  hasSecret: boolean,
): { config: SaveConfig } | { errors: Record<string, string> } {
  const errors: Record<string, string> = {};
  const whole = (path: string, text: string): number => {
    if (!/^[1-9]\d{0,8}$/.test(text.trim())) errors[path] = strings.webhooks.number;
    return Number(text);
  };
  const ips = draft.ips
    .split(/[\s,]+/)
    .map((entry) => entry.trim())
    .filter(Boolean);
  if (draft.isListed && ips.length === 0) errors['ip_whitelist.ips'] = strings.webhooks.nobody;
  if (draft.isSigned && !hasSecret && draft.secret === '')
    errors['hmac.secret'] = strings.webhooks.secretMissing;
  const config = {
    hmac: {
      enabled: draft.isSigned,
      scheme: draft.scheme,
      algorithm: draft.algorithm,
      header: draft.header.trim() || null,
      ...(draft.secret && { secret: draft.secret }),
    },
    rate_limit: draft.isLimited
      ? {
          enabled: true,
          requests: whole('rate_limit.requests', draft.requests),
          window_seconds: whole('rate_limit.window_seconds', draft.windowSeconds),
        }
      : { enabled: false },
    ip_whitelist: { enabled: draft.isListed, ips },
    payload_size_limit_kb: draft.sizeKb.trim() === '' ? null : whole('payload_size_limit_kb', draft.sizeKb),
    dedupe_header: draft.dedupeHeader.trim() || null,
    response_mode: draft.responseMode,
    ...(draft.responseMode !== 'async' && {
      sync_timeout_seconds: whole('sync_timeout_seconds', draft.syncSeconds),
    }),
  };
  return Object.keys(errors).length > 0 ? { errors } : { config };
}
