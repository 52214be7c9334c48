import { inTenant } from '../db';
import { endExecution } from '../executions/steps';
import { findInTree, lockRoot } from '../executions/store';
import { decideInquiry, findInquiry, lockInquiry } from './store';

/**
 * Ends an inquiry whose time is up, once: with its default answer where it has one to use, else its execution ends
 * as `timeout`. False when somebody decided in the meantime.
 */
export async function expireInquiry(tenantId: number, rootId: number, id: number): Promise<boolean> {
  return inTenant(tenantId, async (tx) => {
    await lockRoot(tx, tenantId, rootId);
    if ((await lockInquiry(tx, tenantId, id)) !== 'pending') return false;
    const inquiry = await findInquiry(tx, tenantId, id);
    if (!inquiry?.timeoutAt) return false;
    const usesDefault = inquiry.onTimeout === 'default' && inquiry.defaultResponse !== null;
    await decideInquiry(tx, inquiry, {
      status: 'timeout',
      response: usesDefault ? inquiry.defaultResponse : null,
      respondedBy: null,
    });
    const execution = await findInTree(tx, tenantId, rootId, inquiry.executionId);
    if (execution?.state !== 'waiting') return true;
    if (usesDefault) {
      await endExecution(tx, execution, {
        state: 'completed',
        error: null,
        result: {
          succeeded: true,
          response: inquiry.defaultResponse,
          responded_by: null,
          comment: '',
          defaulted: true,
        },
      });
    } else {
      const seconds = Math.round((inquiry.timeoutAt.getTime() - inquiry.created.getTime()) / 1000);
      const error = `Nobody answered within ${seconds} s.`;
      await endExecution(tx, execution, {
        state: 'timeout',
        error,
        result: { succeeded: false, error, response: null, defaulted: false },
      });
    }
    return true;
  });
}
