import { inTenant } from '../db';
import { endExecution } from '../executions/steps';
import { findInTree, lockRoot } from '../executions/store';
import { decideInquiry, escalateInquiry, findInquiry, isDue, lockInquiry, type InquiryRow } from './store';

/**
 * Does what is to come when an inquiry's time is up, once: others are asked, or its default answer is used, or its
 * execution ends as `timeout`. False when somebody decided in the meantime, or it has more time again.
 */
export async function expireInquiry(tenantId: number, rootId: number, id: number): Promise<boolean> {
  return inTenant(tenantId, async (tx) => {
    await lockRoot(tx, tenantId, rootId);
    if ((await lockInquiry(tx, tenantId, id)) !== 'pending') return false;
    const inquiry = await findInquiry(tx, tenantId, id);
    if (!inquiry?.timeoutAt || !(await isDue(tx, inquiry))) return false;
    const execution = await findInTree(tx, tenantId, rootId, inquiry.executionId);
    if (inquiry.onTimeout === 'escalate') {
      await escalateInquiry(tx, inquiry, execution?.deadlineAt ?? null);
      return true;
    }
    const usesDefault = inquiry.onTimeout === 'default' && inquiry.defaultResponse !== null;
    await decideInquiry(tx, inquiry, {
      status: 'timeout',
      response: usesDefault ? inquiry.defaultResponse : null,
      respondedBy: null,
    });
    if (execution?.state !== 'waiting' || !inquiry.endsExecution) return true;
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
      const error = tellTimeout(inquiry, inquiry.timeoutAt);
      await endExecution(tx, execution, {
        state: 'timeout',
        error,
        result: { succeeded: false, error, response: null, defaulted: false },
      });
    }
    return true;
  });
}

function tellTimeout({ created, quorum, escalatedFrom }: InquiryRow, timeoutAt: Date): string {
  const seconds = Math.round((timeoutAt.getTime() - created.getTime()) / 1000);
  const who = quorum > 1 ? `No ${quorum} people gave the same answer` : 'Nobody answered';
  return `${who} within ${seconds} s${escalatedFrom ? ', also after others were asked' : ''}.`;
}
