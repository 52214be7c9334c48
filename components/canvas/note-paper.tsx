'use client';

import { NodeResizeControl, type NodeProps } from '@xyflow/react';
import { Pencil, Trash2 } from 'lucide-react';
import { memo, useContext, useState } from 'react';
import Markdown from 'react-markdown';
import { canvas as strings } from '../strings/canvas';
import type { NoteNode } from './decor';
import { LineEdits } from './transition-line';

/** A note on the canvas, in Markdown; a double click writes in it. */
export const NotePaper = memo(function NotePaper({ data }: NodeProps<NoteNode>) {
  const { note, editable } = data;
  const edits = useContext(LineEdits);
  const [writing, setWriting] = useState(note.text === '');
  return (
    <div className="canvas-note" onDoubleClick={() => (editable ? setWriting(true) : undefined)}>
      {writing && editable ? (
        <textarea
          autoFocus
          className="nodrag nowheel"
          aria-label={strings.noteText}
          placeholder={strings.noteHint}
          defaultValue={note.text}
          maxLength={10_000}
          onBlur={({ target }) => {
            setWriting(false);
            edits?.changeNote(note.id, { text: target.value });
          }}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === 'Escape') event.currentTarget.blur();
          }}
        />
      ) : (
        <div className="canvas-note-text">
          <Markdown skipHtml>{note.text}</Markdown>
        </div>
      )}
      {editable ? (
        <>
          <div className="canvas-note-tools nodrag">
            <button type="button" aria-label={strings.editNote} onClick={() => setWriting(true)}>
              <Pencil size={14} aria-hidden="true" />
            </button>
            <button
              type="button"
              aria-label={strings.removeNote}
              onClick={() => edits?.changeNote(note.id, null)}
            >
              <Trash2 size={14} aria-hidden="true" />
            </button>
          </div>
          <NodeResizeControl
            minWidth={120}
            minHeight={60}
            className="canvas-note-corner"
            onResizeEnd={(_, { width, height, x, y }) =>
              edits?.changeNote(note.id, { width: Math.round(width), height: Math.round(height), x, y })
            }
          />
        </>
      ) : null}
    </div>
  );
});
