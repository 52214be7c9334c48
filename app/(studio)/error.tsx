'use client';

// The same sentence, but inside the frame: the navigation stays.
export { default } from '../error';
