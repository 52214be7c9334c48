'use client';

import { Eye, EyeOff } from 'lucide-react';
import { useState, type ClipboardEvent } from 'react';
import { IconButton } from '@/components/ui/icon-button';
import { Input } from '@/components/ui/input';
import { Textarea } from '@/components/ui/textarea';
import { secretMask } from '@/engine/definition/secret-parameters';
import type { Json } from '@/engine/expression/expression';
import type { JsonSchema } from '@/engine/json-schema';
import { schemaForm as strings } from '../strings/schema-form';
import { readMixed, writeMixed } from './field-kind';

interface Props {
  id: string;
  schema: JsonSchema;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  required: boolean;
  readOnly: boolean;
  invalid: boolean;
  describedBy: string | undefined;
}

/**
 * A secret: dots, unless one asks to see it. Of a masked one nothing is known here; it is kept until something is
 * typed. Keys of several lines stay so: a line of input would lose their ends.
 */
export function SecretControl({
  id,
  schema,
  value,
  onChange,
  required,
  readOnly,
  invalid,
  describedBy,
}: Props) {
  const [isSeen, setIsSeen] = useState(false);
  const isKept = value === secretMask;
  const text = isKept ? '' : writeMixed(value);
  const [hasLines, setHasLines] = useState(text.includes('\n'));
  const [isSwitched, setIsSwitched] = useState(false);
  const types = [schema['type'] ?? 'string'].flat();
  const setText = (typed: string) =>
    onChange(typed === '' ? undefined : types.includes('string') ? typed : readMixed(typed, schema));
  const shared = {
    id,
    value: text,
    disabled: readOnly,
    invalid,
    'aria-describedby': describedBy,
    placeholder: isKept ? strings.keptSecret : undefined,
    autoComplete: 'new-password',
    spellCheck: false,
  };
  const paste = (event: ClipboardEvent<HTMLInputElement>) => {
    const pasted = event.clipboardData.getData('text');
    if (!pasted.trim().includes('\n')) return;
    event.preventDefault();
    const { selectionStart, selectionEnd } = event.currentTarget;
    setHasLines(true);
    setIsSwitched(true);
    setText(text.slice(0, selectionStart ?? text.length) + pasted + text.slice(selectionEnd ?? text.length));
  };
  return (
    <div className="flex items-start gap-1">
      {hasLines ? (
        <Textarea
          {...shared}
          mono
          rows={4}
          // It takes the place of the line into which somebody pasted.
          autoFocus={isSwitched}
          className={isSeen ? undefined : '[-webkit-text-security:disc]'}
          onChange={({ target }) => setText(target.value)}
        />
      ) : (
        <Input
          {...shared}
          aria-required={required}
          type={isSeen ? 'text' : 'password'}
          onPaste={paste}
          onChange={({ target }) => setText(target.value)}
        />
      )}
      <IconButton
        label={isSeen ? strings.hideSecret : strings.showSecret}
        icon={isSeen ? <EyeOff /> : <Eye />}
        aria-pressed={isSeen}
        disabled={readOnly || text === ''}
        onClick={() => setIsSeen(!isSeen)}
      />
    </div>
  );
}
