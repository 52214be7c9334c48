import { createContext } from 'react';

/**
 * Below this zoom nobody can read a card or hit one of its ways out: it is drawn as a box. Text, icons and handles are
 * nearly all that a large workflow costs to draw and to keep up to date.
 */
export const readable = 0.4;

/** Whether the canvas is seen from further away than that. */
export const FarAway = createContext(false);
