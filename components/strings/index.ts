import { canvas } from './canvas';
import { code } from './code';
import { common } from './common';
import { errors } from './errors';
import { nav } from './nav';
import { schemaForm } from './schema-form';
import { shell } from './shell';
import { status } from './status';
import { time } from './time';

/** All that the studio says, in English. One file per noun; add yours and its line here. */
export const strings = { canvas, code, common, errors, nav, schemaForm, shell, status, time } as const;
